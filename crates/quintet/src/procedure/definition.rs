//! A procedure, before it is registered.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use quintet_core::Error;
use quintet_core::procedure::{Claim, Offer};
use quintet_hub::procedures::Runner;
use serde::Serialize;

use super::call::Call;
use super::closure::Closure;
use crate::Handle;

/// Makes what runs a procedure, of a server.
type Make = Box<dyn FnOnce(Handle) -> Arc<dyn Runner> + Send>;

/// A procedure that a closure answers, for whoever is logged in and within the house's bounds, unless it says else.
pub struct Procedure {
    offer: Offer,
    make: Make,
}

impl Procedure {
    /// A procedure of this name (parts joined by single colons, as in `orders:create`) with what answers its calls.
    ///
    /// Calls run at once beside each other. One that nobody waits for any more is dropped where it waits; a panic is told as an internal error.
    pub fn new<H, F, R>(name: impl Into<Arc<str>>, handler: H) -> Self
    where
        H: Fn(Call) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Error>> + Send + 'static,
        R: Serialize,
    {
        let make: Make = Box::new(move |house| Arc::new(Closure::new(handler, house)));
        Self { offer: Offer::new(name), make }
    }

    /// One more thing that callers must be, asked behind those before. The first is [`Claim::Authenticated`], unless it is [`Procedure::open`].
    #[must_use]
    pub fn claim(mut self, claim: Claim) -> Self {
        self.offer.claims.push(claim);
        self
    }

    /// For everybody, logged in or not; drops all claims so far.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.offer.claims.clear();
        self
    }

    /// How long a call may take; `Limits::procedure_seconds` otherwise, `Limits::procedure_longest_seconds` at the most.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.offer.timeout = Some(timeout);
        self
    }

    /// How many calls run at once; further ones wait.
    #[must_use]
    pub fn concurrency(mut self, calls: u32) -> Self {
        self.offer.concurrency = Some(calls);
        self
    }

    /// What it does, for people: `quintet procedures` shows it.
    #[must_use]
    pub fn describe(mut self, description: impl Into<Arc<str>>) -> Self {
        self.offer.description = Some(description.into());
        self
    }

    /// What is registered.
    pub(crate) fn into_parts(self, house: Handle) -> (Offer, Arc<dyn Runner>) {
        (self.offer, (self.make)(house))
    }
}
