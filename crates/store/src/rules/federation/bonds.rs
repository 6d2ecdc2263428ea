//! What of ours an entity of another house is about.

use quintet_core::error::Error;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{Audience, Own, Target};
use quintet_core::id::Id;
use quintet_core::limits::ENTITY_BONDS;

use super::nothing;
use crate::correspondence::Bond;
use crate::tables::{Kept, Tables};

/// Things of ours, in each way once, within [`ENTITY_BONDS`].
#[derive(Default)]
pub(super) struct Bonds(Vec<(Id, Bond)>);

impl Bonds {
    /// A single one.
    pub(super) fn one(own: Id, bond: Bond) -> Self {
        Self(vec![(own, bond)])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_slice(&self) -> &[(Id, Bond)] {
        &self.0
    }

    fn has_room(&self) -> bool {
        self.0.len() < ENTITY_BONDS
    }

    fn add(&mut self, own: Id, bond: Bond) {
        if !self.0.contains(&(own, bond)) {
            self.0.push((own, bond));
        }
    }
}

/// What a note is about. What was there once may be gone where `lenient`: nobody's chat is lost for the one that it answers.
pub(super) fn of_note<T: Tables>(tables: &T, said: &Said, lenient: bool) -> Result<Bonds, Error> {
    let mut bonds = Bonds::default();
    for (target, bond) in [(&said.replies_to, Bond::Reply), (&said.quotes, Bond::Quote)] {
        if let Some(Target::Own(own)) = target {
            let is_there = exists(tables, own)?;
            match number(own) {
                Some(id) if is_there => bonds.add(id, bond),
                Some(_) if lenient => {}
                _ if is_there => {}
                _ => return Err(nothing()),
            }
        }
    }
    if let Some(author) = answered(tables, said)? {
        bonds.add(author, Bond::Answer);
    }
    for own in said.mentions.iter().filter_map(own) {
        if !bonds.has_room() {
            break;
        }
        if !exists(tables, own)? {
            return Err(nothing());
        }
        if let Own::User(id) = own {
            bonds.add(*id, Bond::Mention);
        }
    }
    Ok(bonds)
}

/// Whom of ours a note for everybody answers. What is for others only is not its business, unless it is mentioned.
fn answered<T: Tables>(tables: &T, said: &Said) -> Kept<Option<Id>> {
    let (Audience::Public, Some(Target::Own(Own::Note(id)))) = (&said.audience, &said.replies_to) else {
        return Ok(None);
    };
    let author = match tables.chat(*id)? {
        Some(chat) => Some(chat.author.id),
        None => tables.note(*id)?.map(|note| note.author.id),
    };
    match author {
        Some(author) if is_user(tables, author)? => Ok(Some(author)),
        _ => Ok(None),
    }
}

/// What anything else is about; all of it must be there.
pub(super) fn of_all<T: Tables>(tables: &T, about: &[Target]) -> Result<Bonds, Error> {
    let mut bonds = Bonds::default();
    for own in about.iter().filter_map(own).take(ENTITY_BONDS) {
        if !exists(tables, own)? {
            return Err(nothing());
        }
        if let Some(id) = number(own) {
            bonds.add(id, Bond::Other);
        }
    }
    Ok(bonds)
}

/// Whether there is such a thing, and others may know of it.
pub(super) fn exists<T: Tables>(tables: &T, own: &Own) -> Kept<bool> {
    match own {
        Own::House => Ok(true),
        Own::User(id) => is_user(tables, *id),
        Own::Note(id) => is_note(tables, *id),
        Own::Room(id) => is_federated(tables, *id),
        Own::Reaction { user, to, .. } => {
            Ok(is_user(tables, *user)? && (is_note(tables, *to)? || tables.entity_numbered(*to)?.is_some()))
        }
        Own::Unknown => Ok(false),
    }
}

/// Whether this is a user of this house, and not locked out.
pub(super) fn is_user<T: Tables>(tables: &T, id: Id) -> Kept<bool> {
    Ok(tables.account(id)?.is_some_and(|account| account.user.remote.is_none() && !account.user.disabled))
}

/// Whether this is a room that others can be in.
pub(super) fn is_federated<T: Tables>(tables: &T, id: Id) -> Kept<bool> {
    Ok(tables.room(id)?.is_some_and(|room| room.federated))
}

fn is_note<T: Tables>(tables: &T, id: Id) -> Kept<bool> {
    match tables.chat(id)? {
        Some(chat) => is_federated(tables, chat.room),
        None => Ok(tables.note(id)?.is_some()),
    }
}

fn own(target: &Target) -> Option<&Own> {
    match target {
        Target::Own(own) => Some(own),
        Target::Remote(_) => None,
    }
}

fn number(own: &Own) -> Option<Id> {
    match own {
        Own::User(id) | Own::Note(id) | Own::Room(id) => Some(*id),
        Own::House | Own::Reaction { .. } | Own::Unknown => None,
    }
}
