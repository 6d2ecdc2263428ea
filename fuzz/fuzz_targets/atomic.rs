//! The Atomic room against a peer that says anything.
#![no_main]

use quintet_atomic::Atomic;
use quintet_core::{Limits, Origin};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let room = Atomic::new(Origin("http://localhost:9883".into()), &Limits::default());
    quintet_fuzz::converse(&room, input);
});
