//! Notes (versia.md, section 4.3).

use quintet_core::Error;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{Audience, Deed, Form, Target};

use crate::entity::authority::Actor;
use crate::entity::content::{self, Rule};
use crate::entity::order::{is_note, is_room, is_user};
use crate::entity::sheet::{Sheet, only};
use crate::entity::{Draft, blocks, kind};

const CATEGORIES: [&str; 7] = ["microblog", "forum", "blog", "image", "video", "audio", "messaging"];

/// Reads a note.
pub(super) fn read(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let shape = &sheet.shape;
    let name = sheet.thing()?;
    let author = sheet.target("author", kind::USER)?;
    let said = Said {
        content: content::maybe(shape, "content", Rule::Text)?.map(content::plain).unwrap_or_default(),
        audience: audience(sheet)?,
        mentions: mentions(sheet)?,
        replies_to: note(sheet, "replies_to")?,
        quotes: note(sheet, "quotes")?,
    };
    check_looks(sheet)?;
    if shape.form() == Form::Uri {
        sheet.check_collections(&["replies", "quotes"])?;
    }
    blocks::check_note(sheet)?;
    Ok(Draft { name: Some(name), transient: false, actor: Actor::User(author), deed: Deed::Note(Box::new(said)) })
}

/// Whom a note is for: without a group the author and who is mentioned.
fn audience(sheet: &Sheet<'_>) -> Result<Audience, Error> {
    Ok(match sheet.shape.maybe_text("group")? {
        None => Audience::Mentioned,
        Some("public") => Audience::Public,
        Some("followers") => Audience::Followers,
        Some(_) => Audience::Group(only(sheet.target("group", kind::GROUP)?, is_room)),
    })
}

fn mentions(sheet: &Sheet<'_>) -> Result<Vec<Target>, Error> {
    let mentions = sheet.maybe_targets("mentions", kind::USER)?;
    let mentions = sheet.shape.must_in_reference_form("mentions", mentions)?.unwrap_or_default();
    Ok(mentions.into_iter().map(|target| only(target, is_user)).collect())
}

fn note(sheet: &Sheet<'_>, member: &str) -> Result<Option<Target>, Error> {
    Ok(sheet.maybe_target(member, kind::NOTE)?.map(|target| only(target, is_note)))
}

/// What a note looks like, which is kept with it and means nothing here.
fn check_looks(sheet: &Sheet<'_>) -> Result<(), Error> {
    let shape = &sheet.shape;
    shape.must_in_reference_form("attachments", content::each(shape, "attachments", Rule::Attachment)?)?;
    shape.must_in_reference_form("is_sensitive", shape.maybe_flag("is_sensitive")?)?;
    shape.maybe_word("category", &CATEGORIES)?;
    shape.maybe_text("subject")?;
    if let Some(device) = shape.maybe_object("device")? {
        let device = shape.inner("device", device);
        device.text("name")?;
        device.maybe_text("version")?;
        device.maybe_link("url")?;
    }
    let previews = shape.must_in_reference_form("previews", shape.maybe_objects("previews")?)?;
    for preview in previews.unwrap_or_default() {
        let preview = shape.inner("previews", preview);
        preview.link("link")?;
        preview.text("title")?;
        preview.maybe_text("description")?;
        preview.maybe_link("image")?;
        preview.maybe_link("icon")?;
    }
    Ok(())
}
