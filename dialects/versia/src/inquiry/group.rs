//! Groups: when what one says of itself is believed (versia.md, section 4.5).

use quintet_core::Error;
use quintet_core::federation::{Address, Finding, Form, Signer, UserProfile};

use super::document::Document;
use super::{thing, unusable};
use crate::entity::{self, content, kind};
use crate::house::House;

/// Characters of a group's name here.
const NAME_CHARS: usize = 64;

/// Reads the group at an address. Groups have no keys: their houses sign for them.
pub(super) fn read(house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
    if !document.is(kind::GROUP) {
        return Err(unusable("it is no Group"));
    }
    let is_the_one = match address.form {
        Form::Uri => document.text_at(&["uri"]) == Some(&*address.key),
        Form::Reference => document.text_at(&["id"]) == thing::id(address),
    };
    if !is_the_one {
        return Err(unusable("it is of another group"));
    }
    let signer = Signer::Instance(address.host.clone(), address.form);
    entity::read(house, &signer, document.text).map_err(|error| unusable("it is no well-formed Group").because(error))?;
    let plain = |member: &str| document.object_at(&[member]).map(content::plain).filter(|text| !text.is_empty());
    let display_name = plain("name");
    Ok(Finding::User(Box::new(UserProfile {
        address: address.clone(),
        group: true,
        username: username(display_name.as_deref().unwrap_or_default()),
        display_name,
        bio: plain("description"),
        key: None,
        inbox: None,
        text: document.text.clone(),
    })))
}

/// A name of letters, digits, `_` and `-` made of what a group is called, since it has no other.
fn username(called: &str) -> String {
    let parts = called.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if name.is_empty() { "group".to_owned() } else { name.chars().take(NAME_CHARS).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_as_it_is_called() {
        for (called, name) in [
            ("Rust & Friends", "rust-friends"),
            ("general", "general"),
            (" #a_b ", "a_b"),
            ("", "group"),
            ("日本語", "group"),
        ] {
            assert_eq!(username(called), name);
        }
        assert_eq!(username(&"x".repeat(1000)).len(), NAME_CHARS);
    }
}
