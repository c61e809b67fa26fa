//! See `skuery_fuzz::plan`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| skuery_fuzz::plan::run(data));
