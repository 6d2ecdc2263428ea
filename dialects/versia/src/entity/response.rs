//! Responses to notes: likes, reactions, votes, shares (versia.md, section 4.5).

use quintet_core::Error;
use quintet_core::federation::{Deed, Target};

use crate::entity::authority::Actor;
use crate::entity::order::is_note;
use crate::entity::sheet::{Sheet, only};
use crate::entity::{Draft, kind};

/// The longest reaction, in characters (versia.md, section 4.5).
const REACTION_CHARS: usize = 256;

/// `Like` and `Dislike`, of which a user has one on a note.
pub(super) fn like(sheet: &Sheet<'_>, member: &str, reaction: &str) -> Result<Draft, Error> {
    let target = note(sheet, member)?;
    draft(sheet, Deed::React { target, reaction: reaction.to_owned(), exclusive: true })
}

/// `Reaction`.
pub(super) fn reaction(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let target = note(sheet, "object")?;
    let short = |text: &str| (1..=REACTION_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control);
    let reaction = sheet.shape.text_where("content", short, "must be an emoji or a text of 1 to 256 characters")?;
    draft(sheet, Deed::React { target, reaction: reaction.to_owned(), exclusive: false })
}

/// `Vote`.
pub(super) fn vote(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    sheet.shape.count("option")?;
    keep(sheet, "poll")
}

/// `Share`.
pub(super) fn share(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    keep(sheet, "shared")
}

fn keep(sheet: &Sheet<'_>, member: &str) -> Result<Draft, Error> {
    let about = vec![note(sheet, member)?];
    draft(sheet, Deed::Keep { about })
}

fn note(sheet: &Sheet<'_>, member: &str) -> Result<Target, Error> {
    Ok(only(sheet.target(member, kind::NOTE)?, is_note))
}

fn draft(sheet: &Sheet<'_>, deed: Deed) -> Result<Draft, Error> {
    let name = Some(sheet.thing()?);
    let author = sheet.target("author", kind::USER)?;
    Ok(Draft { name, transient: false, actor: Actor::User(author), deed })
}
