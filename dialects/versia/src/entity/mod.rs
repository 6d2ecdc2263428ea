//! Entities of other servers: their shape, and who may sign them (versia.md, section 4).

mod authority;
mod blocks;
mod content;
mod html;
mod instance;
pub(crate) mod kind;
mod note;
mod order;
pub(crate) mod profile;
mod response;
mod shape;
mod sheet;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use quintet_core::Error;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::{Address, Audience, Deed, Form, Host, Incoming, Signer, UserProfile};

use crate::entity::authority::Actor;
use crate::entity::shape::{Shape, fault};
use crate::entity::sheet::Sheet;
use crate::house::House;
use crate::json;

/// What was read of an entity, before it is asked whether the signer may say it.
struct Draft {
    name: Option<Address>,
    transient: bool,
    actor: Actor,
    deed: Deed,
}

/// Reads an entity that is said to be signed by somebody. `BadMessage` for what is no entity, or of a wrong shape (with status 422 in 0.6), `Forbidden` where it is not
/// the signer's.
pub(crate) fn read(house: &House, signer: &Signer, text: &Arc<str>) -> Result<Incoming, Error> {
    let object = json::parse(text)?;
    let form = form_of(signer);
    let shape = Shape::new(&object, form);
    let kind = kind::canonical(shape.text("type")?);
    let sheet = Sheet { house, sender: signer.host(), signer, kind, shape };
    let created_at = shape.moment("created_at")?;
    shape.maybe_link("$schema")?;
    shape.check_extensions()?;
    blocks::check_emojis(&sheet)?;
    let Draft { name, transient, actor, deed } = draft(&sheet, text)?;
    let actor = authority::check(signer, actor)?;
    Ok(Incoming { form, kind: kind.into(), name, transient, actor, created_at, deed, text: Arc::clone(text) })
}

/// For whom a note is that was taken before; `None` for what is no note.
pub(crate) fn audience(house: &House, kept: &Kept) -> Option<Audience> {
    let author = kept.actor.clone()?;
    let signer = match author.form {
        Form::Uri => Signer::User(author),
        Form::Reference => Signer::Instance(author.host, Form::Reference),
    };
    match read(house, &signer, &kept.text).ok()?.deed {
        Deed::Note(said) => Some(said.audience),
        _ => None,
    }
}

/// Reads a group as its house serves it: what users here are members of.
pub(crate) fn group(house: &House, host: &Host, form: Form, text: &str) -> Result<UserProfile, Error> {
    let object = json::parse(text)?;
    let shape = Shape::new(&object, form);
    let signer = Signer::Instance(host.clone(), form);
    let kind = kind::canonical(shape.text("type")?);
    if kind != kind::GROUP {
        return Err(shape.fault("type", "must be a group's"));
    }
    let sheet = Sheet { house, sender: host, signer: &signer, kind, shape };
    shape.moment("created_at")?;
    shape.check_extensions()?;
    profile::group_profile(&sheet, text)
}

/// In which way a signer names things.
fn form_of(signer: &Signer) -> Form {
    match signer {
        Signer::User(address) => address.form,
        Signer::Instance(_, form) => *form,
    }
}

fn draft(sheet: &Sheet<'_>, text: &Arc<str>) -> Result<Draft, Error> {
    match sheet.kind {
        kind::NOTE => note::read(sheet),
        kind::USER => profile::user(sheet, text),
        kind::GROUP => profile::group(sheet),
        kind::FOLLOW | kind::UNFOLLOW | kind::FOLLOW_ACCEPT | kind::FOLLOW_REJECT => order::follow(sheet),
        kind::SUBSCRIBE | kind::UNSUBSCRIBE => order::subscribe(sheet),
        kind::SUBSCRIBE_ACCEPT | kind::SUBSCRIBE_REJECT => order::settle(sheet),
        kind::FEDERATE => order::federate(sheet),
        kind::DELETE => order::delete(sheet),
        kind::MIGRATION => order::migration(sheet),
        kind::REPORT => order::report(sheet),
        kind::LIKE => response::like(sheet, "liked", kind::HEART),
        kind::DISLIKE => response::like(sheet, "disliked", kind::THUMBS_DOWN),
        kind::REACTION => response::reaction(sheet),
        kind::VOTE => response::vote(sheet),
        kind::SHARE => response::share(sheet),
        kind::INSTANCE => instance::read(sheet),
        kind::HELLO => Err(Error::bad_message("type: a Hello is part of the handshake only")),
        other if kind::is_namespaced(other) => unknown(sheet),
        _ => Err(fault(sheet.shape.form(), "type: is not known, and in no namespace")),
    }
}

/// An entity of an extension that this house does not have (versia.md, section 4.1).
fn unknown(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let uri = sheet.shape.form() == Form::Uri && sheet.shape.get("uri").is_some();
    let id = sheet.shape.form() == Form::Reference && sheet.shape.get("id").is_some();
    let named = uri || id;
    let name = if named { Some(sheet.thing()?) } else { sheet.order()? };
    let actor = match sheet.maybe_target("author", kind::USER)? {
        Some(author) => Actor::User(author),
        None if sheet.shape.names("author") => Actor::House,
        None => Actor::Signer,
    };
    Ok(Draft { name, transient: !named, actor, deed: Deed::Unknown })
}
