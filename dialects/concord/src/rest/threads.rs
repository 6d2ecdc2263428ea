//! Threads. The calls are ours: "offer thread creation as an addition".

use quintet_core::{Answer, Call, Id};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok, ok_all};
use crate::rest::asking::Asking;
use crate::wire::thread::{StartBody, ThreadObject};

/// `POST /api/chats/{id}/thread`: 409 if the chat has a thread already, or is in one.
pub(super) fn start(asking: &Asking<'_>, chat: Id) -> Result<Asked, Refusal> {
    let body: StartBody = asking.json()?;
    Ok(Asked::new(Call::StartThread { chat, name: body.name.0 }, |answer| match answer {
        Ok(Answer::Thread(thread)) => ok(&ThreadObject::from(&thread)),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `GET /api/channels/{id}/threads`: oldest first.
pub(super) fn all(_: &Asking<'_>, channel: Id) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Threads(channel), |answer| match answer {
        Ok(Answer::Threads(threads)) => ok_all::<_, ThreadObject<'_>>(&threads),
        other => Err(Refusal::unexpected(other)),
    }))
}
