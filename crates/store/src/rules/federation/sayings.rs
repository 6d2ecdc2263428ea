//! Notes of other houses, some of which are chats here.

use std::sync::Arc;

use quintet_core::chat::Chat;
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{Audience, Deed, Own, Target};
use quintet_core::id::Id;
use quintet_core::time::Timestamp;

use super::bonds::{self, is_federated};
use super::{Arrival, Effect, is_known, nothing};
use crate::entity::Entity;
use crate::search::Terms;
use crate::tables::{Kept, Tables};

/// The search terms of a note that is to be a chat here.
pub(super) fn terms(deed: &Deed) -> Terms {
    match deed {
        Deed::Note(said) if matches!(said.audience, Audience::Group(Target::Own(_))) => Terms::of(&said.content),
        _ => Terms::default(),
    }
}

pub(super) fn post<T: Tables>(tables: &mut T, arrival: &Arrival<'_>, said: &Said) -> Result<Effect, Error> {
    let room = room_of(tables, said)?;
    let bonds = bonds::of_note(tables, said, room.is_some())?;
    let Some(room) = room else {
        let concerns = !bonds.is_empty() || arrival.is_heard(tables)? || is_in_group(tables, said)?;
        return Ok(Effect { concerns, bonds, feed: feed(arrival, said), ..Effect::default() });
    };
    arrival.permitted()?;
    let chat = Chat {
        id: tables.next_id(),
        room,
        thread: None,
        author: arrival.author(tables)?.unwrap_or_else(|| arrival.draft.author.clone()),
        content: said.content.clone(),
        created_at: date(arrival),
        edited: false,
        reactions: Vec::new(),
        via: arrival.draft.via.clone(),
        subject: None,
    };
    tables.add_chat(&chat, arrival.terms)?;
    Ok(Effect { concerns: true, bonds, chat: Some(chat.id), bodies: vec![Body::ChatPosted(chat)], ..Effect::default() })
}

/// An edit changes what a note says; the room in which it is a chat stays the same.
pub(super) fn edit<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    said: &Said,
    known: &Entity,
) -> Result<Effect, Error> {
    let chat = known.chat.map_or(Ok(None), |chat| tables.chat(chat))?;
    let bonds = bonds::of_note(tables, said, chat.is_some())?;
    let Some(mut chat) = chat else {
        let concerns = !bonds.is_empty() || arrival.is_heard(tables)? || is_in_group(tables, said)?;
        return Ok(Effect { concerns, bonds, feed: feed(arrival, said), ..Effect::default() });
    };
    arrival.permitted()?;
    // Whether it may was asked for the room that the note is for now.
    if room_of(tables, said)? != Some(chat.room) {
        return Err(Error::forbidden("a chat stays in its room; post it anew in the other one"));
    }
    let mut bodies = Vec::new();
    if chat.content != said.content {
        chat.content.clone_from(&said.content);
        chat.edited = true;
        tables.put_chat(&chat, &Terms::of(&said.content))?;
        bodies.push(Body::ChatEdited(chat));
    }
    Ok(Effect { concerns: true, bonds, chat: known.chat, bodies, ..Effect::default() })
}

/// The room here that a note is for.
fn room_of<T: Tables>(tables: &T, said: &Said) -> Result<Option<Id>, Error> {
    match &said.audience {
        Audience::Group(Target::Own(Own::Room(room))) if is_federated(tables, *room)? => Ok(Some(*room)),
        Audience::Group(Target::Own(_)) => Err(nothing()),
        _ => Ok(None),
    }
}

/// Whether a note is for a group in which somebody here is.
fn is_in_group<T: Tables>(tables: &T, said: &Said) -> Kept<bool> {
    match &said.audience {
        Audience::Group(Target::Remote(group)) => is_known(tables, &group.key),
        _ => Ok(false),
    }
}

/// Whose followers read a note. Those whom it only mentions find it by that; a chat is read in its room.
fn feed(arrival: &Arrival<'_>, said: &Said) -> Option<Arc<str>> {
    match &said.audience {
        Audience::Public | Audience::Followers => arrival.incoming.actor.as_ref().map(|actor| Arc::clone(&actor.key)),
        // Only the group's house says what is in it, not whoever names it.
        Audience::Group(Target::Remote(group)) if arrival.delivery.may => Some(Arc::clone(&group.key)),
        Audience::Group(_) | Audience::Mentioned => None,
    }
}

/// Whether a note that its author sent is now said by the group to be in it: it was fetched for that, so nobody signed it.
pub(super) fn is_let_in(arrival: &Arrival<'_>, known: &Entity) -> bool {
    let fetched = |signature: &str| signature.is_empty();
    let is_for_group = matches!(&arrival.incoming.deed, Deed::Note(said) if matches!(said.audience, Audience::Group(Target::Remote(_))));
    is_for_group && arrival.delivery.may && fetched(&arrival.delivery.signature) && !fetched(&known.signature)
}

/// When a chat was said: as it says, if that is about now.
fn date(arrival: &Arrival<'_>) -> Timestamp {
    let (now, said) = (arrival.draft.at, arrival.incoming.created_at);
    let skew = now.millis().abs_diff(said.millis());
    if skew <= arrival.limits.chat_clock_skew_seconds.saturating_mul(1_000) { said } else { now }
}
