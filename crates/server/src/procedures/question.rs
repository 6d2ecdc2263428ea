//! The body of a call.

use quintet_core::plain::UserName;
use quintet_core::procedure::{Actor, Connection, Order};
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
    pub(super) attempt: u32,
}

/// On whose behalf it runs (`WORKER.md`, section 3).
#[derive(Serialize)]
struct ActorObject<'a> {
    r#type: &'static str,
    user: Option<UserName<'a>>,
    admin: bool,
}

/// By which socket it came (`WORKER.md`, section 3).
#[derive(Serialize)]
struct ConnectionObject<'a> {
    id: &'a str,
    dialect: &'a str,
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

impl<'a> ActorObject<'a> {
    fn of(actor: &'a Actor) -> Self {
        let user = actor.user.as_ref().map(|user| UserName::new(user.id, &user.username));
        Self { r#type: actor.kind.name(), user, admin: actor.admin }
    }
}

impl<'a> ConnectionObject<'a> {
    fn of(connection: &'a Connection) -> Self {
        Self { id: &connection.name, dialect: &connection.dialect }
    }
}
