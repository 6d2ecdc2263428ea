//! Notes: when one that was fetched from its house is believed (versia.md, sections 4.2 and 4.5).

use quintet_core::Error;
use quintet_core::federation::{Address, Finding, Form, Signer};

use super::document::Document;
use super::unusable;
use crate::house::House;
use crate::{entity, signer};

/// Reads the note at an address, as if its author had sent it; the author is of the same house.
pub(super) fn read(house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
    if !document.is("Note") {
        return Err(unusable("it is no Note"));
    }
    let signer = match address.form {
        Form::Reference => Signer::Instance(address.host.clone(), Form::Reference),
        Form::Uri => {
            let author = document.text_at(&["author"]).and_then(|author| signer::uri(author, house.reach));
            let author = author.filter(|author| author.host == address.host);
            Signer::User(author.ok_or_else(|| unusable("its author is of another host"))?)
        }
    };
    let incoming = entity::read(house, &signer, document.text)
        .map_err(|error| unusable("it is no well-formed Note").because(error))?;
    if incoming.name.as_ref() != Some(address) {
        return Err(unusable("its name is not the one that was asked for"));
    }
    Ok(Finding::Note(Box::new(incoming)))
}
