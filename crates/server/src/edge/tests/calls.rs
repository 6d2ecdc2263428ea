//! Requests that call procedures.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::procedure::{Invocation, Offer};
use quintet_core::{Action, Call, Credential, Dialect, Error, Event, Frame, Hello, Identity, Origin, Session};
use quintet_hub::{Attachment, Outlet};
use serde_json::value::RawValue;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Duration, Instant};

use super::house::{Wish, ask, connect};
use crate::serve::Running;

/// A room whose only request calls the procedure `slow`.
struct Counter;

impl Dialect for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[]
    }

    fn serves(&self, path: &str) -> bool {
        path == "/slow"
    }

    fn message_bytes(&self) -> usize {
        0
    }

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, _: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::not_found("nobody opens this"))
    }

    fn render(&self, _: &Event, _: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, _: Request) -> Step {
        let payload = RawValue::from_string("null".into()).unwrap();
        let invocation = Invocation { name: "slow".into(), payload, connection: None, extra: None };
        Step::Ask(Exchange {
            credential: Credential::None,
            call: Call::Invoke(Box::new(invocation)),
            reply: Box::new(|answer| Response::empty(answer.map_or_else(|error| error.status(), |_| 200))),
        })
    }

    fn refusal(&self, _: &Head, error: &Error) -> Response {
        Response::empty(error.status())
    }
}

/// A way out that leads nowhere.
struct Nowhere;

impl Outlet for Nowhere {
    fn write(&self, _: &[Bytes]) {}

    fn compressed(&self) -> bool {
        false
    }

    fn close(&self, _: u16, _: &str) {}
}

/// A server with a worker that never answers; a call may take so many seconds.
async fn serve(seconds: u64) -> (Running, Attachment) {
    let running = Wish { rooms: vec![Arc::new(Counter)], ..Wish::default() }.serve().await;
    let from = (IpAddr::from([127, 0, 0, 1]), true);
    let mut worker = running.door().hub().attach(Arc::new(Nowhere), 0, Identity::Worker("w".into()), from);
    let timeout = Some(Duration::from_secs(seconds));
    worker.offer(vec![Offer { claims: Vec::new(), timeout, ..Offer::new("slow") }], 1).unwrap();
    (running, worker)
}

#[tokio::test(start_paused = true)]
async fn a_call_has_its_own_time_whatever_that_of_requests_is() {
    for seconds in [5, 100] {
        let (running, _worker) = serve(seconds).await;
        let begun = Instant::now();
        assert_eq!(ask(&running, "POST /slow", "content-length: 0\r\n").await.status, 504);
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
}

#[tokio::test]
async fn who_hangs_up_cancels_its_call() {
    let (running, mut worker) = serve(3_600).await;
    let mut stream = connect(&running).await;
    stream.write_all(b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let mut told = Vec::new();
    for _ in 0..2 {
        let errand = std::future::poll_fn(|cx| worker.poll_errand(cx)).await;
        told.push(matches!(errand, quintet_hub::procedures::Errand::Do(..)));
        // After the first, nobody is interested any more.
        stream.shutdown().await.unwrap();
    }
    assert_eq!(told, [true, false]);
}
