//! Content: the same thing in several media types, `ContentFormat` (versia.md, section 4.4).

use quintet_core::Error;
use quintet_core::federation::Form;

use crate::entity::html;
use crate::entity::shape::{Shape, as_object, as_text, cut, fault};
use crate::json::{Object, Value};

/// What content may be in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// `text/*`, here and now.
    Text,
    /// `image/*`, elsewhere.
    Image,
    /// `audio/*`.
    Audio,
    /// Of any type, elsewhere.
    Attachment,
}

/// Hashes of 0.5.
const HASHES: [&str; 18] = [
    "sha256",
    "sha512",
    "sha3-256",
    "sha3-512",
    "blake2b-256",
    "blake2b-512",
    "blake3-256",
    "blake3-512",
    "md5",
    "sha1",
    "sha224",
    "sha384",
    "sha3-224",
    "sha3-384",
    "blake2s-256",
    "blake2s-512",
    "blake3-224",
    "blake3-384",
];

/// Checks a member that is content, where it is there.
pub(super) fn maybe<'v>(shape: &'v Shape<'v>, member: &'v str, rule: Rule) -> Result<Option<&'v Object<'v>>, Error> {
    let Some(object) = shape.maybe_object(member)? else { return Ok(None) };
    check(shape, member, object, rule)?;
    Ok(Some(object))
}

/// Checks a member that is content.
pub(super) fn must<'v>(shape: &'v Shape<'v>, member: &'v str, rule: Rule) -> Result<&'v Object<'v>, Error> {
    shape.must(member, maybe(shape, member, rule)?)
}

/// Checks a list of contents.
pub(super) fn each<'v>(shape: &'v Shape<'v>, member: &'v str, rule: Rule) -> Result<Option<usize>, Error> {
    let Some(items) = shape.maybe_objects(member)? else { return Ok(None) };
    items.iter().try_for_each(|item| check(shape, member, item, rule))?;
    Ok(Some(items.len()))
}

/// What a text says, as plain text: the plain one, else markdown as it is, else HTML without its tags, else whichever there is.
pub(super) fn plain(content: &Object<'_>) -> String {
    let entry = |kind: &str| content.get(kind).and_then(text_of);
    if let Some(text) = entry("text/plain").or_else(|| entry("text/markdown")) {
        return text.replace("\r\n", "\n");
    }
    match entry("text/html") {
        Some(markup) => html::plain(markup),
        None => content.members().find_map(|(_, value)| text_of(value)).unwrap_or_default().replace("\r\n", "\n"),
    }
}

fn text_of<'v>(entry: &'v Value<'v>) -> Option<&'v str> {
    as_text(as_object(entry)?.get("content")?)
}

fn check<'v>(outer: &'v Shape<'v>, member: &'v str, content: &'v Object<'v>, rule: Rule) -> Result<(), Error> {
    if content.members().next().is_none() {
        return Err(outer.fault(member, "must have at least one media type"));
    }
    let shape = outer.inner(member, content);
    for (media, value) in content.members() {
        if !allows(rule, media) {
            return Err(shape.fault(media, &format!("must be {}", family(rule))));
        }
        let entry = as_object(value).ok_or_else(|| shape.fault(media, "must be an object"))?;
        check_entry(&shape, media, entry, rule)?;
    }
    Ok(())
}

fn family(rule: Rule) -> &'static str {
    match rule {
        Rule::Text => "text/*",
        Rule::Image => "image/*",
        Rule::Audio => "audio/*",
        Rule::Attachment => "a media type",
    }
}

fn allows(rule: Rule, media: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'"' | b','))
    };
    let Some((family, kind)) = media.split_once('/') else { return false };
    let right = match rule {
        Rule::Text => family == "text",
        Rule::Image => family == "image",
        Rule::Audio => family == "audio",
        Rule::Attachment => token(family),
    };
    // Parameters, as in `text/plain; charset=utf-8`, are part of a media type.
    right && kind.split(';').all(|part| token(part.trim_start()))
}

fn check_entry(outer: &Shape<'_>, media: &str, entry: &Object<'_>, rule: Rule) -> Result<(), Error> {
    let shape = outer.inner(media, entry);
    if shape.maybe_text("content").ok().flatten().is_none() {
        return Err(missing_text(outer, media));
    }
    match (shape.flag("remote")?, rule) {
        (true, Rule::Text) => return Err(shape.fault("remote", "must be false for text")),
        (false, Rule::Image | Rule::Attachment | Rule::Audio) => {
            return Err(shape.fault("remote", "must be true, with a URL as content"));
        }
        (true, _) => shape.link("content").map(|_| ())?,
        (false, Rule::Text) => {}
    }
    for name in ["description", "thumbhash"] {
        shape.maybe_text(name)?;
    }
    for name in ["size", "width", "height", "fps"] {
        shape.maybe_count(name)?;
    }
    shape.maybe_number("duration")?;
    check_hash(&shape)
}

fn missing_text(outer: &Shape<'_>, media: &str) -> Error {
    fault(outer.form(), format!("{}: {} must have a content string", outer.place(), cut(media)))
}

fn check_hash(shape: &Shape<'_>) -> Result<(), Error> {
    if shape.form() == Form::Reference {
        let Some(hash) = shape.maybe_text("hash")? else { return Ok(()) };
        let right = hash.len() == 64 && is_hex(hash);
        return if right { Ok(()) } else { Err(shape.fault("hash", "must be 64 hexadecimal digits of SHA-256")) };
    }
    let Some(hashes) = shape.maybe_object("hash")? else { return Ok(()) };
    let wrong = |(name, value): (&str, &Value<'_>)| {
        HASHES.contains(&name) && *value != Value::Null && !as_text(value).is_some_and(is_hex)
    };
    if hashes.members().any(wrong) { Err(shape.fault("hash", "must have hexadecimal digits")) } else { Ok(()) }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
