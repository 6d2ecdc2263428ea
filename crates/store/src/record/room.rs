//! How rooms, threads and chats are written down.

use std::borrow::Cow;

use quintet_core::Subject;
use quintet_core::chat::{Chat, Reactions};
use quintet_core::room::{Room, Thread};
use quintet_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuthorRecord, Number, recorded};

/// A room.
#[derive(Serialize, Deserialize)]
pub(super) struct RoomRecord {
    id: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<Number>,
    #[serde(default)]
    ordinality: i32,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capabilities: Option<Vec<String>>,
    created_at: i64,
    created_by: Number,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    federated: bool,
}

recorded!(Room as RoomRecord);

impl From<&Room> for RoomRecord {
    fn from(room: &Room) -> Self {
        Self {
            id: Number(room.id),
            parent: room.parent.map(Number),
            ordinality: room.ordinality,
            name: room.name.clone(),
            description: room.description.clone(),
            capabilities: room.capabilities.clone(),
            created_at: room.created_at.millis(),
            created_by: Number(room.created_by),
            federated: room.federated,
        }
    }
}

impl From<RoomRecord> for Room {
    fn from(record: RoomRecord) -> Self {
        Self {
            id: record.id.0,
            parent: record.parent.map(|parent| parent.0),
            ordinality: record.ordinality,
            name: record.name,
            description: record.description,
            capabilities: record.capabilities,
            created_at: Timestamp::from_millis(record.created_at),
            created_by: record.created_by.0,
            federated: record.federated,
        }
    }
}

/// A thread. Its `source` is searched for by an index of the database: keep the name.
#[derive(Serialize, Deserialize)]
pub(super) struct ThreadRecord {
    id: Number,
    room: Number,
    source: Number,
    name: String,
    created_at: i64,
    creator: AuthorRecord,
}

recorded!(Thread as ThreadRecord);

impl From<&Thread> for ThreadRecord {
    fn from(thread: &Thread) -> Self {
        Self {
            id: Number(thread.id),
            room: Number(thread.room),
            source: Number(thread.source),
            name: thread.name.clone(),
            created_at: thread.created_at.millis(),
            creator: (&thread.creator).into(),
        }
    }
}

impl From<ThreadRecord> for Thread {
    fn from(record: ThreadRecord) -> Self {
        Self {
            id: record.id.0,
            room: record.room.0,
            source: record.source.0,
            name: record.name,
            created_at: Timestamp::from_millis(record.created_at),
            creator: record.creator.into(),
        }
    }
}

/// A chat; borrows while it is written, as there are many.
#[derive(Serialize, Deserialize)]
pub(super) struct ChatRecord<'a> {
    id: Number,
    room: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<Number>,
    author: AuthorRecord,
    content: Cow<'a, str>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    edited: bool,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    reactions: Cow<'a, [(String, u64)]>,
    via: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, str>>,
}

recorded!(Chat as ChatRecord<'_>);

impl<'a> From<&'a Chat> for ChatRecord<'a> {
    fn from(chat: &'a Chat) -> Self {
        Self {
            id: Number(chat.id),
            room: Number(chat.room),
            thread: chat.thread.map(Number),
            author: (&chat.author).into(),
            content: chat.content.as_str().into(),
            created_at: chat.created_at.millis(),
            edited: chat.edited,
            reactions: chat.reactions.as_slice().into(),
            via: chat.via.as_ref().into(),
            subject: chat.subject.as_ref().map(|subject| subject.as_str().into()),
        }
    }
}

impl From<ChatRecord<'_>> for Chat {
    fn from(record: ChatRecord<'_>) -> Self {
        Self {
            id: record.id.0,
            room: record.room.0,
            thread: record.thread.map(|thread| thread.0),
            author: record.author.into(),
            content: record.content.into_owned(),
            created_at: Timestamp::from_millis(record.created_at),
            edited: record.edited,
            reactions: Reactions::from(record.reactions.into_owned()),
            via: Cow::Owned(record.via.into_owned()),
            subject: record.subject.and_then(|subject| Subject::parse(&subject)),
        }
    }
}
