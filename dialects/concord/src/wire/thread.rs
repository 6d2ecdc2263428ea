//! Threads.

use quintet_core::room::Thread;
use serde::{Deserialize, Serialize};

use crate::wire::number::Number;
use crate::wire::text::Filled;

/// "`id`, `sourceChatId` (unique), `creatorId`, `createdAt`, `name`". Ours: `channelId`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadObject<'a> {
    id: Number,
    source_chat_id: Number,
    creator_id: Number,
    created_at: i64,
    name: &'a str,
    channel_id: Number,
}

impl<'a> From<&'a Thread> for ThreadObject<'a> {
    fn from(thread: &'a Thread) -> Self {
        Self {
            id: Number(thread.id),
            source_chat_id: Number(thread.source),
            creator_id: Number(thread.creator.id),
            created_at: thread.created_at.millis(),
            name: &thread.name,
            channel_id: Number(thread.room),
        }
    }
}

/// Ours: `POST /api/chats/{id}/thread` with `{name}`.
#[derive(Deserialize)]
pub(crate) struct StartBody {
    pub(crate) name: Filled,
}
