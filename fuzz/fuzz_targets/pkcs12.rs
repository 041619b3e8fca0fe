#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| msal_wasi::fuzzing::pkcs12(input));
