//! What users of other houses feel about something of ours.

use quintet_core::chat::Chat;
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::federation::{Own, Target};
use quintet_core::id::Id;
use quintet_core::limits;

use super::bonds::{Bonds, is_federated};
use super::{Arrival, Effect, nothing};
use crate::correspondence::Bond;
use crate::entity::{Entity, Feeling};
use crate::handle::Handle;
use crate::rules::chats::{self, Reaction};
use crate::tables::{Kept, Tables};

pub(super) fn react<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    target: &Target,
    text: &str,
    exclusive: bool,
) -> Result<Effect, Error> {
    if text.len() > limits::size(arrival.limits.reaction_bytes) {
        let bytes = arrival.limits.reaction_bytes;
        return Err(Error::bad_message(format!("a reaction has at most {bytes} bytes; send a shorter one")));
    }
    let to = match target {
        Target::Own(Own::Note(id)) => *id,
        Target::Own(_) => return Err(nothing()),
        Target::Remote(address) => {
            let known = tables.entity(Handle::Name(&address.key))?.is_some_and(|entity| !entity.passing);
            return Ok(Effect::none(known || arrival.is_heard(tables)?));
        }
    };
    let feeling = Feeling { to, reaction: text.to_owned(), exclusive };
    let bodies = match tables.chat(to)? {
        Some(chat) => react_to_chat(tables, arrival, chat, &feeling)?,
        None if tables.note(to)?.is_some() => {
            for entity in former(tables, arrival, &feeling)? {
                displace(tables, &entity)?;
            }
            Vec::new()
        }
        None => return Err(nothing()),
    };
    let bonds = Bonds::one(to, Bond::Reaction);
    Ok(Effect { concerns: true, bonds, feeling: Some(feeling), bodies, ..Effect::default() })
}

fn react_to_chat<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    chat: Chat,
    feeling: &Feeling,
) -> Result<Vec<Body>, Error> {
    if !is_federated(tables, chat.room)? {
        return Err(nothing());
    }
    let user = arrival.permitted()?;
    let new = Reaction { chat: chat.id, user, text: &feeling.reaction, adding: true };
    chats::check_reaction(&chat, &new, arrival.limits)?;
    let mut bodies = Vec::new();
    for entity in former(tables, arrival, feeling)? {
        bodies.extend(release(tables, &entity, user, &feeling.reaction)?);
    }
    bodies.push(chats::feel(tables, chat, &new)?);
    Ok(bodies)
}

/// The exclusive reactions of the actor that a new one takes the place of: none where it is not exclusive itself.
fn former<T: Tables>(tables: &T, arrival: &Arrival<'_>, new: &Feeling) -> Kept<Vec<Entity>> {
    let Some(actor) = arrival.actor_key().filter(|_| new.exclusive) else { return Ok(Vec::new()) };
    let mut reactions = tables.reactions_by(actor, new.to)?;
    reactions.retain(|entity| entity.feeling.as_ref().is_some_and(|feeling| feeling.exclusive));
    Ok(reactions)
}

/// Takes the effect from an entity whose place another takes; the reaction itself stays where the new one is the same.
fn release<T: Tables>(tables: &mut T, entity: &Entity, user: Id, new: &str) -> Kept<Option<Body>> {
    let Some(feeling) = &entity.feeling else { return Ok(None) };
    displace(tables, entity)?;
    if feeling.reaction == new {
        return Ok(None);
    }
    let Some(chat) = tables.chat(feeling.to)? else { return Ok(None) };
    let gone = Reaction { chat: chat.id, user, text: &feeling.reaction, adding: false };
    chats::feel(tables, chat, &gone).map(Some)
}

/// From now on the entity is about nothing.
fn displace<T: Tables>(tables: &mut T, entity: &Entity) -> Kept<()> {
    tables.put_entity(&Entity { feeling: None, ..entity.clone() }, &[])
}

/// What becomes of a chat when a reaction to it is taken back; nothing where another entity says the same.
pub(super) fn retract<T: Tables>(tables: &mut T, entity: &Entity, user: Id) -> Kept<Option<Body>> {
    let (Some(feeling), Some(actor)) = (&entity.feeling, &entity.actor) else { return Ok(None) };
    let Some(chat) = tables.chat(feeling.to)? else { return Ok(None) };
    let says_so = |other: &Entity| {
        other.id != entity.id && other.feeling.as_ref().is_some_and(|it| it.reaction == feeling.reaction)
    };
    if tables.reactions_by(actor, feeling.to)?.iter().any(says_so) {
        return Ok(None);
    }
    let gone = Reaction { chat: chat.id, user, text: &feeling.reaction, adding: false };
    chats::feel(tables, chat, &gone).map(Some)
}
