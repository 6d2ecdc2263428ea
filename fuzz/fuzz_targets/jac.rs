//! The Jac room against a peer that says anything.
#![no_main]

use std::sync::Arc;

use quintet_fuzz::NoProcedures;
use quintet_jac::Jac;

libfuzzer_sys::fuzz_target!(|input: &[u8]| quintet_fuzz::converse(&Jac::new(1_024, Arc::new(NoProcedures)), input));
