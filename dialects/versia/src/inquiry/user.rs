//! Users: when a profile is believed (versia.md, section 1.6).

use quintet_core::Error;
use quintet_core::federation::{Address, Deed, Finding, Form, Signer, UserProfile};

use super::document::Document;
use super::{thing, unusable};
use crate::house::House;
use crate::{entity, key};

/// Reads the profile at an address. Whoever serves it could as well have signed it, so it is held to what a signed one is.
pub(super) fn read(house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
    if !document.is("User") {
        return Err(unusable("it is no User"));
    }
    let (signer, key) = match address.form {
        Form::Uri => (Signer::User(address.clone()), Some(own_key(address, document)?)),
        Form::Reference if document.text_at(&["id"]) == thing::id(address) => {
            (Signer::Instance(address.host.clone(), Form::Reference), None)
        }
        Form::Reference => return Err(unusable("it has another id")),
    };
    let incoming = entity::read(house, &signer, &document.text)
        .map_err(|error| unusable("it is no well-formed User").because(error))?;
    match incoming.deed {
        Deed::Profile(profile) if profile.address == *address => {
            Ok(Finding::User(Box::new(UserProfile { key, text: document.text.clone(), ..*profile })))
        }
        _ => Err(unusable("it is of another user")),
    }
}

/// The user's key. One of another actor (delegation) is not taken: this is optional, and who signs so is not believed here.
fn own_key(address: &Address, document: &Document<'_>) -> Result<[u8; 32], Error> {
    let is = |path: &[&str], wanted: &str| document.text_at(path) == Some(wanted);
    if !is(&["uri"], &address.key) {
        return Err(unusable("its uri is not the one that was asked for"));
    }
    if !is(&["public_key", "actor"], &address.key) {
        return Err(unusable("its key is another actor's"));
    }
    let key = document.text_at(&["public_key", "key"]).filter(|_| is(&["public_key", "algorithm"], key::ALGORITHM));
    key.and_then(key::read).ok_or_else(|| unusable("its key is not Ed25519 in SPKI form"))
}
