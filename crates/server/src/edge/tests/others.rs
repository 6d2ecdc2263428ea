//! Two servers, one of which calls the other; their room says hello by name.

use std::sync::Arc;
use std::time::Duration;

use quintet_core::dialect::Dialing;
use quintet_core::federation::host::Reach;
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::telling::{Letterhead, Posting};
use quintet_core::federation::{
    Federation, Form, Host, Inquiry, Parcel, PeerProfile, Question, Receipt, Tale, Target, Telling,
};
use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Input, Kind, Origin, Session, Timestamp};
use quintet_hub::federation::Carrier as _;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::house::{Heard, Wish, connect};
use super::sockets::open;
use crate::edge::dial::Dialer;
use crate::gate::Gate;
use crate::gate::resolver::System;
use crate::serve::Running;
use crate::trust;

const SOCKET: &str = "/peers";
const PROTOCOL: &str = "peers.v1";
const OFFER: &str = "sec-websocket-protocol: peers.v1\r\n";

/// A room for other houses. What its sessions hear, the test hears.
struct Peers {
    host: Host,
    heard: Sender<String>,
}

/// Says back what it hears, once.
struct Mouth(Sender<String>);

impl Session for Mouth {
    fn handle(&mut self, input: Input<'_>, _: Timestamp, actions: &mut Vec<Action>) {
        if let Input::Text(text) = input {
            self.0.try_send(text.to_owned()).unwrap();
            if !text.ends_with('!') {
                actions.push(Action::Send(Frame::text(&format!("{text}!"))));
            }
        }
    }
}

impl Dialect for Peers {
    fn name(&self) -> &'static str {
        "peers"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[SOCKET]
    }

    fn serves(&self, _: &str) -> bool {
        false
    }

    fn subprotocol(&self, offered: &[&str]) -> Option<&'static str> {
        offered.contains(&PROTOCOL).then_some(PROTOCOL)
    }

    fn subprotocols(&self) -> &'static [&'static str] {
        &[PROTOCOL]
    }

    fn message_bytes(&self) -> usize {
        1 << 20
    }

    fn is_guarded(&self) -> bool {
        true
    }

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        actions.push(Action::CloseAfter(Duration::from_secs(10), 4408, "no hello in time"));
        Ok(Box::new(Mouth(self.heard.clone())))
    }

    fn dial(&self, call: Dialing<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        assert_eq!(call.subprotocol, Some(PROTOCOL));
        actions.push(Action::Send(Frame::text(&format!("hello {}", call.host))));
        Ok(Box::new(Mouth(self.heard.clone())))
    }

    fn federation(&self) -> Option<Arc<dyn Federation>> {
        Some(Arc::new(Silent(self.host.clone())))
    }

    fn render(&self, _: &Event, _: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, _: Request) -> Step {
        Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _: &Head, error: &Error) -> Response {
        Response::json(error.status(), format!("{:?}", error.public()))
    }
}

/// A house that has an address, and nothing to say.
struct Silent(Host);

impl Federation for Silent {
    fn host(&self) -> Option<&Host> {
        Some(&self.0)
    }

    fn inquire(&self, _: Question) -> Box<dyn Inquiry> {
        unreachable!("nobody asks")
    }

    fn tell(&self, _: &Tale<'_>, _: Form) -> Option<Telling> {
        None
    }

    fn letterhead(&self, _: &PeerProfile, _: Option<&str>, _: &Telling, _: Timestamp) -> Letterhead {
        unreachable!("nothing is told")
    }

    fn posting(&self, _: &PeerProfile, _: Option<&str>, _: Form, _: &Parcel) -> Posting {
        unreachable!("nothing is told")
    }

    fn receipt(&self, status: u16, _: &[(String, String)], _: &[u8]) -> Receipt {
        Receipt::of(status)
    }

    fn sign_fetch(&self, _: &Fetch, _: Timestamp) -> Letterhead {
        unreachable!("nobody asks")
    }

    fn headers(&self, _: &Letterhead, _: Timestamp, _: &[u8; 64]) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn target(&self, _: &str) -> Result<Target, Error> {
        Err(Error::not_found("nothing here"))
    }

    fn spell(&self, _: &Target) -> String {
        String::new()
    }
}

/// A server with such a room, and what that hears.
async fn serve(set: impl FnOnce(&mut Wish)) -> (Running, Receiver<String>) {
    let (heard, hearing) = channel(16);
    let host = Host::parse("127.0.0.1:1", Reach::Loopback).unwrap();
    let mut wish = Wish { rooms: vec![Arc::new(Peers { host, heard })], ..Wish::default() };
    wish.config.federation.loopback = true;
    set(&mut wish);
    (wish.serve().await, hearing)
}

fn dialer(from: &Running) -> Dialer {
    let (hub, limits) = (from.hub(), from.door().limits());
    let tls = trust::client(rustls::RootCertStore::empty());
    let gate = Gate::new(limits, Reach::Loopback, Arc::new(System::new(4)), tls);
    Dialer::new(gate, hub, Arc::clone(from.door().lobby().connections()))
}

fn host(of: &Running) -> Host {
    Host::parse(&of.address().to_string(), Reach::Loopback).unwrap()
}

async fn call(from: &Running, to: &Running) -> Result<(), Error> {
    let host = host(to);
    dialer(from).dial(&host, &format!("ws://{host}{SOCKET}")).await.map(drop)
}

#[tokio::test]
async fn two_servers_talk_and_say_goodbye() {
    let (a, mut at_a) = serve(|_| {}).await;
    let (b, mut at_b) = serve(|_| {}).await;
    call(&a, &b).await.unwrap();
    let hello = format!("hello {}", host(&b));
    assert_eq!(at_b.recv().await.unwrap(), hello);
    assert_eq!(at_a.recv().await.unwrap(), format!("{hello}!"));
    let count = |running: &Running| running.door().lobby().connections().count();
    assert_eq!((count(&a), count(&b)), (1, 1));
    a.shutdown().await;
    b.door().seats().empty().await;
    b.shutdown().await;
}

#[tokio::test]
async fn whoever_is_shutting_down_calls_nobody() {
    let (a, _at_a) = serve(|_| {}).await;
    let (b, _at_b) = serve(|_| {}).await;
    a.door().lobby().connections().drain().await;
    assert_eq!(call(&a, &b).await.unwrap_err().kind(), Kind::Unavailable);
    b.door().lobby().connections().drain().await;
    let (c, _at_c) = serve(|_| {}).await;
    let refused = call(&c, &b).await.unwrap_err();
    assert_eq!((refused.kind(), refused.status()), (Kind::Unavailable, 503));
}

#[tokio::test]
async fn an_endpoint_of_another_host_is_not_called() {
    let (a, _at_a) = serve(|_| {}).await;
    let (b, mut at_b) = serve(|_| {}).await;
    let (b_host, other) = (host(&b), Host::parse("127.0.0.1:1", Reach::Loopback).unwrap());
    let there = format!("ws://{b_host}{SOCKET}");
    assert_eq!(dialer(&a).dial(&other, &there).await.unwrap_err().kind(), Kind::Forbidden);
    for endpoint in [format!("{there}?x"), format!("http://{b_host}{SOCKET}"), format!("ws://u@{b_host}{SOCKET}")] {
        assert_eq!(dialer(&a).dial(&b_host, &endpoint).await.unwrap_err().kind(), Kind::Forbidden, "{endpoint}");
    }
    assert!(at_b.try_recv().is_err());
    assert_eq!(b.door().seats().taken(), 0);
}

#[tokio::test]
async fn what_is_no_socket_is_told_with_its_status() {
    let (a, _at_a) = serve(|_| {}).await;
    let (b, _at_b) = serve(|_| {}).await;
    let host = host(&b);
    let refused = dialer(&a).dial(&host, &format!("ws://{host}/healthz")).await.unwrap_err();
    assert_eq!((refused.kind(), refused.status()), (Kind::Unavailable, 403), "{refused}");
    // Nobody listens there any more.
    b.shutdown().await;
    let refused = dialer(&a).dial(&host, &format!("ws://{host}{SOCKET}")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn strangers_are_bounded_by_address_also_on_this_machine() {
    let (b, _at_b) = serve(|wish| wish.config.limits.address_strangers = 2).await;
    let (first, status) = open(&b, SOCKET, OFFER).await;
    assert_eq!(status, 101);
    let (_second, status) = open(&b, SOCKET, OFFER).await;
    assert_eq!(status, 101);
    assert_eq!(refusal(&b, OFFER).await.header("retry-after"), Some("10"));
    let (a, _at_a) = serve(|_| {}).await;
    let refused = call(&a, &b).await.unwrap_err();
    assert_eq!(
        (refused.status(), refused.data().map(serde_json::value::RawValue::get)),
        (503, Some(r#"{"retryAfter":10}"#))
    );
    drop(first);
    // The seat is free when the connection has ended.
    while b.door().seats().taken() > 1 {
        tokio::task::yield_now().await;
    }
    let (_third, status) = open(&b, SOCKET, OFFER).await;
    assert_eq!(status, 101);
    // Other rooms have no such bound.
    assert_eq!(open(&b, "/websocket", "").await.1, 101);
}

#[tokio::test]
async fn strangers_are_bounded_in_all() {
    let (b, _at_b) = serve(|wish| wish.config.limits.strangers = 1).await;
    let (_first, status) = open(&b, SOCKET, OFFER).await;
    assert_eq!((status, open(&b, SOCKET, OFFER).await.1), (101, 503));
}

#[tokio::test]
async fn a_guarded_room_wants_its_sub_protocol() {
    let (b, _at_b) = serve(|_| {}).await;
    for offer in ["", "sec-websocket-protocol: peers.v2, other\r\n"] {
        let refused = refusal(&b, offer).await;
        assert_eq!((refused.status, refused.header("content-type")), (400, Some("application/json")), "{offer}");
        assert!(refused.body.contains("peers.v1"), "{}", refused.body);
    }
}

/// What a knock is answered that is refused.
async fn refusal(running: &Running, headers: &str) -> Heard {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = connect(running).await;
    let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let text = format!("GET {SOCKET} HTTP/1.1\r\nhost: x\r\n{upgrade}{headers}\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        heard.push(stream.read_u8().await.unwrap());
    }
    let head = Heard::read(&String::from_utf8_lossy(&heard));
    let length = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    heard.extend(body);
    Heard::read(&String::from_utf8_lossy(&heard))
}
