//! Calls from other houses: what they say is checked and taken.

use std::sync::Arc;

use quintet_core::federation::{Host, Incoming, Signed, Told, Verified};
use quintet_core::{Error, Identity};

use super::Asker;

impl Asker<'_> {
    pub(super) fn pen(&self) -> Result<Told, Error> {
        Ok(Told::Pen(self.hub.federation()?.pen()))
    }

    pub(super) async fn verify(&self, signed: Signed, incoming: Option<Arc<Incoming>>) -> Result<Told, Error> {
        let verified = self.checked(signed).await?;
        if let Some(incoming) = incoming
            && !verified.known
        {
            self.hub
                .federation()?
                .prepare(self.hub, verified.signer.host(), &incoming, self.caller.via.clone())
                .await?;
        }
        Ok(Told::Verified(Box::new(verified)))
    }

    /// Reaches the store without waiting for anything, so that entities are taken in the order in which they came.
    pub(super) async fn receive(&self, verified: Verified, incoming: Arc<Incoming>) -> Result<Told, Error> {
        let federation = self.hub.federation()?;
        let reception = federation.take(self.hub, &verified, &incoming, self.caller.via.clone()).await?;
        Ok(Told::Received(reception, None))
    }

    pub(super) async fn accept(
        &self,
        signed: Signed,
        incoming: Result<Arc<Incoming>, Arc<Error>>,
    ) -> Result<Told, Error> {
        let federation = self.hub.federation()?;
        let verified = self.checked(signed).await?;
        // Only now is it certain whose rates these are.
        let allowance =
            self.hub.rules.rate_limits.then(|| self.hub.rates.entity(verified.signer.host(), self.hub.now()));
        let allowance = allowance.transpose()?;
        let incoming = incoming.map_err(|error| again(&error))?;
        let via = self.caller.via.clone();
        if !verified.known {
            federation.prepare(self.hub, verified.signer.host(), &incoming, via.clone()).await?;
        }
        let reception = federation.take(self.hub, &verified, &incoming, via).await?;
        Ok(Told::Received(reception, allowance))
    }

    /// A signature that holds. Who has not shown yet which house it is has few keys fetched for it.
    pub(super) async fn checked(&self, signed: Signed) -> Result<Verified, Error> {
        let (rates, now) = (&self.hub.rates, self.hub.now());
        let is_stranger = self.hub.rules.rate_limits && !matches!(self.who(), Identity::Instance(_));
        let may_ask = || if is_stranger { rates.inquiry(self.caller.address, now) } else { Ok(()) };
        self.hub.federation()?.verify(signed, may_ask).await
    }

    pub(super) fn forget_keys(&self, host: &Host) -> Result<Told, Error> {
        self.must_be_admin()?;
        self.hub.federation()?.forget(host);
        Ok(Told::Done)
    }

    pub(super) async fn rotate_keys(&self) -> Result<Told, Error> {
        self.must_be_admin()?;
        self.hub.federation()?.rotate(&*self.hub.store).await?;
        Ok(Told::Done)
    }
}

/// What a room said of an entity, once more.
fn again(error: &Error) -> Error {
    Error::new(error.kind(), error.public()).with_status(error.status()).with_fields(error.fields().to_vec())
}
