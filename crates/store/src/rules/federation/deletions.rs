//! What other houses take back.

use quintet_core::error::Error;
use quintet_core::federation::{Own, Target};

use super::{Arrival, Effect, feelings, nothing};
use crate::entity::Entity;
use crate::handle::Handle;
use crate::login;
use crate::rules::{Said, chats};
use crate::tables::Tables;

pub(super) fn delete<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    target: &Target,
    kind: &str,
) -> Result<Option<Effect>, Error> {
    let address = match target {
        Target::Remote(address) => address,
        Target::Own(Own::Unknown) => return Err(nothing()),
        // The same answer whether it is there or not.
        Target::Own(_) => return Err(Error::forbidden("only its author takes this back")),
    };
    let known = tables.entity(Handle::Name(&address.key))?.ok_or_else(nothing)?;
    let is_own = match arrival.actor_key() {
        Some(actor) => known.actor.as_deref() == Some(actor),
        None => known.host == arrival.delivery.host,
    };
    if !is_own {
        return Err(Error::forbidden("only its author takes this back"));
    }
    if !is_same(&known.kind, kind) {
        return Err(Error::forbidden(format!("this is of type {}, not {kind}", known.kind)));
    }
    if known.gone {
        return Ok(None);
    }
    let mut effect = Effect::none(true);
    undo(tables, &known, &mut effect)?;
    tables.bury(known.id)?;
    Ok(Some(effect))
}

/// What was said is no longer to be had from its own house: that counts as if it was taken back.
pub(super) fn lose<T: Tables>(tables: &mut T, arrival: &Arrival<'_>, known: Option<&Entity>) -> Result<Said, Error> {
    // A chat here is taken back by its author's own word.
    let is_meant = |known: &&Entity| !known.gone && known.chat.is_none() && known.host == arrival.delivery.host;
    let Some(known) = known.filter(is_meant) else { return Ok(Vec::new().into()) };
    tables.bury(known.id)?;
    Ok(arrival.said().into())
}

/// Undoes what an entity had come to here.
fn undo<T: Tables>(tables: &mut T, known: &Entity, effect: &mut Effect) -> Result<(), Error> {
    if let Some(chat) = known.chat
        && let Some(chat) = tables.chat(chat)?
    {
        effect.bodies.push(chats::remove(tables, chat)?);
    }
    if let Some(actor) = &known.actor
        && let Some(user) = tables.claimant(&login::address_key(actor))?
    {
        effect.bodies.extend(feelings::retract(tables, known, user)?);
    }
    Ok(())
}

/// Whether two spellings are of one type: deployed programs differ in whether an extension's name is in the plural
/// (`…:share/Share`, `…:shares/Share`).
fn is_same(one: &str, other: &str) -> bool {
    fn parts(kind: &str) -> Option<(&str, &str, &str)> {
        let (owner, rest) = kind.split_once(':')?;
        let (extension, name) = rest.split_once('/')?;
        Some((owner, extension.strip_suffix('s').unwrap_or(extension), name))
    }
    one == other || parts(one).is_some_and(|one| Some(one) == parts(other))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_type_may_be_spelled_in_the_plural() {
        let table = [
            ("Note", "Note", true),
            ("Note", "Notes", false),
            ("a.b:share/Share", "a.b:shares/Share", true),
            ("a.b:shares/Share", "a.b:share/Share", true),
            ("a.b:share/Share", "a.c:share/Share", false),
            ("a.b:share/Share", "a.b:share/Shares", false),
            ("Share", "a.b:share/Share", false),
        ];
        for (one, other, same) in table {
            assert_eq!(is_same(one, other), same, "{one} {other}");
        }
    }
}
