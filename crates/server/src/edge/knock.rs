//! A knock: a request that wants to become a WebSocket.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use quintet_core::Error;
use quintet_core::http::Response;
use quintet_hub::Hub;

use super::Seats;
use super::address::Source;
use super::door::Peer;
use super::head::head_of;
use super::reply::{Reply, from_plain};
use crate::connection::{Connections, Knock, Settings, upgrade};

/// Where WebSockets are let in.
pub(crate) struct Lobby {
    /// The rooms at each path, in their order.
    rooms: HashMap<&'static str, Vec<usize>>,
    connections: Arc<Connections>,
}

/// Who knocks.
pub(crate) struct Visitor {
    /// The connection.
    pub(crate) peer: Peer,
    /// Where it comes from.
    pub(crate) source: Source,
    /// At which rooms, by their places among the hub's dialects.
    pub(crate) rooms: Vec<usize>,
}

impl Lobby {
    /// Nobody in it yet.
    pub(crate) fn new(hub: &Hub, settings: Settings) -> Self {
        let dialects = hub.dialects();
        let mut rooms: HashMap<_, Vec<_>> = HashMap::new();
        for (index, dialect) in dialects.iter().enumerate() {
            for path in dialect.sockets() {
                rooms.entry(*path).or_default().push(index);
            }
        }
        Self { rooms, connections: Connections::new(hub.limits(), dialects, settings) }
    }

    /// The rooms whose socket is at this exact path, in their order.
    pub(crate) fn rooms_at(&self, path: &str) -> &[usize] {
        self.rooms.get(path).map_or(&[], Vec::as_slice)
    }

    /// The open WebSockets.
    pub(crate) fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }

    /// Lets the visitor in, who keeps its seat until it leaves, or refuses in the room's own words.
    pub(crate) fn knock(
        &self,
        hub: &Arc<Hub>,
        seats: &Arc<Seats>,
        visitor: Visitor,
        mut request: Request<Incoming>,
    ) -> Reply {
        match self.open(hub, seats, visitor, &mut request) {
            Ok(switching) => switching.map(|()| bytes::Bytes::new().into()),
            Err(refusal) => from_plain(refusal),
        }
    }

    fn open(
        &self,
        hub: &Arc<Hub>,
        seats: &Arc<Seats>,
        visitor: Visitor,
        request: &mut Request<Incoming>,
    ) -> Result<hyper::Response<()>, Response> {
        let Visitor { peer, source, rooms } = visitor;
        let head = head_of(request);
        let behind = source.proxied.then(|| seats.take_behind_proxy(source.address)).transpose().map_err(|_| {
            let crowd = Error::unavailable("too many connections from this address; close some first");
            hub.dialects()[rooms[0]].refusal(&head, &crowd)
        })?;
        let Source { address, local, .. } = source;
        let knock = Knock { rooms, head, address, local, seat: Some(Box::new((peer.seat, behind))) };
        upgrade(request, knock, hub, &self.connections)
    }
}
