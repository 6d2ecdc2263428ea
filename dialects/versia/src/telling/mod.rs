//! Telling: what happened here, as entities (versia.md, section 4).

use quintet_core::federation::{Form, Tale, Telling};

use crate::house::House;

/// What happened, in one of the forms.
pub(crate) fn tell(_house: &House, _tale: &Tale<'_>, _form: Form) -> Option<Telling> {
    None
}
