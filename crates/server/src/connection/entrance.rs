//! An entrance: how a peer that has knocked gets into one of the rooms at its path.

use std::net::IpAddr;
use std::sync::Arc;

use quintet_core::http::{Head, Response};
use quintet_core::{Action, Credential, Dialect, Error, Hello, Identity, Input, Session};
use quintet_hub::Hub;

use super::hall::Attached;
use super::outlet::Line;
use super::side::Seated;

/// A peer at the door: what it shows, and where it comes from.
pub(super) struct Entrance {
    pub(super) hub: Arc<Hub>,
    pub(super) head: Head,
    pub(super) address: IpAddr,
    pub(super) local: bool,
}

/// What a room makes of a peer, and who that is.
pub(super) struct Welcome {
    session: Box<dyn Session>,
    actions: Vec<Action>,
    identity: Identity,
}

/// Which of several rooms speaks with a peer.
pub(super) struct Chosen {
    /// By its place among the hub's dialects; `None` where the first message is to tell.
    pub(super) room: Option<usize>,
    /// The sub-protocol that is agreed upon.
    pub(super) protocol: Option<&'static str>,
}

/// Chooses by the sub-protocols that a peer offers; a room that is alone at its path needs none. `BadMessage` where a guarded room wants one.
pub(super) fn choose(dialects: &[Arc<dyn Dialect>], rooms: &[usize], offered: &[&str]) -> Result<Chosen, Error> {
    let spoken = rooms.iter().find_map(|room| Some((*room, dialects[*room].subprotocol(offered)?)));
    if let Some((room, protocol)) = spoken {
        return Ok(Chosen { room: Some(room), protocol: Some(protocol) });
    }
    if let Some(wanted) = rooms.iter().find_map(|room| wanted(&*dialects[*room])) {
        let wanted = wanted.join(" or ");
        return Err(Error::bad_message(format!("offer the sub-protocol {wanted} in sec-websocket-protocol")));
    }
    let only = if let [only] = rooms { Some(*only) } else { None };
    Ok(Chosen { room: only, protocol: None })
}

/// The sub-protocols without which a room lets nobody in.
fn wanted(room: &dyn Dialect) -> Option<&'static [&'static str]> {
    (room.is_guarded() && !room.subprotocols().is_empty()).then(|| room.subprotocols())
}

/// Chooses by a peer's first message, in the order of the rooms; what nobody recognizes is the first one's.
fn recognize(dialects: &[Arc<dyn Dialect>], rooms: &[usize], first: &Input<'_>) -> Option<usize> {
    let recognized = rooms.iter().find(|room| dialects[**room].recognizes(first));
    recognized.or(rooms.first()).copied()
}

impl Entrance {
    /// Lets the peer in, as who it shows to be in this room's words.
    pub(super) fn open(&self, room: usize) -> Result<Welcome, Error> {
        let room = &*self.hub.dialects()[room];
        let identity = self.hub.identify_in(room, &room.credential(&self.head));
        let who = identity.as_ref().map_or(Identity::Public, Identity::clone);
        let mut actions = Vec::new();
        let hello = Hello { head: &self.head, identity, fresh: [fresh()?, fresh()?], now: self.hub.now() };
        let session = room.open(hello, &mut actions)?;
        Ok(Welcome { session, actions, identity: who })
    }

    /// Gives a peer that was let in its place in the hall; from now on it hears.
    pub(super) fn seat(&self, room: usize, welcome: Welcome, line: &Arc<Line>) -> Seated<Attached> {
        let from = (self.address, self.local);
        let attachment = self.hub.attach(Arc::clone(line) as _, room, welcome.identity, from);
        let hall = Attached { hub: Arc::clone(&self.hub), attachment };
        Seated { hall, session: welcome.session, actions: welcome.actions }
    }

    /// Refuses who shows, in the words of one of the rooms, something that does not hold: no other room would have it shown.
    pub(super) fn check(&self, rooms: &[usize]) -> Result<(), Response> {
        for room in rooms {
            let dialect = &self.hub.dialects()[*room];
            if dialect.credential(&self.head) != Credential::None {
                self.open(*room).map_err(|error| dialect.refusal(&self.head, &error))?;
            }
        }
        Ok(())
    }

    /// Chooses a room by the peer's first message, and lets it in there. `TooLarge` for a message that is beyond the room's `bound`.
    pub(super) fn admit(
        &self,
        rooms: &[usize],
        first: &Input<'_>,
        line: &Arc<Line>,
        bound: &impl Fn(usize) -> usize,
    ) -> Result<Seated<Attached>, Error> {
        let room = recognize(self.hub.dialects(), rooms, first);
        let room = room.ok_or_else(|| Error::not_found("there is no room at this path"))?;
        let length = match first {
            Input::Text(text) => text.len(),
            Input::Binary(bytes) => bytes.len(),
            _ => 0,
        };
        if length > bound(room) {
            return Err(Error::too_large("message too large"));
        }
        line.choose(room);
        let welcome = self.open(room)?;
        Ok(self.seat(room, welcome, line))
    }
}

/// Randomness for a room.
pub(super) fn fresh() -> Result<u128, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(u128::from_ne_bytes(bytes))
}
