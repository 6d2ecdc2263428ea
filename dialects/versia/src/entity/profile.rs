//! Profiles: users and groups of other servers (versia.md, sections 1.6, 4.3 and 4.5).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quintet_core::Error;
use quintet_core::federation::{Deed, Form, Target, UserProfile};

use crate::entity::authority::Actor;
use crate::entity::content::{self, Rule};
use crate::entity::shape::Shape;
use crate::entity::sheet::Sheet;
use crate::entity::{Draft, blocks, kind};

/// What is before the 32 bytes of a public key (SPKI DER; versia.md, section 1.6).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The longest name that is made of what a group is called.
const GROUP_NAME: usize = 32;

/// Reads a user.
pub(super) fn user(sheet: &Sheet<'_>, text: &Arc<str>) -> Result<Draft, Error> {
    let shape = &sheet.shape;
    let address = sheet.thing()?;
    let username = shape.text_where("username", kind::is_word, "must be letters, digits, _ and -")?.to_owned();
    let display_name = shape.maybe_text("display_name")?.map(str::to_owned);
    let bio = content::maybe(shape, "bio", Rule::Text)?.map(content::plain);
    check_looks(sheet)?;
    blocks::check_user(sheet)?;
    let (mut key, mut inbox) = (None, None);
    if shape.form() == Form::Uri {
        sheet.check_collections(&["outbox", "followers", "following", "featured"])?;
        inbox = Some(sheet.home(shape, "inbox")?.to_owned());
        key = own_key(sheet, &address.key)?;
    }
    let profile = UserProfile {
        address: address.clone(),
        group: false,
        username,
        display_name,
        bio,
        key,
        inbox,
        text: Arc::clone(text),
    };
    let (name, actor) = (Some(address.clone()), Actor::User(Target::Remote(address)));
    Ok(Draft { name, transient: false, actor, deed: Deed::Profile(Box::new(profile)) })
}

/// Reads a group.
pub(super) fn group(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let name = check_group(sheet)?.address;
    let actor = Actor::HouseFor(Target::Remote(name.clone()));
    Ok(Draft { name: Some(name), transient: false, actor, deed: Deed::Group })
}

/// Reads a group as somebody of which users here are members.
pub(super) fn group_profile(sheet: &Sheet<'_>, text: &str) -> Result<UserProfile, Error> {
    let mut profile = check_group(sheet)?;
    profile.text = text.into();
    Ok(profile)
}

fn check_group(sheet: &Sheet<'_>) -> Result<UserProfile, Error> {
    let shape = &sheet.shape;
    let address = sheet.thing()?;
    let called = content::maybe(shape, "name", Rule::Text)?.map(content::plain);
    let bio = content::maybe(shape, "description", Rule::Text)?.map(content::plain);
    shape.must_in_reference_form("open", shape.maybe_flag("open")?)?;
    if shape.form() == Form::Uri {
        sheet.home(shape, "members")?;
        sheet.maybe_home(shape, "notes")?;
    }
    let username = group_name(called.as_deref().unwrap_or_default());
    Ok(UserProfile {
        address,
        group: true,
        username,
        display_name: called,
        bio,
        key: None,
        inbox: None,
        text: "".into(),
    })
}

/// A username out of what a group is called.
fn group_name(called: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = called.trim().chars().take(GROUP_NAME).map(word).collect();
    let name = name.trim_matches('_');
    if name.is_empty() { "group".to_owned() } else { name.to_owned() }
}

fn check_looks(sheet: &Sheet<'_>) -> Result<(), Error> {
    let shape = &sheet.shape;
    content::maybe(shape, "avatar", Rule::Image)?;
    content::maybe(shape, "header", Rule::Image)?;
    shape.must_in_reference_form("manually_approves_followers", shape.maybe_flag("manually_approves_followers")?)?;
    shape.must_in_reference_form("indexable", shape.maybe_flag("indexable")?)?;
    let fields = shape.must_in_reference_form("fields", shape.maybe_objects("fields")?)?;
    for field in fields.unwrap_or_default() {
        let field = shape.inner("fields", field);
        content::must(&field, "key", Rule::Text)?;
        content::must(&field, "value", Rule::Text)?;
    }
    Ok(())
}

/// The user's key; `None` where it is another's, who acts for this one (delegation, which this house does not follow).
fn own_key(sheet: &Sheet<'_>, uri: &str) -> Result<Option<[u8; 32]>, Error> {
    let outer = &sheet.shape;
    let shape = outer.inner("public_key", outer.object("public_key")?);
    let actor = shape.text("actor")?;
    sheet.maybe_target_in(&shape, "actor", kind::USER)?;
    let key = check_key(&shape)?;
    Ok((actor == uri).then_some(key))
}

/// A key of the only algorithm (versia.md, section 1.6).
pub(super) fn check_key(shape: &Shape<'_>) -> Result<[u8; 32], Error> {
    shape.text_where("algorithm", |text| text == "ed25519", "must be ed25519")?;
    let text = shape.text("key")?;
    let wrong = || shape.fault("key", "must be base64 of an Ed25519 public key (SPKI, 44 bytes)");
    public_key(text).ok_or_else(wrong)
}

/// The public half of a key as metadata and users spell it: base64 of SPKI, in its one spelling.
pub(crate) fn public_key(text: &str) -> Option<[u8; 32]> {
    let bytes = STANDARD.decode(text).ok()?;
    bytes.strip_prefix(&SPKI)?.try_into().ok()
}

/// The public half of a key, as it is spelled for others.
pub(crate) fn spell_public_key(key: &[u8; 32]) -> String {
    STANDARD.encode([&SPKI[..], &key[..]].concat())
}
