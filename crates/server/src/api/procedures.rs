//! Procedures, through the API: which there are, and calling them.

use bytes::Bytes;
use quintet_core::http::{Head, Response};
use quintet_core::procedure::{Invocation, Outcome};
use quintet_core::{Answer, Call, Error};
use serde_json::value::RawValue;

use super::wire::{ProcedureView, check_depth, read, reply};
use super::{Desk, unexpected};

/// `GET /procedures`
pub(super) async fn list(desk: &Desk<'_>) -> Result<Response, Error> {
    match desk.ask(Call::Procedures).await? {
        Answer::Procedures(reports) => reply(200, &reports.iter().map(ProcedureView::from).collect::<Vec<_>>()),
        other => Err(unexpected(&other)),
    }
}

/// `POST /call/{name}`: as the house, or as a user. A time-out is the procedure's own.
pub(super) async fn call(desk: &Desk<'_>, name: &str, head: &Head, body: &[u8]) -> Result<Response, Error> {
    let payload = if body.is_empty() { RawValue::NULL.to_owned() } else { read(body)? };
    check_depth(&payload)?;
    let invocation = Invocation { name: name.into(), payload, connection: None, extra: None };
    let call = Call::Invoke(Box::new(invocation));
    let answer = match head.query_last("as") {
        Some(username) => desk.hub.call(&desk.acting(&username)?, call).await?,
        None => desk.ask(call).await?,
    };
    match answer {
        Answer::Outcome(outcome) => Ok(response(&outcome)),
        other => Err(unexpected(&other)),
    }
}

/// 204 and 205 have no body (RFC 9110, sections 15.3.5 and 15.3.6).
fn response(outcome: &Outcome) -> Response {
    match outcome.status {
        204 | 205 => Response::empty(outcome.status),
        status => Response::json(status, Bytes::copy_from_slice(outcome.payload.get().as_bytes())),
    }
}
