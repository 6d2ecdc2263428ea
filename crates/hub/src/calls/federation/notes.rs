//! Calls about notes of users of this house.

use quintet_core::federation::Told;
use quintet_core::federation::note::NewNote;
use quintet_core::{Error, Id};

use super::Asker;

impl Asker<'_> {
    pub(super) async fn post_note(&self, _new: NewNote) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn edit_note(&self, _note: Id, _content: String) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn delete_note(&self, _note: Id) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn react_to_note(&self, _note: &str, _reaction: String, _adding: bool) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }
}
