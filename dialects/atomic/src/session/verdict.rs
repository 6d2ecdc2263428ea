//! What becomes of a `COMMIT` over the socket: `COMMITTED` or `REJECTED`.

use quintet_core::commit::Unverified;
use quintet_core::{Answer, Error, Frame, Origin, term};
use serde_json::{Map, Value};

use crate::refusal;
use crate::wire::{message, told};

/// Base64 of 64 bytes.
const SIGNATURE_BYTES: usize = 88;

/// Reads a commit; `Err` is the `REJECTED` that answers what is none.
pub(super) fn read(json: &str, origin: &Origin) -> Result<Unverified, Frame> {
    Unverified::parse(json, origin).map_err(|error| {
        let members: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
        let signature = members.get(term::SIGNATURE).and_then(Value::as_str);
        let signature = signature.map(|signature| message::clip(signature, SIGNATURE_BYTES));
        rejected(signature.as_deref(), &error)
    })
}

/// What the hall said of the commit with this signature.
pub(super) fn on(signature: &str, answer: Result<Answer, Error>) -> Frame {
    match answer {
        Ok(Answer::Committed { commit, position }) => told::committed(&commit, position),
        Ok(other) => rejected(Some(signature), &Error::internal(format!("a commit was answered with {other:?}"))),
        Err(error) => rejected(Some(signature), &error),
    }
}

/// Status and text are those that `POST /commit` gives.
fn rejected(signature: Option<&str>, error: &Error) -> Frame {
    told::rejected(signature, refusal::status(error.kind()), &refusal::text(error))
}
