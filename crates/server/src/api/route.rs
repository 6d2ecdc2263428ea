//! Routes: which call of the API a path and a method stand for.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use quintet_core::http::{Head, Response};
use quintet_core::{Error, Limits, limits};

use super::federation::Affair;
use super::{Desk, PREFIX, agents, documents, procedures, tokens, topics, users, workers};
use crate::edge::refusal;

/// A call of the API.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    ListUsers,
    AddUser,
    SetPassword(String),
    SetDisabled(String),
    IssueToken,
    IssueWorkerToken(String),
    EndWorkerTokens(String),
    Server,
    RootAgent,
    Export,
    Import,
    Procedures,
    Call(String),
    Publish,
    Tail,
    Affair(Affair),
}

impl Route {
    /// The call, or the response that says that there is none.
    pub(super) fn find(head: &Head) -> Result<Self, Response> {
        let path = head.path.strip_prefix(PREFIX).unwrap_or_default();
        let segments: Option<Vec<_>> = path.split('/').skip(1).map(decode).collect();
        let segments = segments.ok_or_else(|| refusal::response(400, "the path is not valid UTF-8"))?;
        let segments: Vec<_> = segments.iter().map(Cow::as_ref).collect();
        let (route, method) = match (segments.as_slice(), head.method.as_str()) {
            (["users"], "GET") => return Ok(Self::ListUsers),
            (["users"], method) => (Self::AddUser, allow(method, "POST", "GET, POST")),
            (["tokens"], method) => (Self::IssueToken, allow(method, "POST", "POST")),
            (["workers", name, "tokens"], "DELETE") => return Ok(Self::EndWorkerTokens((*name).to_owned())),
            (["workers", name, "tokens"], method) => {
                (Self::IssueWorkerToken((*name).to_owned()), allow(method, "POST", "POST, DELETE"))
            }
            (["server"], method) => (Self::Server, allow(method, "GET", "GET")),
            (["agents", "root"], method) => (Self::RootAgent, allow(method, "POST", "POST")),
            (["documents"], "GET") => return Ok(Self::Export),
            (["documents"], method) => (Self::Import, allow(method, "POST", "GET, POST")),
            (["procedures"], method) => (Self::Procedures, allow(method, "GET", "GET")),
            (["call", name], method) => (Self::Call((*name).to_owned()), allow(method, "POST", "POST")),
            (["publish"], method) => (Self::Publish, allow(method, "POST", "POST")),
            (["tail"], method) => (Self::Tail, allow(method, "GET", "GET")),
            (["users", name, "password"], method) => {
                (Self::SetPassword((*name).to_owned()), allow(method, "PUT", "PUT"))
            }
            (["users", name, "disabled"], method) => {
                (Self::SetDisabled((*name).to_owned()), allow(method, "PUT", "PUT"))
            }
            (others, method) => match Affair::find(others, method) {
                Some(Ok(affair)) => return Ok(Self::Affair(affair)),
                Some(Err(all)) => return Err(not_allowed(method, all)),
                None => return Err(refusal::response(404, "no such call; see the server API's documentation")),
            },
        };
        method.map(|()| route)
    }

    /// Does what is asked.
    pub(super) async fn answer(self, desk: &Desk<'_>, head: &Head, body: &Bytes) -> Result<Response, Error> {
        match self {
            Self::ListUsers => users::list(desk).await,
            Self::AddUser => users::add(desk, body).await,
            Self::SetPassword(name) => users::set_password(desk, &name, body).await,
            Self::SetDisabled(name) => users::set_disabled(desk, &name, body).await,
            Self::IssueToken => tokens::issue(desk, body).await,
            Self::IssueWorkerToken(name) => workers::issue(desk, &name, body).await,
            Self::EndWorkerTokens(name) => workers::end(desk, &name).await,
            Self::Server => agents::server(desk),
            Self::RootAgent => agents::root(desk, body).await,
            Self::Export => documents::export(desk, head).await,
            Self::Import => documents::import(desk, body).await,
            Self::Procedures => procedures::list(desk).await,
            Self::Call(name) => procedures::call(desk, &name, head, body).await,
            Self::Publish => topics::publish(desk, body),
            Self::Affair(affair) => affair.answer(desk, head, body).await,
            Self::Tail => Err(Error::unavailable("only a server that runs can be listened to")),
        }
    }
}

/// Refuses over the network what only the owner of the data may be told.
pub(super) fn check_network(head: &Head) -> Result<(), Error> {
    match Route::find(head) {
        Ok(Route::RootAgent) => Err(Error::forbidden(
            "the key of an agent is told only through the control socket: run the command on the server's own machine, \
             as the owner of its data directory",
        )),
        _ => Ok(()),
    }
}

/// The largest body of a call, in bytes. An import carries whole documents.
pub(super) fn body_bytes(head: &Head, limits: &Limits) -> usize {
    match Route::find(head) {
        Ok(Route::Import) => limits.body_bytes_size().saturating_add(limits::size(limits.document_bytes)),
        _ => limits.body_bytes_size(),
    }
}

fn decode(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

fn allow(method: &str, allowed: &str, all: &str) -> Result<(), Response> {
    if method == allowed { Ok(()) } else { Err(not_allowed(method, all)) }
}

fn not_allowed(method: &str, all: &str) -> Response {
    refusal::response(405, &format!("{method} is not allowed here; use {all}")).with_header("allow", all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &str, path: &str) -> Result<Route, u16> {
        let head = Head { method: method.to_owned(), path: format!("{PREFIX}{path}"), ..Head::default() };
        Route::find(&head).map_err(|response| response.status)
    }

    #[test]
    fn paths_and_methods_make_calls() {
        assert_eq!(find("GET", "/users"), Ok(Route::ListUsers));
        assert_eq!(find("POST", "/users"), Ok(Route::AddUser));
        assert_eq!(find("POST", "/tokens"), Ok(Route::IssueToken));
        assert_eq!(find("PUT", "/users/Zo%C3%AB%2F1/password"), Ok(Route::SetPassword("Zoë/1".to_owned())));
        assert_eq!(find("PUT", "/users/ann/disabled"), Ok(Route::SetDisabled("ann".to_owned())));
        assert_eq!(find("POST", "/workers/jac/tokens"), Ok(Route::IssueWorkerToken("jac".to_owned())));
        assert_eq!(find("DELETE", "/workers/jac/tokens"), Ok(Route::EndWorkerTokens("jac".to_owned())));
        assert_eq!(find("GET", "/server"), Ok(Route::Server));
        assert_eq!(find("POST", "/agents/root"), Ok(Route::RootAgent));
        assert_eq!(find("GET", "/documents"), Ok(Route::Export));
        assert_eq!(find("GET", "/procedures"), Ok(Route::Procedures));
        assert_eq!(find("POST", "/call/chat%3Asend"), Ok(Route::Call("chat:send".to_owned())));
        assert_eq!(find("POST", "/publish"), Ok(Route::Publish));
        assert_eq!(find("GET", "/tail"), Ok(Route::Tail));
        assert_eq!(find("POST", "/documents"), Ok(Route::Import));
        assert_eq!(
            find("GET", "/peers/127.0.0.1%3A8080"),
            Ok(Route::Affair(Affair::Peer("127.0.0.1:8080".to_owned())))
        );
    }

    #[test]
    fn others_are_told_why_not() {
        for (method, path, status) in [
            ("DELETE", "/users", 405),
            ("GET", "/tokens", 405),
            ("GET", "/workers/jac/tokens", 405),
            ("GET", "/agents/root", 405),
            ("GET", "/call/echo", 405),
            ("PATCH", "/peers", 405),
            ("GET", "/peers/b.example/whatever", 404),
            ("POST", "/call", 404),
            ("POST", "/tail", 405),
            ("DELETE", "/documents", 405),
            ("GET", "", 404),
            ("GET", "/", 404),
            ("GET", "/users/%FF/password", 400),
        ] {
            assert_eq!(find(method, path), Err(status), "{method} {path}");
        }
    }

    #[test]
    fn only_documents_may_be_large() {
        let limits = Limits::default();
        let head = |method: &str, path: &str| Head {
            method: method.to_owned(),
            path: format!("{PREFIX}{path}"),
            ..Head::default()
        };
        assert_eq!(body_bytes(&head("POST", "/users"), &limits), limits.body_bytes_size());
        assert!(body_bytes(&head("POST", "/documents"), &limits) > limits::size(limits.document_bytes));
        assert!(check_network(&head("POST", "/agents/root")).is_err());
        assert!(check_network(&head("POST", "/documents")).is_ok());
    }
}
