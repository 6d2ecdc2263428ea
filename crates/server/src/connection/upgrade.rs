//! From an HTTP request to an open socket.

use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::Bytes;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use quintet_core::http::{Head, Response as Refusal};
use quintet_core::limits::size;
use quintet_core::{Action, Dialect, Error, Hello, Identity, Limits, Session};
use quintet_hub::Hub;

use super::closing::Ears;
use super::echo;
use super::hall::Attached;
use super::outlet::Line;
use super::rate::Pace;
use super::registry::{Connections, Place, Seat};
use super::scratch::Scratch;
use super::talk::{Talk, flush};
use super::task::{Connection, Held};
use super::wire::Stream;
use crate::websocket::deflate::{Agreement, agree};
use crate::websocket::{Bounds, Decoder, handshake};

/// Answers a request at one of the paths of [`Dialect::sockets`]: `101` and a connection that begins when hyper lets go
/// of the socket, or the refusal that is to be sent instead.
///
/// `head` is that of the same request, `address` the peer's. The HTTP connection must be served with upgrades, over a
/// `TokioIo` around a `TcpStream` or a `tokio_rustls` server stream. The connection keeps `seat` until it ends.
///
/// The peer listens before it is told `101`, so that it hears whatever is said after that.
pub fn upgrade<B>(
    request: &mut Request<B>,
    head: &Head,
    dialect: usize,
    address: IpAddr,
    hub: &Arc<Hub>,
    connections: &Arc<Connections>,
    seat: Option<Seat>,
) -> Result<Response<()>, Refusal> {
    let room = &hub.dialects()[dialect];
    let accept = handshake::accept(request.method(), request.version(), request.headers())
        .map_err(|refusal| refuse(&**room, head, refusal))?;
    let (session, actions, identity) = open(&**room, head, hub).map_err(|error| room.refusal(head, &error))?;
    let agreement = agreement(&**room, request.headers(), connections);
    let line = Arc::new(Line::new(dialect, agreement, Arc::clone(&connections.ledger)));
    let Some(mut place) = connections.join(&line) else {
        return Err(room.refusal(head, &Error::unavailable("server is shutting down, connect again")));
    };
    place.seat = seat;
    let attachment = hub.attach(Arc::clone(&line) as _, dialect, identity, address);
    let hall = Attached { hub: Arc::clone(hub), attachment };
    let decoder = Decoder::new(bounds(&**room, &connections.limits), agreement.is_some());
    let arrival = Arrival { talk: begin_talk(Talk::new(session, hall), actions, &line), line, decoder, place };
    seat_when_free(hyper::upgrade::on(request), arrival);
    Ok(switching(&accept, agreement))
}

/// A peer that listens already, and has no socket yet.
struct Arrival {
    talk: Talk<Attached>,
    line: Arc<Line>,
    decoder: Decoder,
    place: Place,
}

/// Does what the session said when it was opened. What it says to the peer goes ahead of everything else.
fn begin_talk(mut talk: Talk<Attached>, actions: Vec<Action>, line: &Line) -> Talk<Attached> {
    // Nobody waits yet: the connection's task asks again for whatever is not ready here.
    let mut nobody = Context::from_waker(Waker::noop());
    Scratch::lend(|scratch| {
        scratch.work.actions = actions;
        talk.perform(line, &mut scratch.work, &mut nobody);
        flush(line, &mut scratch.work);
    });
    talk
}

impl Arrival {
    /// Runs the connection, in a task of its own. `read_ahead` is what was read of it already.
    fn sit(self, stream: Stream, read_ahead: &Bytes) {
        // Frames are written whole; waiting to fill packets would only delay them. A socket that is gone will tell.
        let _ = stream.socket().set_nodelay(true);
        let (socket, wire) = stream.split();
        self.line.begin(socket);
        tokio::spawn(Connection {
            line: self.line,
            wire,
            decoder: self.decoder,
            talk: Some(self.talk),
            held: Held::from(read_ahead.to_vec()),
            pace: Pace::default(),
            receiving: self.place.connections.receiving(),
            ears: Ears::default(),
            closing: None,
            place: self.place,
        });
    }
}

fn refuse(room: &dyn Dialect, head: &Head, refusal: handshake::Refusal) -> Refusal {
    match refusal {
        handshake::Refusal::Method => Refusal::empty(405).with_header("allow", "GET"),
        handshake::Refusal::Version => Refusal::empty(426)
            .with_header("upgrade", "websocket")
            .with_header("connection", "upgrade")
            .with_header("sec-websocket-version", handshake::VERSION),
        handshake::Refusal::NotUpgrade => {
            room.refusal(head, &Error::bad_message("this path takes WebSocket connections only, ask for an upgrade"))
        }
        handshake::Refusal::Key => {
            room.refusal(head, &Error::bad_message("sec-websocket-key must be 16 bytes in base64, once"))
        }
    }
}

/// What a room makes of a peer, and who that is.
type Welcome = (Box<dyn Session>, Vec<Action>, Identity);

/// Lets a peer in, as who it shows to be.
fn open(room: &dyn Dialect, head: &Head, hub: &Hub) -> Result<Welcome, Error> {
    let identity = hub.identify(&room.credential(head));
    let who = identity.as_ref().map_or(Identity::Public, Identity::clone);
    let mut actions = Vec::new();
    let hello = Hello { head, identity, fresh: [fresh()?, fresh()?], now: hub.now() };
    let session = room.open(hello, &mut actions)?;
    Ok((session, actions, who))
}

fn fresh() -> Result<u128, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(u128::from_ne_bytes(bytes))
}

fn agreement(room: &dyn Dialect, headers: &HeaderMap, connections: &Connections) -> Option<Agreement> {
    if !connections.settings.compression && room.name() != echo::NAME {
        return None;
    }
    agree(headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter().filter_map(|value| value.to_str().ok()))
}

fn switching(accept: &str, agreement: Option<Agreement>) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, value(accept));
    if let Some(agreement) = agreement {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, value(&agreement.header()));
    }
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("base64 and our own words are visible ASCII")
}

/// Waits until hyper lets go of the socket. The connection gets a fresh task, so that all memory of the handshake ends
/// with this one.
fn seat_when_free(upgrade: OnUpgrade, arrival: Arrival) {
    tokio::spawn(async move {
        match upgrade.await.map(Stream::under) {
            Ok(Some((stream, read_ahead))) => arrival.sit(stream, &read_ahead),
            Ok(None) => tracing::error!("the upgraded socket is of an unknown kind"),
            Err(error) => tracing::debug!(%error, "peer left during its upgrade"),
        }
    });
}

fn bounds(room: &dyn Dialect, limits: &Limits) -> Bounds {
    Bounds {
        message_bytes: room.message_bytes().min(size(limits.message_bytes)),
        message_frames: u32::try_from(limits.message_fragments).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::super::echo::Echo;
    use super::*;

    #[test]
    fn refusals_tell_what_is_missing() {
        for (refusal, status, header) in [
            (handshake::Refusal::Method, 405, Some(("allow", "GET"))),
            (handshake::Refusal::NotUpgrade, 400, None),
            (handshake::Refusal::Version, 426, Some(("sec-websocket-version", "13"))),
            (handshake::Refusal::Key, 400, None),
        ] {
            let response = refuse(&Echo, &Head::default(), refusal);
            assert_eq!(response.status, status);
            if let Some((name, value)) = header {
                assert!(response.headers.contains(&(name, value.to_owned())), "{refusal:?}");
            }
        }
    }

    #[test]
    fn the_answer_says_what_was_agreed_upon() {
        let agreement = agree(["permessage-deflate; server_max_window_bits=10"]);
        let response = switching("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", agreement);
        assert_eq!(response.status(), 101);
        assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let extensions = response.headers()["sec-websocket-extensions"].to_str().unwrap();
        assert!(extensions.ends_with("server_max_window_bits=10"));
        assert!(!switching("x", None).headers().contains_key("sec-websocket-extensions"));
    }

    #[test]
    fn a_room_may_bound_messages_further() {
        let limits = Limits { message_bytes: 1 << 10, ..Limits::default() };
        assert_eq!(bounds(&Echo, &limits).message_bytes, 1 << 10);
        assert_eq!(bounds(&Echo, &Limits { message_bytes: 1 << 30, ..limits }).message_bytes, 16 << 20);
    }
}
