//! Reactions to a chat.

use quintet_core::{Answer, Call, Id};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok};
use crate::rest::asking::Asking;
use crate::wire::chat::{ReactBody, ReactionsObject};

/// `GET /api/chats/{id}/reactions`
pub(super) fn get(_: &Asking<'_>, chat: Id) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Reactors(chat), |answer| match answer {
        Ok(Answer::Reactors(reactors)) => ok(&ReactionsObject::from(&reactors)),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `POST /api/chats/{id}/reactions`
pub(super) fn react(asking: &Asking<'_>, chat: Id) -> Result<Asked, Refusal> {
    let body: ReactBody = asking.json()?;
    Ok(Asked::done(Call::React { chat, reaction: body.reaction.0, adding: body.adding }))
}
