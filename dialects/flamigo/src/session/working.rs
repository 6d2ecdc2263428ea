//! Working: what a worker says of the procedures that it runs (WORKER.md).

use quintet_core::procedure::{Order, OrderId};
use quintet_core::{Action, Error, Timestamp};

use super::questions::Asked;
use super::{FlamigoSession, SUCCESS};
use crate::wire::command::Command;
use crate::wire::return_address::ReturnAddress;
use crate::worker::{offer, order as told, result};

impl FlamigoSession {
    pub(super) fn work(&mut self, name: &str, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        match name {
            "call" => done(command, actions),
            "register" => {
                let (offers, calls) = offer::read(command.payload()?, &self.house.limits)?;
                actions.push(Action::Offer(self.ask(command, Asked::Nothing), offers, calls));
                Ok(())
            }
            "drain" => {
                actions.push(Action::Drain);
                self.confirm(&ReturnAddress::of(command), SUCCESS, actions);
                Ok(())
            }
            _ => Err(Error::not_found(format!(
                "no topic worker::{name}: a worker says worker::register, worker::call, worker::drain, error, or app::…"
            ))),
        }
    }
}

/// The result of an order. One that cannot be passed on is the worker's fault: it hears why, and the caller hears that something went wrong.
fn done(command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
    let order = result::order(command)?;
    let (outcome, refused) = match result::outcome(command) {
        Ok(outcome) => (Ok(outcome), Ok(())),
        Err(error) => (Err(Error::internal(error.public().to_owned())), Err(error)),
    };
    actions.push(Action::Result(order, outcome));
    refused
}

/// An order that failed.
pub(super) fn fail(command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
    let order = result::order(command)?;
    let (failure, refused) = match result::failure(command) {
        Ok(failure) => (failure, Ok(())),
        Err(error) => (Error::internal(error.public().to_owned()), Err(error)),
    };
    actions.push(Action::Result(order, Err(failure)));
    refused
}

/// An order, for the worker.
pub(super) fn order(id: OrderId, order: &Order, now: Timestamp) -> Action {
    Action::Send(told::call(id, order, now))
}

/// That nobody waits for an order any more.
pub(super) fn cancel(id: OrderId) -> Action {
    Action::Send(told::cancel(id))
}
