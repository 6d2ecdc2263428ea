//! Naming: users, notes, groups and reactions, here and elsewhere, in both forms (versia.md, sections 1.5, 3.1 and 3.3). The only translator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quintet_core::federation::host::Reach;
use quintet_core::federation::{Address, Form, Host, Own, Target};
use quintet_core::limits::ADDRESS_BYTES;
use quintet_core::{Error, Id};

use crate::entity::kind;
use crate::house::House;
use crate::signer;

#[cfg(test)]
pub(crate) mod tests;

/// The longest id (versia.md, section 3.1).
pub(crate) const ID_CHARS: usize = 512;

/// What an entity of `sender` means by a text: an absolute URI, or a reference to something of this type. What is on our host is our own, if only [`Own::Unknown`].
/// `BadMessage` for what is spelled in no such way.
pub(crate) fn read(house: &House, form: Form, sender: &Host, kind: &str, text: &str) -> Result<Target, Error> {
    match form {
        Form::Uri => uri(house, Some(sender), text).ok_or_else(|| Error::bad_message("must be an absolute https URI")),
        Form::Reference => reference(house, Some(sender), kind::canonical(kind), text)
            .ok_or_else(|| Error::bad_message("must be an id, or a domain, a colon and an id")),
    }
}

/// How something is named in an entity for others. What has no name in this form is given a URL, to be shown at least; see [`spelled`].
pub(crate) fn spell(house: &House, form: Form, target: &Target) -> String {
    spelled(house, form, target).unwrap_or_else(|| match target {
        Target::Own(_) => base(house).to_owned(),
        Target::Remote(address) => url(address),
    })
}

/// How something is named in an entity for others; `None` for what has no name in this form: what another house names in the other one.
pub(crate) fn spelled(house: &House, form: Form, target: &Target) -> Option<String> {
    match (target, form) {
        (Target::Own(own), Form::Uri) => Some(format!("{}{}", base(house), path(own)?)),
        (Target::Own(own), Form::Reference) => Some(format!("{}:{}", house.host.as_ref()?, id(own)?)),
        (Target::Remote(address), _) if address.form != form => None,
        (Target::Remote(address), Form::Uri) => Some(address.key.to_string()),
        (Target::Remote(address), Form::Reference) => Some(bare(address).to_owned()),
    }
}

/// What a person means by a text: a URL, a reference to a user, or the key of an address.
pub(crate) fn typed(house: &House, text: &str) -> Result<Target, Error> {
    let text = text.trim();
    let target = if text.contains("://") {
        uri(house, None, text)
    } else {
        let (kind, text) = text.split_once(' ').unwrap_or((kind::USER, text));
        if kind::is_kind(kind) { reference(house, None, kind::canonical(kind), text) } else { None }
    };
    target.ok_or_else(|| {
        Error::bad_message("must be a URL, as in https://b.example/users/1, or a reference, as in b.example:1")
    })
}

/// How something is named for people, so that [`typed`] reads it back.
pub(crate) fn spell_for_people(house: &House, target: &Target) -> String {
    match target {
        Target::Remote(address) if address.form == Form::Reference => {
            address.key.strip_prefix("User ").unwrap_or(&address.key).to_owned()
        }
        _ => spell(house, Form::Uri, target),
    }
}

/// What of this house stands at a path of 0.5; `None` where nothing of the room stands there.
pub(crate) fn own_at(path: &str) -> Option<Own> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let own = match (parts.next()?, parts.next()?) {
        ("users", user) => Own::User(number(user)?),
        ("notes", note) => Own::Note(number(note)?),
        ("groups", room) => Own::Room(number(room)?),
        ("reactions", user) => reaction(user, parts.next()?, parts.next()?)?,
        _ => return None,
    };
    parts.next().is_none().then_some(own)
}

/// What of this house has an id of 0.6, by its type; `None` for what is no such id.
pub(crate) fn own_of(kind: &str, text: &str) -> Option<Own> {
    match kind::canonical(kind) {
        kind::USER => number(text).map(Own::User),
        kind::NOTE => number(text).map(Own::Note),
        kind::GROUP => number(text).map(Own::Room),
        kind @ (kind::LIKE | kind::DISLIKE | kind::REACTION) => {
            let mut parts = text.splitn(3, '-');
            reaction(parts.next()?, parts.next()?, parts.next()?).filter(|own| kind::of(own) == Some(kind))
        }
        _ => None,
    }
}

/// The path of something of ours in 0.5; `None` for what has none.
pub(crate) fn path(own: &Own) -> Option<String> {
    match own {
        Own::User(id) => Some(format!("/users/{id}")),
        Own::Note(id) => Some(format!("/notes/{id}")),
        Own::Room(id) => Some(format!("/groups/{id}")),
        Own::Reaction { user, to, reaction } => {
            Some(format!("/reactions/{user}/{to}/{}", URL_SAFE_NO_PAD.encode(&**reaction)))
        }
        Own::House | Own::Unknown => None,
    }
}

/// The id of something of ours, in both forms; `None` for what has none.
pub(crate) fn id(own: &Own) -> Option<String> {
    match own {
        Own::User(id) | Own::Note(id) | Own::Room(id) => Some(id.to_string()),
        Own::Reaction { user, to, reaction } => Some(format!("{user}-{to}-{}", URL_SAFE_NO_PAD.encode(&**reaction))),
        Own::House | Own::Unknown => None,
    }
}

/// What our URIs begin with.
pub(crate) fn base(house: &House) -> &str {
    let origin = &house.origin.0;
    if origin.starts_with("https:") { origin.strip_suffix(":443").unwrap_or(origin) } else { origin }
}

/// Whether a URI is spelled as one must be (versia.md, section 1.5), so that nothing in it can be taken for another host, and is on this host.
pub(crate) fn is_at(host: &Host, reach: Reach, text: &str) -> Option<bool> {
    let (scheme, authority) = split(text)?;
    // A host has one spelling, so what is spelled as this one is right.
    let known = authority == host.as_str();
    let right = if known { scheme == host.scheme() } else { Host::parse(authority, reach)?.scheme() == scheme };
    right.then_some(known)
}

/// The scheme and what names the host of a URI, both not yet read, where the rest is as it must be.
fn split(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://").filter(|_| text.len() <= ADDRESS_BYTES)?;
    let (authority, path) = rest.split_at(rest.find('/')?);
    signer::is_path(path).then_some((scheme, authority))
}

fn uri(house: &House, sender: Option<&Host>, text: &str) -> Option<Target> {
    let (scheme, authority) = split(text)?;
    if house.host.as_ref().is_some_and(|host| host.as_str() == authority) {
        let own = text.strip_prefix(base(house)).and_then(own_at);
        let right = scheme == "https" || scheme == "http" && house.reach == Reach::Loopback;
        return right.then(|| Target::Own(own.unwrap_or(Own::Unknown)));
    }
    let host = match sender.filter(|sender| sender.as_str() == authority) {
        Some(sender) => sender.clone(),
        None => Host::parse(authority, house.reach)?,
    };
    (host.scheme() == scheme).then(|| Target::Remote(Address { host, form: Form::Uri, key: text.into() }))
}

fn reference(house: &House, sender: Option<&Host>, kind: &str, text: &str) -> Option<Target> {
    let (host, id) = match text.rsplit_once(':') {
        Some((domain, id)) => (Host::parse(domain, house.reach)?, id),
        None => (sender?.clone(), text),
    };
    if !is_id(id) {
        return None;
    }
    if house.host.as_ref() == Some(&host) {
        return Some(Target::Own(own_of(kind, id).unwrap_or(Own::Unknown)));
    }
    Some(Target::Remote(address(host, kind, id)))
}

/// The address of something that its house names by type and id.
pub(crate) fn address(host: Host, kind: &str, id: &str) -> Address {
    let key = format!("{kind} {host}:{id}").into();
    Address { host, form: Form::Reference, key }
}

/// Whether a text is an id of 0.6 (versia.md, section 3.1).
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=ID_CHARS).contains(&text.len()) && text.bytes().all(plain)
}

/// A reference without its type.
fn bare(address: &Address) -> &str {
    address.key.split_once(' ').map_or(&*address.key, |(_, reference)| reference)
}

/// Where something of another house is found.
fn url(address: &Address) -> String {
    let parts = address.key.split_once(' ').and_then(|(kind, rest)| Some((kind, rest.rsplit_once(':')?.1)));
    match parts {
        Some((kind, id)) if address.form == Form::Reference => {
            let kind = kind.replace(':', "%3A").replace('/', "%2F");
            format!("{}/.versia/v0.6/entities/{kind}/{id}", address.host.origin())
        }
        _ => address.key.to_string(),
    }
}

/// A number in its one spelling.
fn number(text: &str) -> Option<Id> {
    text.parse::<Id>().ok().filter(|id| id.to_string() == text)
}

fn reaction(user: &str, to: &str, encoded: &str) -> Option<Own> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let reaction = String::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    Some(Own::Reaction { user: number(user)?, to: number(to)?, reaction: reaction.into() })
}
