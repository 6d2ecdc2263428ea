//! Workers, through the API: their tokens.

use std::time::Duration;

use quintet_core::http::Response;
use quintet_core::{Answer, Call, Error};

use super::wire::{IssueWorkerToken, WorkerTokenView, read, reply};
use super::{Desk, unexpected};

/// `POST /workers/{name}/tokens`
pub(super) async fn issue(desk: &Desk<'_>, name: &str, body: &[u8]) -> Result<Response, Error> {
    let asked: IssueWorkerToken = if body.is_empty() { IssueWorkerToken::default() } else { read(body)? };
    let call = Call::IssueWorkerToken { name: name.to_owned(), ttl: asked.ttl_seconds.map(Duration::from_secs) };
    match desk.ask(call).await? {
        Answer::WorkerToken(token) => reply(200, &WorkerTokenView { token: token.expose(), worker: name }),
        other => Err(unexpected(&other)),
    }
}

/// `DELETE /workers/{name}/tokens`
pub(super) async fn end(desk: &Desk<'_>, name: &str) -> Result<Response, Error> {
    desk.ask(Call::EndWorkerTokens(name.to_owned())).await?;
    Ok(Response::empty(204))
}
