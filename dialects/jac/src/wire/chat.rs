//! Chats on a room's channel, as the bridge words them.

use quintet_core::chat::Reactions;
use quintet_core::{Author, Chat, Event, Id, Position};
use serde::{Serialize, Serializer};

use crate::address;

/// `{"chat": …}`: of `chat` and `chat_edited`.
#[derive(Serialize)]
pub(crate) struct ChatTold<'a> {
    chat: ChatObject<'a>,
}

/// The one JSON form of a chat where a dialect has none of its own. Its keys are always present.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChatObject<'a> {
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
struct Counts<'a>(&'a Reactions);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(reaction, count)| (reaction, count)))
    }
}

/// A user, in short: of `typing` and `presence`.
#[derive(Serialize)]
struct UserObject<'a> {
    id: u64,
    username: &'a str,
}

/// Of `chat_deleted`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deleted {
    id: u64,
    room_id: u64,
    thread_id: Option<u64>,
    position: Option<String>,
}

/// Of `chat_reactions`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reacted<'a> {
    id: u64,
    room_id: u64,
    reactions: Counts<'a>,
    position: Option<String>,
}

/// Of `typing`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TypingTold<'a> {
    room_id: u64,
    thread_id: Option<u64>,
    user: UserObject<'a>,
    sent_at: i64,
}

/// Of `presence`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceTold<'a> {
    room_id: u64,
    user: UserObject<'a>,
    dialect: &'a str,
    at: i64,
    state: &'static str,
}

impl<'a> ChatTold<'a> {
    pub(crate) fn of(event: &Event, chat: &'a Chat) -> Self {
        let author = AuthorObject {
            id: chat.author.id.get(),
            username: &chat.author.name,
            root_id: address::root_id(chat.author.id),
        };
        let chat = ChatObject {
            id: chat.id.get(),
            room_id: chat.room.get(),
            thread_id: chat.thread.map(Id::get),
            author,
            content: &chat.content,
            created_at: chat.created_at.millis(),
            edited: chat.edited,
            reactions: Counts(&chat.reactions),
            via: &chat.via,
            position: position(event),
        };
        Self { chat }
    }
}

impl Deleted {
    pub(crate) fn of(event: &Event, chat: Id, room: Id, thread: Option<Id>) -> Self {
        Self { id: chat.get(), room_id: room.get(), thread_id: thread.map(Id::get), position: position(event) }
    }
}

impl<'a> Reacted<'a> {
    pub(crate) fn of(event: &Event, chat: Id, room: Id, reactions: &'a Reactions) -> Self {
        Self { id: chat.get(), room_id: room.get(), reactions: Counts(reactions), position: position(event) }
    }
}

impl<'a> TypingTold<'a> {
    pub(crate) fn of(event: &'a Event, room: Id, thread: Option<Id>, sent_at: i64) -> Self {
        Self { room_id: room.get(), thread_id: thread.map(Id::get), user: UserObject::of(&event.author), sent_at }
    }
}

impl<'a> PresenceTold<'a> {
    pub(crate) fn of(event: &'a Event, room: Id, dialect: &'a str, joined: bool) -> Self {
        let state = if joined { "joined" } else { "left" };
        Self { room_id: room.get(), user: UserObject::of(&event.author), dialect, at: event.at.millis(), state }
    }
}

impl<'a> UserObject<'a> {
    fn of(author: &'a Author) -> Self {
        Self { id: author.id.get(), username: &author.name }
    }
}

fn position(event: &Event) -> Option<String> {
    event.position.as_ref().map(Position::to_string)
}
