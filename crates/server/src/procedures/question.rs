//! The body of a call.

use quintet_core::plain::{ActorObject, ConnectionObject};
use quintet_core::procedure::Order;
use serde::Serialize;
use serde_json::value::RawValue;

/// A call as it is posted.
#[derive(Serialize)]
pub(super) struct Question<'a> {
    /// The same for all attempts of one call.
    pub(super) id: &'a str,
    name: &'a str,
    payload: &'a RawValue,
    actor: ActorObject<'a>,
    connection: Option<ConnectionObject<'a>>,
    attempt: u32,
}

impl<'a> Question<'a> {
    /// The call of an order, as its attempt of this number.
    pub(super) fn new(id: &'a str, order: &'a Order, attempt: u32) -> Self {
        let invocation = &order.invocation;
        Self {
            id,
            name: &invocation.name,
            payload: &invocation.payload,
            actor: ActorObject::of(&order.actor),
            connection: invocation.connection.as_ref().map(ConnectionObject::of),
            attempt,
        }
    }
}
