//! Where one user is on one dialect, and since when.

use std::collections::{HashMap, HashSet};
use std::mem;

use quintet_core::{Id, Pattern, Timestamp, Topic};

/// Where a user is on one dialect.
#[derive(Default)]
pub(super) struct Spots {
    pub(super) everywhere: Option<Stay>,
    pub(super) rooms: HashMap<Id, Stay>,
    /// Where it already was when it came to be everywhere, and went on being without a gap.
    pub(super) earlier: HashMap<Id, Timestamp>,
    /// Where its joining was told of.
    pub(super) told: HashSet<Id>,
}

/// So many connections.
pub(super) struct Stay {
    pub(super) count: u32,
    pub(super) since: Timestamp,
}

/// A stay everywhere that has ended: since when it was, and where already before that.
pub(super) struct Past {
    since: Timestamp,
    pub(super) earlier: HashMap<Id, Timestamp>,
}

impl Spots {
    /// The rooms with listeners by name in which this is.
    pub(super) fn present(&self, named: &HashMap<Id, u32>) -> Vec<Id> {
        named.keys().filter(|room| self.everywhere.is_some() || self.rooms.contains_key(room)).copied().collect()
    }

    /// Since when this is in a room.
    pub(super) fn since(&self, room: Id) -> Option<Timestamp> {
        let everywhere = self.everywhere.as_ref().map(|stay| first(&self.earlier, room, stay.since));
        everywhere.into_iter().chain(self.rooms.get(&room).map(|stay| stay.since)).min()
    }

    /// One connection less; tells what has ended with the last.
    pub(super) fn leave_everywhere(&mut self) -> Option<Past> {
        let since = count_down_stay(self.everywhere.as_mut()?)?;
        self.everywhere = None;
        Some(Past { since, earlier: mem::take(&mut self.earlier) })
    }

    /// One connection less; tells since when this was there, with the last.
    pub(super) fn leave_room(&mut self, room: Id) -> Option<Timestamp> {
        let since = count_down_stay(self.rooms.get_mut(&room)?)?;
        self.rooms.remove(&room);
        Some(since)
    }

    /// The same user was in this room since then, and goes on by this, if this is there.
    pub(super) fn go_on_in(&mut self, room: Id, since: Timestamp) {
        if let Some(stay) = self.rooms.get_mut(&room) {
            stay.since = stay.since.min(since);
        }
        // Only what began before is kept: so there is never more of it than there were stays at once.
        if self.everywhere.as_ref().is_some_and(|stay| since < stay.since) {
            let earlier = self.earlier.entry(room).or_insert(since);
            *earlier = since.min(*earlier);
        }
    }

    /// The same user was everywhere, and goes on by this.
    pub(super) fn go_on(&mut self, past: &Past) {
        for (room, stay) in &mut self.rooms {
            stay.since = stay.since.min(first(&past.earlier, *room, past.since));
        }
        if let Some(stay) = &mut self.everywhere {
            stay.since = stay.since.min(past.since);
            past.earlier.iter().for_each(|(room, since)| self.go_on_in(*room, *since));
        }
    }

    /// The rooms with listeners by name in which this is not by name itself.
    pub(super) fn absent(&self, named: &HashMap<Id, u32>) -> Vec<Id> {
        named.keys().filter(|room| !self.rooms.contains_key(room)).copied().collect()
    }
}

/// Takes one connection off a stay; tells when it had begun, if that was the last.
fn count_down_stay(stay: &mut Stay) -> Option<Timestamp> {
    stay.count -= 1;
    (stay.count == 0).then_some(stay.since)
}

/// Since when somebody is in a room who is everywhere since then, and was there perhaps before.
fn first(earlier: &HashMap<Id, Timestamp>, room: Id, since: Timestamp) -> Timestamp {
    earlier.get(&room).map_or(since, |earlier| since.min(*earlier))
}

/// The room whose document is heard at a topic.
fn room_document(topic: &Topic) -> Option<Id> {
    topic.as_str().strip_prefix("resource/room/")?.parse().ok()
}

/// What a pattern means for attendance.
pub(super) enum Spot {
    Everywhere,
    Room(Id),
    Elsewhere,
}

impl Spot {
    pub(super) fn of(pattern: &Pattern) -> Self {
        let path = pattern.path();
        if let Some(room) = room_document(path) {
            return Self::Room(room);
        }
        let mut segments = path.as_str().split('/');
        let of_rooms = matches!(segments.next(), Some("room" | "*"));
        match (segments.next(), segments.next()) {
            _ if !of_rooms => Self::Elsewhere,
            (Some("*"), None) => Self::Everywhere,
            (Some(room), None) => room.parse().map_or(Self::Elsewhere, Self::Room),
            (None, _) if matches!(pattern, Pattern::Prefix(_)) => Self::Everywhere,
            _ => Self::Elsewhere,
        }
    }
}
