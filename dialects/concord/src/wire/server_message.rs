//! What clients hear on the socket.

use serde::Serialize;

use crate::wire::channel::ChannelObject;
use crate::wire::chat::{ChatObject, Counts};
use crate::wire::number::Number;
use crate::wire::procedure::{FieldError, Payload};

/// "Every message [...] is a JSON object in a **text** frame with a string `type`." "`threadId` is always present (number or null)."
///
/// Of the protocol's types, `user_left` ("defined, never sent") and `heartbeat` ("deprecated, no longer sent") are not said.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(crate) enum ServerMessage<'a> {
    /// "`chat_typing` | `userId`, `channelId`, `threadId`, `sentAt` | a client typed"
    ChatTyping { user_id: Number, channel_id: Number, thread_id: Option<Number>, sent_at: i64 },
    /// "`chat_sent` | `chat`: chat object | chat created by websocket or REST"
    ChatSent { chat: ChatObject<'a> },
    /// "`chat_edited` | `chatId`, `channelId`, `threadId`, `content` | author edited"
    ChatEdited { chat_id: Number, channel_id: Number, thread_id: Option<Number>, content: &'a str },
    /// "`chat_deleted` | `chatId`, `channelId`, `threadId` | chat removed"
    ChatDeleted { chat_id: Number, channel_id: Number, thread_id: Option<Number> },
    /// "`chat_reactions_updated` | `chatId`, `channelId`, `threadId`, `reactions`: object text → count |
    /// any accepted reaction change, also one that changed nothing"
    ChatReactionsUpdated { chat_id: Number, channel_id: Number, thread_id: Option<Number>, reactions: Counts<'a> },
    /// "`channel_created` | `channel`: channel object | channel created"
    ChannelCreated { channel: ChannelObject<'a> },
    /// "`channel_deleted` | `channelId` | channel removed"
    ChannelDeleted { channel_id: Number },
    /// "`channels_updated` (sic) | `channel`: channel object | defined, never sent": we send it.
    ChannelsUpdated { channel: ChannelObject<'a> },
    /// "`user_joined` | `userId` | a user **registered** (not: connected)"
    UserJoined { user_id: Number },
    /// "`user_status_updated` | `userId`, `status` | online status changed"
    UserStatusUpdated { user_id: Number, status: &'static str },
    /// "An additive `{ "type": "error", "status": 400, "message": "…" }` sent to the offender only".
    ///
    /// Ours: `ref` where it is the answer to a `procedure_called`, and `fieldErrors` where fields of its payload are named.
    Error {
        status: u16,
        message: &'a str,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Payload>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        field_errors: &'a [FieldError],
    },
    /// Ours: `ref`, as it was given, or null; `payload`, what the procedure answered.
    ProcedureAnswered {
        #[serde(rename = "ref")]
        reference: &'a Payload,
        payload: Payload,
    },
}
