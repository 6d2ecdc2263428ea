//! Entities: things of ours, as their readers fetch them (versia.md, section 3.3).

use std::sync::Arc;

use quintet_core::federation::desk::{Exhibit, Exhibition, Shown};
use quintet_core::federation::telling::What;
use quintet_core::federation::{Form, Host, Own, Tale, Telling};
use quintet_core::http::{Head, Step};
use quintet_core::{Error, Id, Timestamp};

use super::seal::Seal;
use super::{nothing, show, signature};
use crate::house::House;
use crate::{media, telling};

/// Shows something; in 0.6 only as the type that was asked for.
pub(super) fn get(
    house: &Arc<House>,
    host: &Host,
    head: &Head,
    form: Form,
    own: &Own,
    kind: Option<&'static str>,
) -> Result<Step, Error> {
    let reader = read_by(house, head, form)?;
    let (exhibit, seal) = (exhibit(own)?, Seal::of(house, host, head, form));
    Ok(show(head, exhibit, reader, move |exhibition| {
        let telling = tell(&seal.house, &exhibition, form).ok_or_else(nothing)?;
        if kind.is_some_and(|kind| kind != telling.kind) {
            return Err(nothing());
        }
        Ok(seal.response(&exhibition, &telling.signer, telling.text))
    }))
}

/// Whoever asks, where that is shown, or must be.
pub(super) fn read_by(
    house: &House,
    head: &Head,
    form: Form,
) -> Result<Option<quintet_core::federation::Signed>, Error> {
    if form == Form::Reference && !takes_versia(head) {
        return Err(Error::bad_message(format!("the header accept must name {}", media::VERSIA)).with_status(406));
    }
    signature::of_reader(house, head, form)
}

/// Whether a reader takes what 0.6 is written in. It is to say so (versia.md, section 3.1); who says nothing, or any JSON, is given it as well.
fn takes_versia(head: &Head) -> bool {
    let Some(accept) = head.header("accept") else { return true };
    accept.split(',').any(|range| {
        let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(range.as_str(), media::VERSIA | media::JSON | "application/*" | "*/*" | "")
    })
}

fn exhibit(own: &Own) -> Result<Exhibit, Error> {
    Ok(match own {
        Own::User(id) => Exhibit::User(*id),
        Own::Note(id) => Exhibit::Note(*id),
        Own::Room(id) => Exhibit::Room(*id),
        Own::Reaction { user, to, reaction } => {
            Exhibit::Reaction { user: *user, to: *to, reaction: reaction.to_string() }
        }
        Own::House | Own::Unknown => return Err(nothing()),
    })
}

/// What is shown, as an entity.
fn tell(house: &House, exhibition: &Exhibition, form: Form) -> Option<Telling> {
    let tale = |id: Id, at: Timestamp, what| telling::tell(house, &Tale { id, at, what }, form);
    match &exhibition.shown {
        Shown::User(user) => {
            let key = exhibition.pen.public(&Own::User(user.id));
            tale(user.id, user.created_at, What::User(user, key))
        }
        Shown::Note(note) => tale(note.id, note.created_at, What::Note(note)),
        Shown::Room(room) => tale(room.id, room.created_at, What::Room(room)),
        Shown::Reaction { by, number, to, reaction, at } => {
            tale(*number, *at, What::Reacted { by: *by, number: *number, to: to.clone(), reaction })
        }
        Shown::House { .. } | Shown::Page { .. } => None,
    }
}
