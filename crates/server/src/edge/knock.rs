//! A knock: a request that wants to become a WebSocket.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use quintet_core::http::Response;
use quintet_core::{Error, http::Head};
use quintet_hub::Hub;

use super::Seats;
use super::address::Source;
use super::door::Peer;
use super::head::head_of;
use super::reply::{Reply, from_plain};
use crate::connection::{Connections, Settings, upgrade};

/// Where WebSockets are let in.
pub(crate) struct Lobby {
    rooms: HashMap<&'static str, usize>,
    connections: Arc<Connections>,
}

/// Who knocks.
pub(crate) struct Visitor {
    /// The connection.
    pub(crate) peer: Peer,
    /// Where it comes from.
    pub(crate) source: Source,
    /// At which room, by its place among the hub's dialects.
    pub(crate) room: usize,
}

impl Lobby {
    /// Nobody in it yet. Of two rooms that want the same path, the first has it.
    pub(crate) fn new(hub: &Hub, settings: Settings) -> Self {
        let dialects = hub.dialects();
        let mut rooms = HashMap::new();
        for (index, dialect) in dialects.iter().enumerate() {
            for path in dialect.sockets() {
                rooms.entry(*path).or_insert(index);
            }
        }
        Self { rooms, connections: Connections::new(hub.limits(), dialects, settings) }
    }

    /// The room whose socket is at this exact path.
    pub(crate) fn room_at(&self, path: &str) -> Option<usize> {
        self.rooms.get(path).copied()
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
        let head = head_of(&request);
        let opened = self.open(hub, seats, visitor, &head, &mut request);
        match opened {
            Ok(switching) => switching.map(|()| http_body_util::Full::default()),
            Err(refusal) => from_plain(refusal),
        }
    }

    fn open(
        &self,
        hub: &Arc<Hub>,
        seats: &Arc<Seats>,
        visitor: Visitor,
        head: &Head,
        request: &mut Request<Incoming>,
    ) -> Result<hyper::Response<()>, Response> {
        let Visitor { peer, source, room } = visitor;
        let behind = source.proxied.then(|| seats.take_behind_proxy(source.address)).transpose().map_err(|_| {
            let crowd = Error::unavailable("too many connections from this address; close some first");
            hub.dialects()[room].refusal(head, &crowd)
        })?;
        upgrade(request, head, room, source.address, hub, &self.connections, Some(Box::new((peer.seat, behind))))
    }
}
