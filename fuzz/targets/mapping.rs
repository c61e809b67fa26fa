//! See `skuery_fuzz::mapping`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| skuery_fuzz::mapping::run(data));
