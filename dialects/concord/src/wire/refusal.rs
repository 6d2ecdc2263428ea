//! What REST says when it does not do something.

use serde::Serialize;

use crate::wire::procedure::FieldError;

/// "**Take:** always a JSON object with `status`, `error`, `message`, `path`".
#[derive(Serialize)]
pub(crate) struct ErrorBody<'a> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Its reason phrase.
    pub(crate) error: &'static str,
    /// What to do about it.
    pub(crate) message: &'a str,
    /// The path that was asked for, without the query: that may hold a token.
    pub(crate) path: &'a str,
    /// Ours, where a procedure names fields of its payload.
    #[serde(rename = "fieldErrors", skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) field_errors: &'a [FieldError],
}
