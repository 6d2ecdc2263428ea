//! Naming: users, notes, groups and reactions, here and elsewhere, in both forms (versia.md, sections 1.5, 3.1 and 3.3). The only translator.

use quintet_core::Error;
use quintet_core::federation::{Form, Host, Own, Target};

use crate::house::House;

/// What an entity of `sender` means by a text: an absolute URI, or a reference to something of this type.
pub(crate) fn read(_house: &House, _form: Form, _sender: &Host, _kind: &str, _text: &str) -> Result<Target, Error> {
    Err(Error::internal("to be written"))
}

/// How something is named in an entity for others.
pub(crate) fn spell(_house: &House, _form: Form, _target: &Target) -> String {
    String::new()
}

/// What a person means by a text.
pub(crate) fn typed(_house: &House, _text: &str) -> Result<Target, Error> {
    Err(Error::internal("to be written"))
}

/// How something is named for people.
pub(crate) fn spell_for_people(_house: &House, _target: &Target) -> String {
    String::new()
}

/// What of this house stands at a path of 0.5; `None` where nothing of the room stands there.
pub(crate) fn own_at(_path: &str) -> Option<Own> {
    None
}
