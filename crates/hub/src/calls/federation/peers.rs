//! Calls about peers: how they stand, what waits for them, what was given up.

use quintet_core::Error;
use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Host, Told};

use super::Asker;

impl Asker<'_> {
    pub(super) async fn peers(&self) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn set_standing(&self, _host: Host, _standing: Standing) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn requeue(&self, _host: Host) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn dead_letters(&self, _host: Option<Host>) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }
}
