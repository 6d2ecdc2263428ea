//! What clients say on the socket.

use std::borrow::Cow;

use quintet_core::Error;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::wire::moment::Moment;
use crate::wire::number::Number;
use crate::wire::procedure::{Called, Payload};
use crate::wire::text::Filled;
use crate::wire::{misread, opens_object, present, unreadable};

/// "Every message in both directions is a JSON object in a **text** frame with a string `type`."
#[derive(Debug)]
pub(crate) enum ClientMessage {
    /// `chat_typing`
    Typing(Typing),
    /// `chat_written`
    Written(Written),
    /// `chat_reaction`
    Reacted(Reacted),
    /// `procedure_called`
    Called(Called),
}

/// The type of [`Called`], which is ours.
const CALLED: &str = "procedure_called";

/// "`chat_typing` | `channelId` number; `threadId` number or null; `sentAt` number, optional".
/// "`threadId` absent equals null."
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Typing {
    pub(crate) channel_id: Number,
    pub(crate) thread_id: Option<Number>,
    #[serde(default, deserialize_with = "present::some")]
    pub(crate) sent_at: Option<Moment>,
}

/// "`chat_written` | `channelId`; `threadId`; `sentAt`; `content` string".
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Written {
    pub(crate) channel_id: Number,
    pub(crate) thread_id: Option<Number>,
    #[serde(default, deserialize_with = "present::some")]
    pub(crate) sent_at: Option<Moment>,
    pub(crate) content: Filled,
}

/// "`chat_reaction` | `chatId`; `reaction` string; `adding` boolean". "`adding` absent counts as false upstream. **Take:** require it."
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reacted {
    pub(crate) chat_id: Number,
    pub(crate) reaction: Filled,
    pub(crate) adding: bool,
}

impl ClientMessage {
    /// Reads a text message. `None` for what the protocol ignores: "empty frame, JSON that is not an object, `type`
    /// missing or not a string", "unknown `type`" (the historic `heartbeat` is one). `BadMessage` for what is not JSON,
    /// and for a known type whose fields are not as they should be.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, Error> {
        let message = match &*kind(text)? {
            "chat_typing" => Self::Typing(fields("chat_typing", text)?),
            "chat_written" => Self::Written(fields("chat_written", text)?),
            "chat_reaction" => Self::Reacted(fields("chat_reaction", text)?),
            CALLED => Self::Called(fields(CALLED, text)?),
            _ => return Ok(None),
        };
        Ok(Some(message))
    }
}

/// The `ref` of a `procedure_called` that could not be read, as far as that can be.
pub(crate) fn reference(text: &str) -> Option<Payload> {
    #[derive(Deserialize)]
    struct Reference {
        #[serde(rename = "ref")]
        reference: Option<Payload>,
    }
    if kind(text).ok()? != CALLED {
        return None;
    }
    serde_json::from_str::<Reference>(text).ok()?.reference
}

/// Only the `type`; empty where it is missing.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
}

/// The type of a message; empty where there is none to be had from well-formed JSON.
fn kind(text: &str) -> Result<Cow<'_, str>, Error> {
    if text.trim_ascii().is_empty() {
        return Ok(Cow::default());
    }
    let kind = if opens_object(text.as_bytes()) {
        serde_json::from_str::<Envelope<'_>>(text).map(|envelope| envelope.kind)
    } else {
        serde_json::from_str::<IgnoredAny>(text).map(|_| Cow::default())
    };
    match kind {
        // Well-formed so far, but the type is no string.
        Err(error) if error.is_data() => Ok(Cow::default()),
        other => other.map_err(|error| unreadable("not JSON", &error)),
    }
}

fn fields<T: DeserializeOwned>(kind: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| misread::<T>(&format!("{kind}: "), text.as_bytes(), &error))
}
