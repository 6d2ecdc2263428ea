//! A closure as what runs a procedure.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use quintet_core::Error;
use quintet_core::procedure::{Order, Outcome};
use quintet_hub::procedures::Runner;
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::call::Call;
use crate::Handle;

/// Answers calls by a closure.
pub(super) struct Closure<H> {
    handler: Arc<H>,
    house: Handle,
}

impl<H> Closure<H> {
    /// What runs a procedure of this house.
    pub(super) fn new(handler: H, house: Handle) -> Self {
        Self { handler: Arc::new(handler), house }
    }
}

impl<H, F, R> Runner for Closure<H>
where
    H: Fn(Call) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Error>> + Send + 'static,
    R: Serialize,
{
    fn run(&self, order: Order) -> Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>> {
        let (handler, call) = (Arc::clone(&self.handler), Call::new(order, self.house.clone()));
        // The closure itself runs inside of the future, too: whoever polls it knows what to do with a panic.
        Box::pin(async move {
            let waiting = handler(call);
            let answer = to_raw_value(&waiting.await?).map_err(Error::internal)?;
            Ok(Outcome::ok(answer))
        })
    }
}
