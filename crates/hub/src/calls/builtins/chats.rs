//! Procedures about chats.

use quintet_core::chat::NewChat;
use quintet_core::plain::ChatObject;
use quintet_core::procedure::Outcome;
use quintet_core::{Answer, Body, Error, Payload, Topic};
use serde_json::json;

use super::{Asker, odd, outcome, success};

/// `{roomId, content, threadId?}` → `{chat}`.
pub(super) async fn send(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let (room, thread) = (payload.id("roomId"), payload.optional_id("threadId"));
    let content = payload.text("content");
    let (room, content) = payload.all(room.zip(content))?;
    asker.user()?;
    asker.must_see(room)?;
    let content = content.into_owned();
    told(asker.post_chat(NewChat { room, thread, content, sent_at: None, subject: None }).await?)
}

/// `{chatId, content}` → `{chat}`.
pub(super) async fn edit(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let (chat, content) = (payload.id("chatId"), payload.text("content"));
    let (chat, content) = payload.all(chat.zip(content))?;
    told(asker.edit_chat(chat, content.into_owned()).await?)
}

/// `{chatId}` → `{success}`.
pub(super) async fn delete(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let chat = payload.id("chatId");
    asker.delete_chat(payload.all(chat)?).await?;
    success()
}

/// `{chatId, reaction, adding?}` → `{success}`.
pub(super) async fn react(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let (chat, reaction) = (payload.id("chatId"), payload.text("reaction"));
    let adding = payload.flag("adding").unwrap_or(true);
    let (chat, reaction) = payload.all(chat.zip(reaction))?;
    asker.user()?;
    asker.react(chat, reaction.into_owned(), adding).await?;
    success()
}

/// `{roomId, threadId?}` → `{success}`.
pub(super) fn typing(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let (room, thread) = (payload.id("roomId"), payload.optional_id("threadId"));
    let room = payload.all(room)?;
    asker.user()?;
    let body = Body::Typing { room, thread, sent_at: asker.hub.now() };
    asker.publish(vec![Topic::room(room)], body)?;
    success()
}

fn told(answer: Answer) -> Result<Outcome, Error> {
    let Answer::Chat(chat) = answer else { return Err(odd()) };
    outcome(&json!({ "chat": ChatObject::of(&chat, None) }))
}
