#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cooee_fuzz::over_v6::run(input));
