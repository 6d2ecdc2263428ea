//! Calls about what came from other houses.

use quintet_core::federation::{Host, Told};
use quintet_core::{Error, Id};

use super::Asker;

impl Asker<'_> {
    pub(super) async fn timeline(&self, _before: Option<Id>, _limit: u64) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn entities(&self, _host: Option<Host>, _before: Option<Id>, _limit: u64) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }
}
