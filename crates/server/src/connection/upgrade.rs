//! From an HTTP request to an open socket.

use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::Bytes;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use quintet_core::http::{Head, Response as Refusal};
use quintet_core::{Dialect, Error};
use quintet_hub::Hub;

use super::closing::Ears;
use super::echo;
use super::entrance::{Chosen, Entrance, choose};
use super::hall::Attached;
use super::outlet::Line;
use super::registry::{Connections, Place, Seat};
use super::scratch::Scratch;
use super::side::{Seated, Side};
use super::talk::flush;
use super::task::{Connection, Held};
use super::tempo::Tempo;
use super::wire::Stream;
use crate::edge::Full;
use crate::websocket::deflate::{Agreement, agree};
use crate::websocket::{Bounds, Decoder, handshake};

/// Who knocks at a socket.
pub struct Knock {
    /// The rooms at this path, by their places among the hub's dialects; not none.
    pub rooms: Vec<usize>,
    /// The request.
    pub head: Head,
    /// Where it comes from.
    pub address: IpAddr,
    /// From this very machine, as [`quintet_hub::Caller::local`] says.
    pub local: bool,
    /// Kept until the connection ends.
    pub seat: Option<Seat>,
}

/// Answers a request at one of the paths of [`quintet_core::Dialect::sockets`]: `101` and a connection that begins when hyper lets go
/// of the socket, or the refusal that is to be sent instead.
///
/// The HTTP connection must be served with upgrades, over a `TokioIo` around a `Paced` `TcpStream` or `tokio_rustls` server stream.
///
/// The peer listens before it is told `101`, so that it hears whatever is said after that; where several rooms share the path and none is
/// chosen by a sub-protocol, it listens when its first message has told which it wants.
pub fn upgrade<B>(
    request: &mut Request<B>,
    knock: Knock,
    hub: &Arc<Hub>,
    connections: &Arc<Connections>,
) -> Result<Response<()>, Refusal> {
    let Knock { rooms, head, address, local, seat } = knock;
    let dialects = hub.dialects();
    let chosen = choose(dialects, &rooms, &handshake::offered(request.headers()));
    // Until one is chosen, the first speaks for all.
    let speaker = chosen.as_ref().ok().and_then(|chosen| chosen.room).unwrap_or(rooms[0]);
    let accept = handshake::accept(request.method(), request.version(), request.headers())
        .map_err(|refusal| refuse(&*dialects[speaker], &head, refusal))?;
    let Chosen { room, protocol } = chosen.map_err(|error| dialects[speaker].refusal(&head, &error))?;
    let stranger = dialects[speaker].is_guarded().then(|| connections.strangers.take(Some(address)));
    let stranger = stranger.transpose().map_err(|full| crowded(&*dialects[speaker], &head, full, connections))?;
    let entrance = Entrance { hub: Arc::clone(hub), head, address, local };
    let refusal = |error: &Error| dialects[speaker].refusal(&entrance.head, error);
    let welcome = room.map(|room| entrance.open(room)).transpose().map_err(|error| refusal(&error))?;
    if room.is_none() {
        entrance.check(&rooms)?;
    }
    let agreement = agreement(&*dialects[speaker], request.headers(), connections);
    let line = Arc::new(Line::new(speaker, agreement, Arc::clone(&connections.ledger)));
    let Some(mut place) = connections.join(&line) else {
        return Err(refusal(&Error::unavailable("server is shutting down, connect again")));
    };
    place.seat = seat;
    let decoder = Decoder::new(bounds(connections, room, &rooms), agreement.is_some());
    let side = if let Some(welcome) = welcome {
        let stranger = stranger.map(|seat| Box::new(seat) as Seat);
        begin(entrance.seat(speaker, welcome, &line), &line, stranger)
    } else {
        let connections = Arc::clone(connections);
        let bound = move |room| connections.bounds(room).message_bytes;
        Side::Lobby(Box::new(move |first, line| entrance.admit(&rooms, first, line, &bound)))
    };
    seat_when_free(hyper::upgrade::on(request), Arrival { side, line, decoder, place });
    Ok(switching(&accept, agreement, protocol))
}

/// The bounds of the room, or the widest of those that it may be: the first message is measured again by the room that it chooses.
fn bounds(connections: &Connections, room: Option<usize>, rooms: &[usize]) -> Bounds {
    let widest = || rooms.iter().copied().max_by_key(|room| connections.bounds(*room).message_bytes);
    connections.bounds(room.or_else(widest).unwrap_or_default())
}

/// Refuses somebody new because of those who have not said who they are.
fn crowded(room: &dyn Dialect, head: &Head, full: Full, connections: &Connections) -> Refusal {
    let whose = if full == Full::Address { "from this address " } else { "" };
    let error = format!("too many connections {whose}have not said who they are; try again when they have");
    let wait = connections.limits.hello_seconds.to_string();
    room.refusal(head, &Error::unavailable(error)).with_header("retry-after", wait)
}

/// A connection that has no socket yet.
pub(super) struct Arrival {
    pub(super) side: Side<Attached>,
    pub(super) line: Arc<Line>,
    pub(super) decoder: Decoder,
    pub(super) place: Place,
}

/// Does what the session said when it was opened. What it says to the peer goes ahead of everything else.
pub(super) fn begin(seated: Seated<Attached>, line: &Line, stranger: Option<Seat>) -> Side<Attached> {
    // Nobody waits yet: the connection's task asks again for whatever is not ready here.
    let mut nobody = Context::from_waker(Waker::noop());
    Scratch::lend(|scratch| {
        let mut talk = seated.begin(line, &mut scratch.work, &mut nobody);
        talk.seat_stranger(stranger);
        flush(line, &mut scratch.work);
        Side::Room(talk)
    })
}

impl Arrival {
    /// Runs the connection, in a task of its own. `read_ahead` is what was read of it already.
    pub(super) fn sit(self, stream: Stream, read_ahead: &Bytes) {
        // Frames are written whole; waiting to fill packets would only delay them. A socket that is gone will tell.
        let _ = stream.socket().set_nodelay(true);
        let (socket, wire) = stream.split();
        self.line.begin(socket);
        tokio::spawn(Connection {
            line: self.line,
            wire,
            decoder: self.decoder,
            side: self.side,
            held: Held::from(read_ahead.to_vec()),
            tempo: Tempo::default(),
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
        handshake::Refusal::NotUpgrade => room
            .refusal(head, &Error::bad_message("this path takes WebSocket connections only, ask for an upgrade"))
            .with_header("sec-websocket-version", handshake::VERSION),
        handshake::Refusal::Key => room
            .refusal(head, &Error::bad_message("sec-websocket-key must be 16 bytes in base64, once"))
            .with_header("sec-websocket-version", handshake::VERSION),
    }
}

fn agreement(room: &dyn Dialect, headers: &HeaderMap, connections: &Connections) -> Option<Agreement> {
    if !connections.settings.compression && room.name() != echo::NAME {
        return None;
    }
    agree(headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter().filter_map(|value| value.to_str().ok()))
}

fn switching(accept: &str, agreement: Option<Agreement>, protocol: Option<&'static str>) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, value(accept));
    if let Some(agreement) = agreement {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, value(&agreement.header()));
    }
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
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

#[cfg(test)]
mod tests {
    use super::super::echo::Echo;
    use super::*;

    #[test]
    fn refusals_tell_what_is_missing() {
        for (refusal, status, header) in [
            (handshake::Refusal::Method, 405, Some(("allow", "GET"))),
            (handshake::Refusal::NotUpgrade, 400, Some(("sec-websocket-version", "13"))),
            (handshake::Refusal::Version, 426, Some(("sec-websocket-version", "13"))),
            (handshake::Refusal::Key, 400, Some(("sec-websocket-version", "13"))),
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
        let response = switching("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", agreement, Some("chat"));
        assert_eq!(response.status(), 101);
        assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let extensions = response.headers()["sec-websocket-extensions"].to_str().unwrap();
        assert!(extensions.ends_with("server_max_window_bits=10"));
        assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
        let plain = switching("x", None, None);
        assert!(!plain.headers().contains_key("sec-websocket-extensions"));
        assert!(!plain.headers().contains_key("sec-websocket-protocol"));
    }
}
