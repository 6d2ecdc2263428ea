//! The house's own procedures, which every room can call by name.

use quintet_core::Error;
use quintet_core::procedure::{Invocation, Offer, Outcome};

use super::asker::Asker;

/// What the house runs itself.
pub(crate) fn offers() -> Vec<Offer> {
    Vec::new()
}

/// Runs one. Whatever it keeps reaches the store before this first waits. `NotFound` for a name that is none of the house's.
pub(super) async fn run(_asker: &Asker<'_>, invocation: &Invocation) -> Result<Outcome, Error> {
    Err(Error::not_found(format!("no procedure {}", invocation.name)))
}
