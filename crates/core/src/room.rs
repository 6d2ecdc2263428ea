//! Rooms: where people talk, in a tree.

use crate::id::Id;
use crate::identity::Author;
use crate::time::Timestamp;

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its number.
    pub id: Id,
    /// The room it stands in; `None` at the top.
    pub parent: Option<Id>,
    /// Its place among its siblings, from 0 without gaps.
    pub ordinality: i32,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What can be done in it; the only one in use is `text`.
    pub capabilities: Option<Vec<String>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Id,
    /// Whether users of other houses can be in it: it is a group to them.
    pub federated: bool,
}

/// A room to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoom {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The room it is to stand in.
    pub parent: Option<Id>,
    /// Where among its siblings; the last place where not given. Siblings are numbered again from 0.
    pub ordinality: Option<i32>,
    /// What can be done in it.
    pub capabilities: Option<Vec<String>>,
}

/// What is to change in a room; `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomEdit {
    /// A new name.
    pub name: Option<String>,
    /// A new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Whether users of other houses can be in it.
    pub federated: Option<bool>,
}

/// A talk within a room, grown from one chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its number.
    pub id: Id,
    /// The room it is in.
    pub room: Id,
    /// The chat it grew from; a chat grows one thread at the most.
    pub source: Id,
    /// What it is called.
    pub name: String,
    /// When it was started.
    pub created_at: Timestamp,
    /// Who started it.
    pub creator: Author,
}

/// What the server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRecord {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// An image.
    pub icon: Option<Id>,
    /// Where newcomers land.
    pub default_room: Option<Id>,
}
