//! The workbench: the orders of one connection that runs procedures.

use std::task::{Context, Poll};

use quintet_core::Error;
use quintet_core::procedure::{Order, OrderId, Outcome};

/// What a connection that runs procedures is told.
pub enum Errand {
    /// To run this.
    Do(OrderId, Box<Order>),
    /// That nobody waits for this any more.
    Cancel(OrderId),
}

/// A connection's end of it. Dropping it fails what is under way.
pub struct Bench {}

impl Bench {
    /// The next errand.
    pub fn poll(&mut self, _cx: &mut Context<'_>) -> Poll<Errand> {
        Poll::Pending
    }

    /// Gives a result.
    pub fn result(&mut self, _order: OrderId, _result: Result<Outcome, Error>) {}
}
