//! The house's own JSON: how things and events are told wherever a room has no form of its own.
//!
//! One form for all of them: rooms without words for a chat, workers, webhooks, procedures of the house, the server API. Keys are always present;
//! whoever reads it is to ignore keys that it does not know.

use serde::{Serialize, Serializer};

use crate::call::Present;
use crate::chat::{Chat, Reactions, Via};
use crate::event::{Body, Event};
use crate::id::Id;
use crate::identity::Author;
use crate::position::Position;
use crate::procedure::{Actor, Connection};
use crate::room::Room;
use crate::user::{Status, User};

/// What the house itself calls what it tells, notices included: nobody else is to be heard by these names.
pub const NAMES: [&str; 18] = [
    "chat:sent",
    "chat:edited",
    "chat:deleted",
    "chat:reactions",
    "chat:typing",
    "presence:joined",
    "presence:left",
    "presence:status",
    "room:created",
    "room:changed",
    "room:deleted",
    "user:joined",
    "user:changed",
    "resource:committed",
    "user:notice",
    "channel:notice",
    "client:notice",
    "room:notice",
];

/// What an event is called, and what is told of it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Told<'a> {
    /// `chat:sent`, `chat:edited`.
    Chat {
        /// The chat.
        chat: ChatObject<'a>,
    },
    /// `chat:deleted`.
    #[serde(rename_all = "camelCase")]
    ChatDeleted {
        /// Which chat.
        id: u64,
        /// Where it was.
        room_id: u64,
        /// In which thread it was.
        thread_id: Option<u64>,
        /// Where this stands in the room's history.
        position: Option<String>,
    },
    /// `chat:reactions`.
    #[serde(rename_all = "camelCase")]
    ChatReactions {
        /// Which chat.
        id: u64,
        /// Where it is.
        room_id: u64,
        /// All reactions to it now.
        reactions: Counts<'a>,
        /// Where this stands in the room's history.
        position: Option<String>,
    },
    /// `chat:typing`.
    #[serde(rename_all = "camelCase")]
    Typing {
        /// Where.
        room_id: u64,
        /// In which thread.
        thread_id: Option<u64>,
        /// Who.
        user: UserObject<'a>,
        /// Milliseconds, as its client says.
        sent_at: i64,
    },
    /// `presence:joined`, `presence:left`.
    #[serde(rename_all = "camelCase")]
    Presence {
        /// Where.
        room_id: u64,
        /// Who.
        user: UserObject<'a>,
        /// On which dialect.
        dialect: &'a str,
        /// Milliseconds.
        at: i64,
        /// `joined` or `left`.
        state: &'static str,
    },
    /// `presence:status`.
    Status {
        /// Who.
        user: UserObject<'a>,
        /// `ONLINE` or `OFFLINE`.
        status: &'static str,
    },
    /// `room:created`, `room:changed`.
    Room {
        /// The room.
        room: RoomObject<'a>,
    },
    /// `room:deleted`.
    #[serde(rename_all = "camelCase")]
    RoomDeleted {
        /// Which room.
        room_id: u64,
    },
    /// `user:joined`, `user:changed`.
    User {
        /// The user.
        user: KnownUser<'a>,
    },
    /// `resource:committed`.
    Committed {
        /// Which document.
        subject: &'a str,
        /// The signed commit, in JSON-AD.
        commit: &'a serde_json::value::RawValue,
    },
    /// `auth/authenticated/<id>`, `user/disconnected/<id>`.
    Session {
        /// Whose connection.
        user: UserName<'a>,
    },
}

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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorObject<'a> {
    id: u64,
    username: &'a str,
    root_id: String,
}

/// Reactions and how many users each has, as an object in the order in which they came.
pub struct Counts<'a>(&'a Reactions);

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

/// A user as procedures and lifecycle events name one: its number is a text (flamigo.md, section 5.1).
#[derive(Serialize)]
pub struct UserName<'a> {
    id: String,
    username: &'a str,
}

/// A user who is in a room.
#[derive(Serialize)]
pub struct PresentObject<'a> {
    id: u64,
    username: &'a str,
    dialects: &'a [Via],
    since: i64,
}

/// On whose behalf a procedure runs, as those who run it elsewhere are told.
#[derive(Serialize)]
pub struct ActorObject<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    user: Option<UserName<'a>>,
    admin: bool,
}

/// By which socket a procedure was called.
#[derive(Serialize)]
pub struct ConnectionObject<'a> {
    id: &'a str,
    dialect: &'a str,
}

/// A user, with the name to show.
#[derive(Serialize)]
pub struct KnownUser<'a> {
    id: u64,
    username: &'a str,
    nickname: &'a str,
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

impl<'a> Told<'a> {
    /// What is told of an event, with its name; `None` for the house's own affairs, and for what applications say in their own words.
    pub fn of(event: &'a Event) -> Option<(&'static str, Self)> {
        let position = || event.position.as_ref().map(Position::to_string);
        let author = || UserObject::of(&event.author);
        Some(match &event.body {
            Body::ChatPosted(chat) => ("chat:sent", Self::Chat { chat: ChatObject::of(chat, event.position.as_ref()) }),
            Body::ChatEdited(chat) => {
                ("chat:edited", Self::Chat { chat: ChatObject::of(chat, event.position.as_ref()) })
            }
            Body::ChatDeleted { chat, room, thread, .. } => {
                let (id, room_id, thread_id) = (chat.get(), room.get(), thread.map(Id::get));
                ("chat:deleted", Self::ChatDeleted { id, room_id, thread_id, position: position() })
            }
            Body::ChatReacted { chat, room, reactions, .. } => {
                let (id, room_id, reactions) = (chat.get(), room.get(), Counts(reactions));
                ("chat:reactions", Self::ChatReactions { id, room_id, reactions, position: position() })
            }
            Body::Typing { room, thread, sent_at } => {
                let (room_id, thread_id, sent_at) = (room.get(), thread.map(Id::get), sent_at.millis());
                ("chat:typing", Self::Typing { room_id, thread_id, user: author(), sent_at })
            }
            Body::Presence { room, dialect, joined } => {
                let (name, state) = if *joined { ("presence:joined", "joined") } else { ("presence:left", "left") };
                let (room_id, at) = (room.get(), event.at.millis());
                (name, Self::Presence { room_id, user: author(), dialect, at, state })
            }
            Body::StatusChanged(status) => {
                let status = if *status == Status::Online { "ONLINE" } else { "OFFLINE" };
                ("presence:status", Self::Status { user: author(), status })
            }
            Body::RoomCreated(room) => ("room:created", Self::Room { room: RoomObject::of(room) }),
            Body::RoomChanged(room) => ("room:changed", Self::Room { room: RoomObject::of(room) }),
            Body::RoomDeleted { room } => ("room:deleted", Self::RoomDeleted { room_id: room.get() }),
            Body::UserJoined(user) => ("user:joined", Self::User { user: KnownUser::of(user) }),
            Body::UserChanged { user, .. } => ("user:changed", Self::User { user: KnownUser::of(user) }),
            Body::Committed(committed) => {
                let commit = serde_json::from_str(&event.commit.as_ref()?.json).ok()?;
                ("resource:committed", Self::Committed { subject: committed.subject.as_str(), commit })
            }
            Body::Session { authenticated, .. } => {
                let name = if *authenticated { "auth/authenticated" } else { "user/disconnected" };
                (name, Self::Session { user: UserName::new(event.author.id, &event.author.name) })
            }
            Body::ThreadStarted(_) | Body::RightsChanged(_) | Body::Notice(_) | Body::Message { .. } => return None,
        })
    }
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

impl<'a> UserObject<'a> {
    fn of(author: &'a Author) -> Self {
        Self { id: author.id.get(), username: &author.name }
    }
}

impl<'a> UserName<'a> {
    /// A user by its number and username.
    pub fn new(id: Id, username: &'a str) -> Self {
        Self { id: id.to_string(), username }
    }
}

impl<'a> PresentObject<'a> {
    /// Somebody who is there.
    pub fn of(present: &'a Present) -> Self {
        let (username, dialects) = (&*present.username, present.dialects.as_slice());
        Self { id: present.user.get(), username, dialects, since: present.since.millis() }
    }
}

impl<'a> ActorObject<'a> {
    /// An actor.
    pub fn of(actor: &'a Actor) -> Self {
        let user = actor.user.as_ref().map(|user| UserName::new(user.id, &user.username));
        Self { kind: actor.kind.name(), user, admin: actor.admin }
    }
}

impl<'a> ConnectionObject<'a> {
    /// A socket.
    pub fn of(connection: &'a Connection) -> Self {
        Self { id: &connection.name, dialect: &connection.dialect }
    }
}

impl<'a> KnownUser<'a> {
    /// A user.
    pub fn of(user: &'a User) -> Self {
        Self { id: user.id.get(), username: &user.username, nickname: &user.nickname }
    }
}

impl<'a> RoomObject<'a> {
    /// A room.
    pub fn of(room: &'a Room) -> Self {
        let (name, description) = (room.name.as_str(), room.description.as_deref());
        Self { id: room.id.get(), parent_id: room.parent.map(Id::get), name, description }
    }
}
