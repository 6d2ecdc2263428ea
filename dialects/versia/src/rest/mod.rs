//! HTTP: what peers ask for and post (versia.md, section 3).

use std::sync::Arc;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{Error, Limits};

use crate::house::House;

/// Whether this room answers requests to a path.
pub(crate) fn serves(_path: &str) -> bool {
    false
}

/// The largest body of a request.
pub(crate) fn body_bytes(_head: &Head, limits: &Limits) -> usize {
    quintet_core::limits::size(limits.entity_bytes)
}

/// Answers a request.
pub(crate) fn request(_house: &Arc<House>, request: Request) -> Step {
    Step::Reply(refusal(&request.head, &Error::not_found("nothing is here")))
}

/// An error as a response (versia.md, section 3.4).
pub(crate) fn refusal(_head: &Head, error: &Error) -> Response {
    let body = serde_json::json!({ "error": error.public() });
    Response::json(error.status(), body.to_string())
}
