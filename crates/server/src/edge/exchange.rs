//! An exchange: a plain HTTP request to a room, and its answer.

use std::net::IpAddr;
use std::time::Duration;

use hyper::body::Incoming;
use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::{Dialect, Error};
use quintet_hub::{Caller, Hub};

use super::{body, refusal};
use crate::connection::Receiving;

/// Reads the request, lets the room say what it means, and asks the hall; all within `Limits::request_seconds`.
pub(crate) async fn exchange(
    hub: &Hub,
    room: &dyn Dialect,
    head: Head,
    body: (Incoming, Receiving),
    address: IpAddr,
) -> Response {
    let patience = Duration::from_secs(hub.limits().request_seconds);
    let kept = head.clone();
    let answer = tokio::time::timeout(patience, ask(hub, room, head, body, address)).await;
    answer.unwrap_or_else(|_| room.refusal(&kept, &Error::unavailable("the request took too long")))
}

async fn ask(
    hub: &Hub,
    room: &dyn Dialect,
    mut head: Head,
    (body, mut receiving): (Incoming, Receiving),
    address: IpAddr,
) -> Response {
    if head.method == "HEAD" {
        // Answered as a GET; its body never goes out.
        "GET".clone_into(&mut head.method);
    }
    let bound = room.body_bytes(&head, hub.limits());
    let body = match body::collect(body, bound, |bytes| receiving.hold(bytes)).await {
        Ok(body) => body,
        Err(error) => return room.refusal(&head, &error),
    };
    let path = head.path.clone();
    match room.request(Request { head, body }) {
        Step::Reply(response) => response,
        Step::Ask(exchange) => call(hub, room.name(), exchange, address, &path).await,
    }
}

async fn call(hub: &Hub, via: &'static str, exchange: Exchange, address: IpAddr, path: &str) -> Response {
    let identity = hub.identify(&exchange.credential);
    let admitted = identity.and_then(|identity| hub.admit(&identity).map(|()| identity));
    let answer = match admitted {
        Ok(identity) => hub.call(&Caller { identity, via: via.into(), address }, exchange.call).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &answer {
        refusal::log(error, path);
    }
    (exchange.reply)(answer)
}
