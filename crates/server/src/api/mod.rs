//! The server API: what back-ends and the command line ask of a running server, under `/quintet/v1`.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `GET /users` | | array of users |
//! | `POST /users` | `{username \| email, password}` | user, 201 |
//! | `PUT /users/{username}/password` | `{password}` | 204 |
//! | `PUT /users/{username}/disabled` | `{disabled}` | 204 |
//! | `POST /tokens` | `{username, ttl_seconds?, create?}` | `{token, expires_at, user}` |
//! | `POST /workers/{name}/tokens` | `{ttl_seconds?}` or nothing | `{token, worker}`: a token for workers, which holds until it is ended |
//! | `DELETE /workers/{name}/tokens` | | 204: all tokens of that name have ended, and its connections |
//! | `GET /server` | | `{origin}` |
//! | `POST /agents/root` | `{username?}` | `{username, subject, public_key, private_key}`; through the control socket only |
//! | `GET /documents?after=` | | `{documents, next}`: a page of JSON-AD objects, and what to ask for the next one |
//! | `POST /documents` | `{documents}` | `{imported, refused: [{subject, reason}]}` |
//!
//! A user is `{id, username, nickname, disabled, online, created_at}`; times are milliseconds since the Unix epoch.
//! Errors are `{status, error, message}`. Over the network a call needs `Authorization: Bearer <key>` with one of the
//! configured keys; the control socket needs none, its file permissions say who may. Keys of agents do not expire, so
//! they never travel over the network.

mod agents;
mod documents;
mod key;
mod route;
mod tokens;
mod users;
mod wire;
mod workers;

use std::net::IpAddr;
use std::time::Duration;

use hyper::body::Incoming;
use quintet_core::http::{Head, Request, Response};
use quintet_core::{Answer, Call, Error, Identity};
use quintet_hub::{Caller, Hub};

use crate::config::Api;
use crate::edge::{body, refusal};
use route::Route;

/// Where it lives.
const PREFIX: &str = "/quintet/v1";

/// Is this path one of its?
pub(crate) fn serves(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request from the network, if it shows a key.
pub(crate) async fn over_network(hub: &Hub, api: &Api, head: Head, body: Incoming, address: IpAddr) -> Response {
    match key::check(api, &head).and_then(|()| route::check_network(&head)) {
        Ok(()) => read_and_answer(hub, head, body, address).await,
        Err(error) => refusal::of(&error),
    }
}

/// Answers a request from somebody who may do everything.
pub(crate) async fn read_and_answer(hub: &Hub, head: Head, body: Incoming, address: IpAddr) -> Response {
    // Only those who may do everything come here: there is no share to hold them to.
    let patience = Duration::from_secs(hub.limits().request_seconds);
    match body::collect(body, route::body_bytes(&head, hub.limits()), patience, |_| true).await {
        Ok(body) => answer(hub, Request { head, body }, address).await,
        Err(error) => refusal::of(&error),
    }
}

/// Answers a request from somebody who may do everything, as the house itself. `address` is where it came from.
pub async fn answer(hub: &Hub, request: Request, address: IpAddr) -> Response {
    let path = request.head.path.clone();
    // The house may do everything wherever it is asked from.
    let caller = Caller { identity: Identity::House, via: "api".into(), address, local: false };
    let house = Desk { hub, caller };
    let answered = match Route::find(&request.head) {
        Ok(route) => route.answer(&house, &request.head, &request.body).await,
        Err(missing) => return missing,
    };
    answered.unwrap_or_else(|error| {
        refusal::log(&error, &path);
        refusal::of(&error)
    })
}

/// Where the API asks the hall.
struct Desk<'a> {
    hub: &'a Hub,
    caller: Caller,
}

impl Desk<'_> {
    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        self.hub.call(&self.caller, call).await
    }
}

/// An answer to another question than was asked: a fault of ours.
fn unexpected(answer: &Answer) -> Error {
    Error::internal(format!("unexpected answer: {:?}", std::mem::discriminant(answer)))
}
