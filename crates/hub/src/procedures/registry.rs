//! The registry: one name, one owner.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use quintet_core::procedure::{Catalogue, Offer, Order, Outcome, Owner, Procedure, Report};
use quintet_core::{Error, Limits};

/// Whoever can run a procedure.
pub trait Runner: Send + Sync {
    /// Answers one call. Dropping the future cancels it.
    fn run(&self, order: Order) -> Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;
}

/// Every procedure there is.
pub struct Registry {}

/// Procedures that are registered as long as this lives.
pub struct Registration {}

impl Registry {
    /// Without any procedure but the house's own.
    pub fn new(_limits: &Limits) -> Self {
        Self {}
    }

    /// Registers procedures, all or none. `Conflict` that names both owners, `TooMany`, `BadMessage` for a name that is none.
    pub fn register(
        self: &Arc<Self>,
        _owner: &Owner,
        _offers: Vec<Offer>,
        _runner: &Arc<dyn Runner>,
    ) -> Result<Registration, Error> {
        Err(Error::unavailable("no procedures yet"))
    }

    /// Every procedure, by name.
    pub fn reports(&self) -> Vec<Report> {
        Vec::new()
    }
}

impl Catalogue for Registry {
    fn find(&self, _name: &str) -> Option<Arc<Procedure>> {
        None
    }

    fn with_interface(&self, _kind: &str) -> Vec<Arc<Procedure>> {
        Vec::new()
    }
}
