//! Objects: things as they stand within what is told.

use serde::{Serialize, Serializer};

use crate::call::Present;
use crate::chat::{Chat, Reactions, Via};
use crate::id::Id;
use crate::identity::Author;
use crate::position::Position;
use crate::procedure::{Actor, Connection};
use crate::room::Room;
use crate::user::User;

/// A chat.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatObject<'a> {
    id: u64,
    room_id: u64,
    thread_id: Option<u64>,
    author: AuthorObject<'a>,
    content: &'a str,
    created_at: i64,
    edited: bool,
    reactions: Counts<'a>,
    via: &'a str,
    position: Option<String>,
}

impl<'a> ChatObject<'a> {
    /// A chat; `position` is where the event that tells of it stands, `None` for one that is read back.
    pub fn of(chat: &'a Chat, position: Option<&Position>) -> Self {
        let author = AuthorObject {
            id: chat.author.id.get(),
            username: &chat.author.name,
            // A user's number as 24 hexadecimal digits (design, section 2).
            root_id: format!("n::{:024x}", chat.author.id.get()),
        };
        Self {
            id: chat.id.get(),
            room_id: chat.room.get(),
            thread_id: chat.thread.map(Id::get),
            author,
            content: &chat.content,
            created_at: chat.created_at.millis(),
            edited: chat.edited,
            reactions: Counts(&chat.reactions),
            via: &chat.via,
            position: position.map(Position::to_string),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorObject<'a> {
    id: u64,
    username: &'a str,
    root_id: String,
}

/// Reactions and how many users each has, as an object in the order in which they came.
pub struct Counts<'a>(&'a Reactions);

impl<'a> Counts<'a> {
    /// Reactions.
    pub fn of(reactions: &'a Reactions) -> Self {
        Self(reactions)
    }
}

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(reaction, count)| (reaction, count)))
    }
}

/// A user, in short.
#[derive(Serialize)]
pub struct UserObject<'a> {
    id: u64,
    username: &'a str,
}

impl<'a> UserObject<'a> {
    /// Whoever said something.
    pub fn of(author: &'a Author) -> Self {
        Self { id: author.id.get(), username: &author.name }
    }
}

/// A user as procedures and lifecycle events name one: its number is a text (flamigo.md, section 5.1).
#[derive(Serialize)]
pub struct UserName<'a> {
    id: String,
    username: &'a str,
}

impl<'a> UserName<'a> {
    /// A user by its number and username.
    pub fn new(id: Id, username: &'a str) -> Self {
        Self { id: id.to_string(), username }
    }
}

/// A user, with the name to show.
#[derive(Serialize)]
pub struct KnownUser<'a> {
    id: u64,
    username: &'a str,
    nickname: &'a str,
}

impl<'a> KnownUser<'a> {
    /// A user.
    pub fn of(user: &'a User) -> Self {
        Self { id: user.id.get(), username: &user.username, nickname: &user.nickname }
    }
}

/// A user who is in a room.
#[derive(Serialize)]
pub struct PresentObject<'a> {
    id: u64,
    username: &'a str,
    dialects: &'a [Via],
    since: i64,
}

impl<'a> PresentObject<'a> {
    /// Somebody who is there.
    pub fn of(present: &'a Present) -> Self {
        let (username, dialects) = (&*present.username, present.dialects.as_slice());
        Self { id: present.user.get(), username, dialects, since: present.since.millis() }
    }
}

/// A room.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomObject<'a> {
    id: u64,
    parent_id: Option<u64>,
    name: &'a str,
    description: Option<&'a str>,
}

impl<'a> RoomObject<'a> {
    /// A room.
    pub fn of(room: &'a Room) -> Self {
        let (name, description) = (room.name.as_str(), room.description.as_deref());
        Self { id: room.id.get(), parent_id: room.parent.map(Id::get), name, description }
    }
}

/// On whose behalf a procedure runs, as those who run it elsewhere are told.
#[derive(Serialize)]
pub struct ActorObject<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    user: Option<UserName<'a>>,
    admin: bool,
}

impl<'a> ActorObject<'a> {
    /// An actor.
    pub fn of(actor: &'a Actor) -> Self {
        let user = actor.user.as_ref().map(|user| UserName::new(user.id, &user.username));
        Self { kind: actor.kind.name(), user, admin: actor.admin }
    }
}

/// By which socket a procedure was called.
#[derive(Serialize)]
pub struct ConnectionObject<'a> {
    id: &'a str,
    dialect: &'a str,
}

impl<'a> ConnectionObject<'a> {
    /// A socket.
    pub fn of(connection: &'a Connection) -> Self {
        Self { id: &connection.name, dialect: &connection.dialect }
    }
}
