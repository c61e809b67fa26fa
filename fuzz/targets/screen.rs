//! See `skuery_fuzz::screen`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| skuery_fuzz::screen::run(data));
