//! Orders: what has an effect and cannot be asked for again (versia.md, sections 4.1, 4.3 and 4.5).

use quintet_core::Error;
use quintet_core::federation::{Deed, Form, Own, Target};

use crate::entity::authority::Actor;
use crate::entity::shape::as_text;
use crate::entity::sheet::{Sheet, only};
use crate::entity::{Draft, kind};

/// `Follow`, `Unfollow`, `FollowAccept` and `FollowReject`.
pub(super) fn follow(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let name = sheet.order()?;
    let author = sheet.target("author", kind::USER)?;
    let deed = match sheet.kind {
        kind::FOLLOW => Deed::Follow(only(sheet.target("followee", kind::USER)?, is_user)),
        kind::UNFOLLOW => Deed::Unfollow(only(sheet.target("followee", kind::USER)?, is_user)),
        _ => settled(sheet, follower(sheet, "follower")?, author.clone()),
    };
    Ok(Draft { name, transient: true, actor: Actor::User(author), deed })
}

/// `Subscribe` and `Unsubscribe`.
pub(super) fn subscribe(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let name = sheet.order()?;
    let subscriber = sheet.target("subscriber", kind::USER)?;
    let group = only(sheet.target("group", kind::GROUP)?, is_room);
    let deed = if sheet.kind == kind::SUBSCRIBE { Deed::Follow(group) } else { Deed::Unfollow(group) };
    Ok(Draft { name, transient: true, actor: Actor::User(subscriber), deed })
}

/// `SubscribeAccept` and `SubscribeReject`: a house speaks for its group.
pub(super) fn settle(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let name = sheet.order()?;
    let group = sheet.target("group", kind::GROUP)?;
    let deed = settled(sheet, follower(sheet, "subscriber")?, group.clone());
    Ok(Draft { name, transient: true, actor: Actor::HouseFor(group), deed })
}

/// `Federate`: a house says that a note is in one of its groups.
pub(super) fn federate(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let name = sheet.order()?;
    let group = sheet.target("group", kind::GROUP)?;
    let note = only(sheet.target("note", kind::NOTE)?, is_note);
    let deed = match (note, group.clone()) {
        (Target::Remote(note), Target::Remote(group)) => Deed::Carry { note, group },
        // A note of ours is here already.
        (note, _) => Deed::Keep { about: vec![note] },
    };
    Ok(Draft { name, transient: true, actor: Actor::HouseFor(group), deed })
}

/// `Delete`. In 0.5 a house deletes with `author: null`.
pub(super) fn delete(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let shape = &sheet.shape;
    let name = sheet.order()?;
    let kind = kind::canonical(shape.text_where("deleted_type", kind::is_kind, "must be a type")?);
    let target = sheet.target("deleted", kind)?;
    let actor = match sheet.maybe_target("author", kind::USER)? {
        Some(author) => Actor::User(author),
        None if shape.form() == Form::Uri && shape.names("author") => Actor::House,
        None => return Err(shape.fault("author", "is required")),
    };
    Ok(Draft { name, transient: true, actor, deed: Deed::Delete { target, kind: kind.into() } })
}

/// `Migration`: kept, for those who want to follow the author to where it is now.
pub(super) fn migration(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let name = sheet.order()?;
    let author = sheet.target("author", kind::USER)?;
    let about = vec![only(sheet.target("destination", kind::USER)?, is_user)];
    Ok(Draft { name, transient: true, actor: Actor::User(author), deed: Deed::Keep { about } })
}

/// `Report`: by a user, or by a house.
pub(super) fn report(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let shape = &sheet.shape;
    let name = sheet.order()?;
    let reported = shape.must("reported", sheet.maybe_targets("reported", kind::NOTE)?)?;
    shape.list("tags")?.iter().try_for_each(|tag| match as_text(tag) {
        Some(_) => Ok(()),
        None => Err(shape.fault("tags", "must be an array of strings")),
    })?;
    shape.maybe_text("comment")?;
    let actor = sheet.maybe_target("author", kind::USER)?.map_or(Actor::House, Actor::User);
    // A reference does not say of what type it is, so whether it is something of ours cannot be told in 0.6.
    let about = if shape.form() == Form::Uri { reported } else { Vec::new() };
    Ok(Draft { name, transient: true, actor, deed: Deed::Keep { about } })
}

/// Who is let in, or not. Deployed programs name the follower by a number of their own (versia.md, section 3.6): that is nobody of ours, and the hall finds who is meant.
fn follower(sheet: &Sheet<'_>, member: &str) -> Result<Target, Error> {
    Ok(match sheet.target(member, kind::USER)? {
        Target::Remote(address) if address.host == *sheet.sender => Target::Own(Own::Unknown),
        other => only(other, is_user),
    })
}

#[expect(clippy::similar_names, reason = "the two ends of a follow")]
fn settled(sheet: &Sheet<'_>, follower: Target, followee: Target) -> Deed {
    if matches!(sheet.kind, kind::FOLLOW_ACCEPT | kind::SUBSCRIBE_ACCEPT) {
        Deed::Accept { follower, followee }
    } else {
        Deed::Reject { follower, followee }
    }
}

pub(super) fn is_user(own: &Own) -> bool {
    matches!(own, Own::User(_))
}

pub(super) fn is_room(own: &Own) -> bool {
    matches!(own, Own::Room(_))
}

pub(super) fn is_note(own: &Own) -> bool {
    matches!(own, Own::Note(_))
}
