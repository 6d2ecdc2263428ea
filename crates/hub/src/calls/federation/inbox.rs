//! Calls from other houses: what they say is checked and taken.

use std::sync::Arc;

use quintet_core::Error;
use quintet_core::federation::{Host, Incoming, Signed, Told, Verified};

use super::Asker;

impl Asker<'_> {
    pub(super) fn pen(&self) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn verify(&self, _signed: Signed, _incoming: Option<Arc<Incoming>>) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn receive(&self, _verified: Verified, _incoming: Arc<Incoming>) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn accept(
        &self,
        _signed: Signed,
        _incoming: Result<Arc<Incoming>, Arc<Error>>,
    ) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) fn forget_keys(&self, _host: &Host) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn rotate_keys(&self) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }
}
