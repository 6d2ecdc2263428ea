//! Calls about follows.

use quintet_core::Error;
use quintet_core::federation::Told;

use super::Asker;

impl Asker<'_> {
    pub(super) async fn follow(&self, _whom: &str) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn unfollow(&self, _whom: &str) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn follows(&self) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }

    pub(super) async fn settle(&self, _follower: &str, _accept: bool) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }
}
