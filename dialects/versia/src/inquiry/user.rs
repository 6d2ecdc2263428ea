//! Users: when a profile is believed (versia.md, section 1.6).

use quintet_core::Error;
use quintet_core::federation::{Address, Deed, Finding, Form, Signer};

use super::document::Document;
use super::unusable;
use crate::entity::{self, kind};
use crate::house::House;

/// Reads the profile at an address. Whoever serves it could as well have signed it, so it is held to what a signed one is.
pub(super) fn read(house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
    if !document.is(kind::USER) {
        return Err(unusable("it is no User"));
    }
    let signer = match address.form {
        Form::Uri => Signer::User(address.clone()),
        Form::Reference => Signer::Instance(address.host.clone(), Form::Reference),
    };
    let incoming = entity::read(house, &signer, document.text)
        .map_err(|error| unusable("it is no well-formed User of that name").because(error))?;
    match incoming.deed {
        Deed::Profile(profile) if profile.address != *address => Err(unusable("it is of another user")),
        // Delegation is optional, and who signs so is not believed here (section 4.5).
        Deed::Profile(profile) if address.form == Form::Uri && profile.key.is_none() => {
            Err(unusable("its key is another actor's"))
        }
        Deed::Profile(profile) => Ok(Finding::User(profile)),
        _ => Err(unusable("it is no User")),
    }
}
