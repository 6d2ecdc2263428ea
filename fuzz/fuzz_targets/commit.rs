//! A posted commit that says anything: read, made canonical, applied, stored, and read back.
#![no_main]

use quintet_core::canonical::canonical;
use quintet_core::commit::Unverified;
use quintet_core::{Commit, Origin, Properties};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let origin = Origin("http://localhost:9883".into());
    let Ok(posted) = Unverified::parse(text, &origin) else { return };
    let again = Unverified::parse(&posted.commit.json, &origin).expect("what is stored can be posted again");
    assert_eq!(again.signed, posted.signed, "the stored commit is signed by the same signature");
    assert_eq!(Commit::parse_stored(&posted.commit.json).expect("what is stored can be read"), *posted.commit);
    let signed = serde_json::from_str(&posted.signed).expect("the canonical form is JSON");
    assert_eq!(canonical(&signed), posted.signed, "the canonical form is its own");
    if let Ok(Some(state)) = posted.commit.apply(Properties::new()) {
        let _ = posted.commit.apply(state);
    }
});
