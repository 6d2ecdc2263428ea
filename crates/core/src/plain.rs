//! The house's own JSON: how things and events are told wherever a room has no form of its own.
//!
//! One form for all of them: rooms without words for a chat, workers, webhooks, procedures of the house, the server API. Keys are always present;
//! whoever reads it is to ignore keys that it does not know.

mod object;

use serde::Serialize;

pub use self::object::{
    ActorObject, ChatObject, ConnectionObject, Counts, KnownUser, PresentObject, RoomObject, UserName, UserObject,
};
use crate::event::{Body, Event};
use crate::id::Id;
use crate::position::Position;
use crate::topic::Topic;
use crate::user::Status;

/// What the house itself calls what it tells, notices included: nobody else is to be heard by these names.
pub const NAMES: [&str; 19] = [
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
    "entity:received",
    "user:notice",
    "channel:notice",
    "client:notice",
    "room:notice",
];

/// What a notice is called, by where it is heard; `None` where none is.
pub fn notice_name(topic: &Topic) -> Option<&'static str> {
    Some(match topic.kind() {
        "user" => "user:notice",
        "channel" => "channel:notice",
        "client" => "client:notice",
        "room" => "room:notice",
        _ => return None,
    })
}

/// Whether what is said under this name could be taken for a reply, or for an order to a worker (flamigo.md, section 2; the worker protocol).
/// Nobody says anything so, the house included.
pub fn is_reply(name: &str) -> bool {
    name == "error" || name.starts_with("app::") || name.starts_with("worker::")
}

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
    /// `entity:received`.
    Entity {
        /// Which house sent it.
        host: &'a str,
        /// Of what type, as it is spelled.
        kind: &'a str,
        /// The entity.
        entity: &'a serde_json::value::RawValue,
        /// Where this stands in the history of what came from that house.
        position: Option<String>,
    },
    /// `auth/authenticated/<id>`, `user/disconnected/<id>`.
    Session {
        /// Whose connection.
        user: UserName<'a>,
    },
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
                let (id, room_id, reactions) = (chat.get(), room.get(), Counts::of(reactions));
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
            Body::Delivered(delivered) => {
                let entity = serde_json::from_str(&delivered.text).ok()?;
                let (host, kind) = (delivered.host.as_str(), &*delivered.kind);
                ("entity:received", Self::Entity { host, kind, entity, position: position() })
            }
            Body::Session { authenticated, .. } => {
                let name = if *authenticated { "auth/authenticated" } else { "user/disconnected" };
                (name, Self::Session { user: UserName::new(event.author.id, &event.author.name) })
            }
            Body::ThreadStarted(_)
            | Body::RightsChanged(_)
            | Body::NotePosted(_)
            | Body::NoteEdited(_)
            | Body::NoteDeleted(_)
            | Body::NoteReacted { .. }
            | Body::Followed(_)
            | Body::Notice(_)
            | Body::Message { .. } => return None,
        })
    }
}
