//! What goes over the wire, one file per noun.

pub(crate) mod command;
pub(crate) mod return_address;

use serde::Serialize;

/// A payload as compact JSON.
pub(crate) fn write(payload: &impl Serialize) -> String {
    serde_json::to_string(payload).expect("wire types hold only text, numbers, raw JSON and maps with text keys")
}
