//! Chats.

use quintet_core::Chat;
use quintet_core::chat::{Reactions, Reactors};
use serde::{Deserialize, Serialize, Serializer};

use crate::wire::moment::Moment;
use crate::wire::number::Number;
use crate::wire::present;
use crate::wire::text::Filled;

/// "`id`, `createdAt`, `authorId`, `channelId`, `threadId` (nullable), `content`, `edited` (false until the first edit, then
/// true for ever), `reactions` (object reaction → positive count; `{}` when none)."
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatObject<'a> {
    id: Number,
    created_at: i64,
    author_id: Number,
    channel_id: Number,
    thread_id: Option<Number>,
    content: &'a str,
    edited: bool,
    reactions: Counts<'a>,
}

impl<'a> From<&'a Chat> for ChatObject<'a> {
    fn from(chat: &'a Chat) -> Self {
        Self {
            id: Number(chat.id),
            created_at: chat.created_at.millis(),
            author_id: Number(chat.author.id),
            channel_id: Number(chat.room),
            thread_id: chat.thread.map(Number),
            content: &chat.content,
            edited: chat.edited,
            reactions: Counts(&chat.reactions),
        }
    }
}

/// "`reactions`: object text → count".
pub(crate) struct Counts<'a>(pub(crate) &'a Reactions);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(reaction, count)| (reaction, count)))
    }
}

/// "`{ "reactions": {text: count}, "reactingUsers": {text: [userId]} }`".
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReactionsObject<'a> {
    reactions: Tally<'a>,
    reacting_users: Names<'a>,
}

impl<'a> From<&'a Reactors> for ReactionsObject<'a> {
    fn from(reactors: &'a Reactors) -> Self {
        Self { reactions: Tally(reactors), reacting_users: Names(reactors) }
    }
}

struct Tally<'a>(&'a Reactors);

impl Serialize for Tally<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(reaction, users)| (reaction, users.len())))
    }
}

struct Names<'a>(&'a Reactors);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let numbers = |users: &[_]| users.iter().copied().map(Number).collect::<Vec<_>>();
        serializer.collect_map(self.0.iter().map(|(reaction, users)| (reaction, numbers(users))))
    }
}

/// "`POST /api/channels/{id}/chats` | `{content, sentAt?, threadId?}`".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostBody {
    pub(crate) content: Filled,
    #[serde(default, deserialize_with = "present::some")]
    pub(crate) sent_at: Option<Moment>,
    pub(crate) thread_id: Option<Number>,
}

/// "`PATCH /api/chats/{id}` | `{content}`".
#[derive(Deserialize)]
pub(crate) struct EditBody {
    pub(crate) content: Filled,
}

/// "`POST /api/chats/{id}/reactions` | `{reaction, adding}`".
#[derive(Deserialize)]
pub(crate) struct ReactBody {
    pub(crate) reaction: Filled,
    pub(crate) adding: bool,
}
