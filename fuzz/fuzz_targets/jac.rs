//! The Jac room against a peer that says anything.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| quintet_fuzz::converse(&quintet_jac::Jac::new(1_024), input));
