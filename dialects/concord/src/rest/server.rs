//! The server record.

use quintet_core::{Answer, Call};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok};
use crate::rest::asking::Asking;
use crate::wire::server::ServerObject;

/// `GET /api/server`
pub(super) fn get(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Server, |answer| match answer {
        Ok(Answer::Server(server)) => ok(&ServerObject::from(&server)),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `PATCH /api/server` and `POST /api/server/icon`: "501".
pub(super) fn not_implemented(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Err(Refusal::not_implemented())
}
