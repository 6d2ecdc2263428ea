//! Topics, through the API: saying something, and hearing what is said.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::stream::unfold;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use quintet_core::http::{Head, Response};
use quintet_core::{Body, Error, Identity, Pattern, Topic, limits};
use quintet_hub::Hub;
use quintet_hub::listening::{Heard, Listening};
use tokio::sync::watch;

use super::Desk;
use super::told;
use super::wire::{Publish, check_depth, read};
use crate::edge::content::Content;
use crate::edge::reply::Reply;

/// So many bytes of lines go out at once, where so many wait.
const PIECE: usize = 64 * 1024;

/// `POST /publish`
pub(super) fn publish(desk: &Desk<'_>, body: &[u8]) -> Result<Response, Error> {
    let Publish { topic, payload, name } = read(body)?;
    check_depth(&payload)?;
    let name = name.as_deref().unwrap_or(&topic);
    let body = Body::Message { name: name.into(), payload: payload.get().into() };
    check_path(&topic)?;
    let topic = Topic::of_path(&topic);
    desk.hub.publish(&Identity::House, desk.caller.via.clone(), vec![topic], body)?;
    Ok(Response::empty(204))
}

/// `GET /tail`: what is said at the topics of a pattern from now on, a line for each, until the peer leaves or the server does. What waits for
/// a peer that is slow is bounded (`Limits::listener_events`); so that a peer that is gone is noticed, there is an empty line now and then.
pub(super) fn tail(hub: &Hub, head: &Head, draining: watch::Receiver<bool>) -> Result<Reply, Error> {
    let text = head.query_last("pattern");
    let text = text.ok_or_else(|| Error::bad_message("name what to listen to, as in ?pattern=room/*"))?;
    if text.len() > limits::size(hub.limits().topic_bytes) {
        return Err(Error::too_large(format!("a topic may have {} bytes at most", hub.limits().topic_bytes)));
    }
    check_path(&text)?;
    let pattern = Pattern::of_path(&text, false);
    let (listening, beat) = (hub.listen(pattern.clone()), Duration::from_secs(hub.limits().ping_seconds));
    let ear = Ear { listening, pattern, draining, beat };
    let mut reply = Reply::new(Content::lasting(unfold(ear, async |mut ear| Some((ear.next().await?, ear)))));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

/// Refuses a topic or pattern with an empty part: it is more likely a slip than meant.
fn check_path(text: &str) -> Result<(), Error> {
    if text.split('/').any(str::is_empty) {
        return Err(Error::bad_message(
            "a topic is made of parts joined by slashes, none of them empty, as in orders/17",
        ));
    }
    Ok(())
}

/// Somebody who listens through the API.
struct Ear {
    listening: Listening,
    pattern: Pattern,
    draining: watch::Receiver<bool>,
    /// How long it is silent at the most.
    beat: Duration,
}

impl Ear {
    /// The next lines; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let first = tokio::select! {
            biased;
            _ = self.draining.wait_for(|draining| *draining) => None,
            heard = self.listening.next() => heard,
            () = tokio::time::sleep(self.beat) => return Some(Bytes::from_static(b"\n")),
        };
        let mut lines = Vec::new();
        self.tell(&first?, &mut lines);
        while lines.len() < PIECE
            && let Some(Some(heard)) = self.listening.next().now_or_never()
        {
            self.tell(&heard, &mut lines);
        }
        Some(lines.into())
    }

    fn tell(&self, heard: &Heard, lines: &mut Vec<u8>) {
        match heard {
            Heard::Event(event) => {
                let topics = event.topics.iter().filter(|topic| self.pattern.matches(topic));
                topics.for_each(|topic| told::event(event, topic, lines));
            }
            Heard::Missed(count) => told::missed(*count, lines),
        }
    }
}
