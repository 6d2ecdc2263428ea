//! The Flamigo room and the workers' entrance against a peer that says anything.
#![no_main]

use quintet_core::Limits;
use quintet_flamigo::{Flamigo, Options, Workers};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (limits, options) = (Limits::default(), Options::default());
    quintet_fuzz::converse(&Flamigo::new(&limits, options), input);
    quintet_fuzz::converse(&Workers::new(&limits, options), input);
});
