//! An exchange: a plain HTTP request to a room, and its answer.

use std::time::Duration;

use hyper::body::Incoming;
use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::{Call, Dialect, Error};
use quintet_hub::{Caller, Hub};

use super::address::Source;
use super::{body, refusal};
use crate::connection::Receiving;

/// Reads the request, lets the room say what it means, and asks the hall; the body and the answer have `Limits::request_seconds` each, a large
/// body more. The call of a procedure has its own time.
pub(crate) async fn exchange(
    hub: &Hub,
    room: &dyn Dialect,
    head: Head,
    (body, mut receiving): (Incoming, Receiving),
    source: Source,
) -> Response {
    let patience = Duration::from_secs(hub.limits().request_seconds);
    let bound = room.body_bytes(&head, hub.limits());
    let body = match body::collect(body, bound, patience, |bytes| receiving.hold(bytes)).await {
        Ok(body) => body,
        Err(error) => return room.refusal(&head, &error),
    };
    let path = head.path.clone();
    let kept = head.clone();
    let exchange = match room.request(Request { head, body }) {
        Step::Reply(response) => return response,
        Step::Ask(exchange) => exchange,
    };
    let own_time = matches!(exchange.call, Call::Invoke(_));
    let answer = call(hub, room, exchange, source, &path);
    if own_time {
        return answer.await;
    }
    let answer = tokio::time::timeout(patience, answer).await;
    answer.unwrap_or_else(|_| room.refusal(&kept, &Error::unavailable("the request took too long")))
}

async fn call(hub: &Hub, room: &dyn Dialect, exchange: Exchange, source: Source, path: &str) -> Response {
    let identity = hub.identify_in(room, &exchange.credential);
    let admitted = identity.and_then(|identity| hub.admit(&identity).map(|()| identity));
    let answer = match admitted {
        Ok(identity) => {
            let Source { address, local, .. } = source;
            hub.call(&Caller { identity, via: room.name().into(), address, local, socket: false }, exchange.call).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = &answer {
        refusal::log(error, path);
    }
    (exchange.reply)(answer)
}
