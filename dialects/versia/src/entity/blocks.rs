//! Blocks: what extensions add to entities (versia.md, section 4.5). What is not known is left alone.

use quintet_core::Error;
use quintet_core::federation::Form;

use crate::entity::content::{self, Rule};
use crate::entity::kind;
use crate::entity::shape::{Shape, as_count, as_object, as_text};
use crate::entity::sheet::Sheet;
use crate::json::{Object, Value};
use crate::moment;

/// Custom emojis, on anything.
pub(super) fn check_emojis(sheet: &Sheet<'_>) -> Result<(), Error> {
    let Some(block) = block(sheet, "pub.versia:custom_emojis")? else { return Ok(()) };
    let outer = block.shape(sheet);
    let emojis = outer.must("emojis", outer.maybe_objects("emojis")?)?;
    for emoji in emojis {
        let emoji = outer.inner("emojis", emoji);
        emoji.text_where("name", is_emoji, "must be a word between two marks, as in :cat:")?;
        // Deployed programs say `url` (section 3.6).
        let image = if emoji.get("content").is_some() { "content" } else { "url" };
        match emoji.get(image) {
            Some(Value::Text(_)) if image == "url" => emoji.link("url").map(|_| ())?,
            Some(_) => content::must(&emoji, image, Rule::Image).map(|_| ())?,
            None => return Err(emoji.fault("content", "is required")),
        }
    }
    Ok(())
}

/// Polls and controls, on notes.
pub(super) fn check_note(sheet: &Sheet<'_>) -> Result<(), Error> {
    if let Some(block) = block(sheet, "pub.versia:polls")? {
        check_poll(&block.shape(sheet))?;
    }
    if let Some(block) = block(sheet, "pub.versia:interaction_controls")? {
        let shape = block.shape(sheet);
        for (name, value) in shape.members() {
            let control = as_object(value).ok_or_else(|| shape.fault(name, "must be an object"))?;
            check_control(&shape.inner(name, control))?;
        }
    }
    Ok(())
}

/// Where a user was before, for whom it acts, and what it wears.
pub(super) fn check_user(sheet: &Sheet<'_>) -> Result<(), Error> {
    if let Some(block) = block(sheet, "pub.versia:migration")? {
        let shape = block.shape(sheet);
        shape.must("previous", sheet.maybe_target_in(&shape, "previous", kind::USER)?)?;
        sheet.maybe_target_in(&shape, "new", kind::USER)?;
    }
    if sheet.shape.form() == Form::Reference
        && let Some(block) = block(sheet, "pub.versia:delegation")?
    {
        let shape = block.shape(sheet);
        let delegator = sheet.maybe_target_in(&shape, "delegator", kind::USER)?.is_some();
        let delegates = sheet.maybe_targets_in(&shape, "allowed_delegates", kind::USER)?.is_some();
        if delegator == delegates {
            return Err(shape.fault("delegator", "or allowed_delegates must be there, and not both"));
        }
    }
    match block(sheet, "pub.versia:vanity")? {
        Some(block) => check_vanity(sheet, &block.shape(sheet)),
        None => Ok(()),
    }
}

/// The block of an extension.
struct Block<'v> {
    name: &'v str,
    object: &'v Object<'v>,
}

impl<'v> Block<'v> {
    fn shape(&'v self, sheet: &'v Sheet<'_>) -> Shape<'v> {
        sheet.shape.inner(self.name, self.object)
    }
}

fn block<'v>(sheet: &'v Sheet<'_>, name: &'v str) -> Result<Option<Block<'v>>, Error> {
    let Some(value) = sheet.shape.extension(name) else { return Ok(None) };
    let object = as_object(value).ok_or_else(|| sheet.shape.fault(name, "must be an object"))?;
    Ok(Some(Block { name, object }))
}

fn check_poll(shape: &Shape<'_>) -> Result<(), Error> {
    let options = shape.must("options", content::each(shape, "options", Rule::Text)?)?;
    let votes = shape.list("votes")?;
    if votes.iter().any(|vote| as_count(vote).is_none()) {
        return Err(shape.fault("votes", "must be an array of integers, 0 or more"));
    }
    if votes.len() != options {
        return Err(shape.fault("votes", "must be as many as options"));
    }
    shape.flag("multiple_choice")?;
    shape.maybe_moment("expires_at")?;
    Ok(())
}

fn check_control(shape: &Shape<'_>) -> Result<(), Error> {
    let mut lists = 0;
    for member in ["allowed", "disallowed"] {
        if shape.get(member).is_some() {
            shape.texts(member, |_| true, "must be an array of strings")?;
            lists += 1;
        }
    }
    if lists == 1 { Ok(()) } else { Err(shape.fault("allowed", "or disallowed must be there, and not both")) }
}

fn check_vanity(sheet: &Sheet<'_>, shape: &Shape<'_>) -> Result<(), Error> {
    content::each(shape, "avatar_overlays", Rule::Image)?;
    content::maybe(shape, "avatar_mask", Rule::Image)?;
    content::maybe(shape, "background", Rule::Image)?;
    content::maybe(shape, "audio", Rule::Audio)?;
    if let Some(pronouns) = shape.maybe_object("pronouns")? {
        check_pronouns(&shape.inner("pronouns", pronouns))?;
    }
    if shape.maybe_text("birthday")?.is_some_and(|text| !is_birthday(text)) {
        return Err(shape.fault("birthday", "must be a date as in 2001-02-28, 0000-02-28 or --02-28"));
    }
    shape.maybe_text("location")?;
    shape.maybe_text("timezone")?;
    sheet.maybe_targets_in(shape, "aliases", kind::USER)?;
    Ok(())
}

/// Of each language a list, of words (0.5) or of their forms.
fn check_pronouns(shape: &Shape<'_>) -> Result<(), Error> {
    const FORMS: [&str; 5] = ["subject", "object", "dependent_possessive", "independent_possessive", "reflexive"];
    for (language, _) in shape.members() {
        for item in shape.list(language)? {
            match as_object(item) {
                Some(forms) => {
                    let forms = shape.inner(language, forms);
                    FORMS.iter().try_for_each(|form| forms.text(form).map(|_| ()))?;
                }
                None if as_text(item).is_some() && shape.form() == Form::Uri => {}
                None => return Err(shape.fault(language, "must be an array of the forms of pronouns")),
            }
        }
    }
    Ok(())
}

fn is_birthday(text: &str) -> bool {
    let day = text.strip_prefix("--").unwrap_or(text);
    moment::is_date(text) || day.len() == 5 && moment::is_date(&format!("0000-{day}"))
}

/// A word between two marks.
fn is_emoji(text: &str) -> bool {
    let mut chars = text.chars();
    let marked = chars.next().is_some() && chars.next_back().is_some();
    marked && text.len() <= 256 && kind::is_word(chars.as_str())
}
