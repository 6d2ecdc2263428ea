//! What a request asks of the hall, with the way back.

use quintet_core::http::Response;
use quintet_core::{Answer, Call, Error};
use serde::Serialize;

use crate::refusal::Refusal;
use crate::wire;

/// What to make of an answer. A plain function: all that a request says is in its call.
pub(super) type Reply = fn(Result<Answer, Error>) -> Result<Response, Refusal>;

/// A call, and what to make of its answer.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) reply: Reply,
}

impl Asked {
    pub(super) fn new(call: Call, reply: Reply) -> Self {
        Self { call, reply }
    }

    /// "Calls that return nothing have an empty body."
    pub(super) fn done(call: Call) -> Self {
        Self::new(call, |answer| match answer {
            Ok(Answer::Done) => Ok(Response::empty(200)),
            other => Err(Refusal::unexpected(other)),
        })
    }
}

/// "All success codes are **200** (also for creation and deletion)".
pub(super) fn ok(object: &impl Serialize) -> Result<Response, Refusal> {
    Ok(Response::json(200, wire::json(object)))
}

/// The same for an array.
pub(super) fn ok_all<'a, T: 'a, O: From<&'a T> + Serialize>(list: &'a [T]) -> Result<Response, Refusal> {
    ok(&list.iter().map(O::from).collect::<Vec<_>>())
}
