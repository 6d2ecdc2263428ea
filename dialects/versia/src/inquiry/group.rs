//! Groups: when what one says of itself is believed (versia.md, section 4.5).

use quintet_core::Error;
use quintet_core::federation::{Address, Finding};

use super::document::Document;
use super::unusable;
use crate::entity::{self, kind};
use crate::house::House;

/// Reads the group at an address. Groups have no keys: their houses sign for them.
pub(super) fn read(house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
    if !document.is(kind::GROUP) {
        return Err(unusable("it is no Group"));
    }
    let profile = entity::group(house, &address.host, address.form, document.text)
        .map_err(|error| unusable("it is no well-formed Group").because(error))?;
    if profile.address != *address {
        return Err(unusable("it is of another group"));
    }
    Ok(Finding::User(Box::new(profile)))
}
