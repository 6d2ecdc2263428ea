//! Procedures to try a connection with.

use quintet_core::procedure::Outcome;
use quintet_core::{Error, Kind};
use serde_json::value::RawValue;

/// The same value.
pub(super) fn echo(payload: &RawValue) -> Outcome {
    Outcome::ok(payload.to_owned())
}

/// Status 418.
pub(super) fn fail() -> Error {
    Error::new(Kind::BadMessage, "this procedure always fails").with_status(418)
}
