//! JSON-AD that says anything: made canonical, and checked against the vocabulary.
#![no_main]

use quintet_core::canonical::canonical;
use quintet_core::{Document, Subject};
use quintet_vocabulary::{Class, Property};
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    let form = canonical(&value);
    let again = serde_json::from_str(&form).expect("the canonical form is JSON");
    assert_eq!(canonical(&again), form, "the canonical form is its own");
    let Value::Object(properties) = value else { return };
    for (url, value) in &properties {
        let _ = quintet_vocabulary::property(url).map(|property| property.check(value));
    }
    let subject = Subject::parse("http://localhost:9883/any").expect("a subject");
    let document = Document { subject, properties };
    let _ = (Property::read(&document), Class::read(&document));
});
