//! Calls about peers: how they stand, what waits for them, what was given up.

use quintet_core::Error;
use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Host, Told};

use super::Asker;

impl Asker<'_> {
    pub(super) async fn peers(&self) -> Result<Told, Error> {
        self.must_be_admin()?;
        Ok(Told::Peers(self.hub.federation()?.peers().await?))
    }

    pub(super) async fn set_standing(&self, host: Host, standing: Standing) -> Result<Told, Error> {
        self.must_be_admin()?;
        self.hub.federation()?.set_standing(&host, standing).await?;
        Ok(Told::Done)
    }

    pub(super) async fn requeue(&self, host: Host) -> Result<Told, Error> {
        self.must_be_admin()?;
        Ok(Told::Requeued(self.hub.federation()?.requeue(&host).await?))
    }

    pub(super) async fn dead_letters(&self, host: Option<Host>) -> Result<Told, Error> {
        self.must_be_admin()?;
        let limit = self.hub.limits.page_dead_letters;
        let letters = self.hub.store.correspondence().dead_letters(host.as_ref(), limit).await?;
        Ok(Told::DeadLetters(letters))
    }
}
