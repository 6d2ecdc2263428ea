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
//! | `GET /procedures` | | array of procedures |
//! | `POST /call/{name}?as=` | the payload: any JSON; nothing is null | what the procedure answers, with its status; as the house, or as the user of this name |
//! | `POST /publish` | `{topic, payload?, name?}` | 204 |
//! | `GET /follows?as=` | | `{following, followers}`: arrays of follows |
//! | `POST /follows?as=` | `{whom}`: `name@host`, or a URL | follow |
//! | `DELETE /follows/{whom}?as=` | | follow |
//! | `PUT /followers/{who}?as=` | `{accept}` | follow |
//! | `POST /notes?as=` | `{content, to?: "public" \| "followers" \| "mentioned", group?, reply_to?}` | note, 201 |
//! | `PUT /notes/{id}?as=` | `{content}` | note |
//! | `DELETE /notes/{id}?as=` | | 204 |
//! | `PUT`, `DELETE /notes/{id or URL}/reactions/{reaction}?as=` | | 204 |
//! | `GET /timeline?as=&before=&limit=` | | `{entities, next}`: what those say whom the user follows, or what mentions or answers it, the newest first |
//! | `GET /entities?host=&before=&limit=` | | `{entities, next}`: everything that came |
//! | `PUT /rooms/{id or name}/federated` | `{federated}` | `{id, name, federated, url}` |
//! | `GET /peers` | | array of peers |
//! | `GET /peers/{host}` | | peer |
//! | `PUT /peers/{host}/standing` | `{standing: "neutral" \| "allowed" \| "blocked"}` | 204 |
//! | `POST /peers/{host}/retry` | | `{requeued}` |
//! | `DELETE /peers/{host}/keys` | | 204 |
//! | `GET /dead-letters?host=` | | array of `{id, host, type, queued_at, attempts, error, text}` |
//! | `POST /keys/rotate` | | 204: new keys for federation |
//! | `GET /tail?pattern=` | | JSON lines, as long as both stay: `{topic, name, payload, position, at, author, via}`, or `{missed}`: so many were lost just here; empty lines say nothing |
//!
//! A procedure is `{name, kind, owner, description, claims, idempotent, interface, runners, calls, running, errors, p50_ms, p99_ms}`.
//! A follow is `{follower, followee, state}`, a note `{id, url, author, content, to, group, mentions, reply_to, created_at, edited}`, an entity
//! `{id, host, type, url, actor, author, chat, received_at, signature, text}`, a peer `{host, standing, state, sockets, waiting, oldest, dead_letters, last_error, next_try, key, software, heard_at, reached_at, dead_since}`.
//! What is under `?as=` is done as that user; `docs/guides/federation.md` shows each.
//! A topic is text whose parts are joined by slashes; in a pattern, which is a prefix, `*` stands for one part.
//!
//! A user is `{id, username, nickname, disabled, online, created_at}`; times are milliseconds since the Unix epoch.
//! Errors are `{status, error, message}`, and `fieldErrors: [{field, error}]` where single fields of a payload are wrong. Over the network a call needs `Authorization: Bearer <key>` with one of the
//! configured keys; the control socket needs none, its file permissions say who may. Keys of agents do not expire, so
//! they never travel over the network.

mod agents;
mod documents;
mod federation;
mod key;
mod procedures;
mod route;
mod tokens;
mod told;
mod topics;
mod users;
mod wire;
mod workers;

use std::net::IpAddr;
use std::time::Duration;

use hyper::body::Incoming;
use quintet_core::http::{Head, Request, Response};
use quintet_core::{Answer, Call, Error, Identity};
use quintet_hub::{Caller, Hub};
use tokio::sync::watch;

use crate::config::Api;
use crate::edge::reply::{Reply, from_plain};
use crate::edge::{body, refusal};
use route::Route;

/// Where it lives.
const PREFIX: &str = "/quintet/v1";

/// Is this path one of its?
pub(crate) fn serves(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A request to the API, and whoever answers it.
pub(crate) struct Visit<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) head: Head,
    pub(crate) body: Incoming,
    /// Where it came from.
    pub(crate) address: IpAddr,
    /// Becomes true when the server goes.
    pub(crate) draining: watch::Receiver<bool>,
}

/// Answers a request from the network, if it shows a key.
pub(crate) async fn over_network(api: &Api, visit: Visit<'_>) -> Reply {
    match key::check(api, &visit.head).and_then(|()| route::check_network(&visit.head)) {
        Ok(()) => read_and_answer(visit).await,
        Err(error) => from_plain(refusal::of(&error)),
    }
}

/// Answers a request from somebody who may do everything.
pub(crate) async fn read_and_answer(visit: Visit<'_>) -> Reply {
    let Visit { hub, head, body, address, draining } = visit;
    if let Ok(Route::Tail) = Route::find(&head) {
        return topics::tail(hub, &head, draining).unwrap_or_else(|error| from_plain(refusal::of(&error)));
    }
    from_plain(read_whole(hub, head, body, address).await)
}

async fn read_whole(hub: &Hub, head: Head, body: Incoming, address: IpAddr) -> Response {
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
    let caller = Caller { identity: Identity::House, via: "api".into(), address, local: false, socket: false };
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

    /// Somebody to ask as: the user of this name, with or without the house's own behind it.
    fn acting(&self, username: &str) -> Result<Caller, Error> {
        let own =
            self.hub.federation().ok().and_then(|it| username.strip_suffix(it.host().as_str())?.strip_suffix('@'));
        let identity = self.hub.user_named(username).or_else(|| self.hub.user_named(own?));
        let identity = identity.ok_or_else(|| Error::not_found(format!("there is no user \"{username}\"")))?;
        Ok(Caller { identity, ..self.caller.clone() })
    }
}

/// An answer to another question than was asked: a fault of ours.
fn unexpected(answer: &Answer) -> Error {
    Error::internal(format!("unexpected answer: {:?}", std::mem::discriminant(answer)))
}
