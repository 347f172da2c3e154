#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cooee_fuzz::watch::run(input));
