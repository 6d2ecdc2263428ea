//! From a socket that we opened to a connection like any other.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::upgrade::Upgraded;
use quintet_core::dialect::Dialing;
use quintet_core::federation::Host;
use quintet_core::{Error, Identity};
use quintet_hub::Hub;
use quintet_hub::federation::Dialed;

use super::entrance::fresh;
use super::hall::Attached;
use super::outlet::Line;
use super::registry::Connections;
use super::side::Seated;
use super::upgrade::{Arrival, begin};
use super::wire::Stream;
use crate::websocket::Decoder;

/// A house that let us in.
pub(crate) struct Call<'a> {
    /// Which.
    pub(crate) host: &'a Host,
    /// At which URL.
    pub(crate) endpoint: &'a str,
    /// The room that speaks there, by its place among the hub's dialects.
    pub(crate) room: usize,
    /// The sub-protocol that was agreed upon.
    pub(crate) subprotocol: Option<&'a str>,
}

/// Has the room's session speak at a socket that was opened, in a task of its own. `Unavailable` while draining.
///
/// The HTTP connection must have been made over a `TokioIo` around a [`Stream`].
pub(crate) fn call(
    call: &Call<'_>,
    upgraded: Upgraded,
    hub: &Arc<Hub>,
    connections: &Arc<Connections>,
) -> Result<Dialed, Error> {
    let (stream, read_ahead) =
        Stream::within(upgraded).ok_or_else(|| Error::internal("the upgraded socket is of an unknown kind"))?;
    let address = stream.socket().peer_addr().map_err(Error::internal)?.ip();
    let line = Arc::new(Line::outgoing(call.room, Arc::clone(&connections.ledger)));
    let leaving = || Error::unavailable("this server is shutting down and calls nobody");
    let mut place = connections.join(&line).ok_or_else(leaving)?;
    let (held, dialed) = Dialed::new();
    place.seat = Some(Box::new(held));
    let side = begin(seat(call, &line, address, hub)?, &line, None);
    let decoder = Decoder::of_server(connections.bounds(call.room));
    Arrival { side, line, decoder, place }.sit(stream, &read_ahead);
    Ok(dialed)
}

/// Nobody in particular, until the session has shown who it is and has seen who the other is.
fn seat(call: &Call<'_>, line: &Arc<Line>, address: IpAddr, hub: &Arc<Hub>) -> Result<Seated<Attached>, Error> {
    let mut actions = Vec::new();
    let dialing = Dialing {
        host: call.host,
        endpoint: call.endpoint,
        subprotocol: call.subprotocol,
        fresh: [fresh()?, fresh()?],
        now: hub.now(),
    };
    let session = hub.dialects()[call.room].dial(dialing, &mut actions)?;
    let attachment = hub.attach(Arc::clone(line) as _, call.room, Identity::Public, (address, false));
    Ok(Seated { hall: Attached { hub: Arc::clone(hub), attachment }, session, actions })
}
