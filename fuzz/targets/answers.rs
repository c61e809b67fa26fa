//! See `skuery_fuzz::answers`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| skuery_fuzz::answers::run(data));
