//! See `skuery_fuzz::cursor`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| skuery_fuzz::cursor::run(data));
