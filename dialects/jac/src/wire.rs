//! What goes over the wire, one file per noun.

pub(crate) mod account;
pub(crate) mod connection;
pub(crate) mod event;

use serde::Serialize;

/// A message as compact JSON.
pub(crate) fn write(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("wire types hold only text, numbers and maps with text keys")
}

/// A notification: what happened, and what is known of it.
#[derive(Serialize)]
pub(crate) struct Told<T> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) data: T,
}
