//! The Versia room against another server that says anything, whoever called whom.
#![no_main]

use quintet_core::{Limits, Origin};
use quintet_versia::{Options, Versia};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let options = Options { enabled: true, ..Options::default() };
    let room = Versia::new(&Origin("https://house.example".into()), &Limits::default(), options);
    quintet_fuzz::converse(&room, input);
    quintet_fuzz::call(&room, input);
});
