//! A call, as a closure gets it.

use quintet_core::procedure::{Actor, ActorKind, Connection, Order};
use quintet_core::{Error, Id, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::check::{Checks, Validate};
use super::payload;
use crate::Handle;

/// A call of a procedure: who asks for what, and the house in which to answer.
pub struct Call {
    order: Order,
    house: Handle,
}

impl Call {
    pub(super) fn new(order: Order, house: Handle) -> Self {
        Self { order, house }
    }

    /// What was called.
    pub fn name(&self) -> &str {
        &self.order.invocation.name
    }

    /// On whose behalf.
    pub fn actor(&self) -> &Actor {
        &self.order.actor
    }

    /// The socket by which it came.
    pub fn connection(&self) -> Option<&Connection> {
        self.order.invocation.connection.as_ref()
    }

    /// When nobody waits for an answer any more.
    pub fn deadline(&self) -> Timestamp {
        self.order.deadline
    }

    /// What it is called with, as it came.
    pub fn raw(&self) -> &RawValue {
        &self.order.invocation.payload
    }

    /// What it is called with. `BadMessage` that names the first field that is not as it should be: missing, none of the variants, or of another type.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Error> {
        payload::read(self.raw())
    }

    /// As [`Call::payload`], and then every field that its checks find wrong, all at once.
    pub fn validated<T: DeserializeOwned + Validate>(&self) -> Result<T, Error> {
        let payload: T = self.payload()?;
        Checks::of(&payload)?;
        Ok(payload)
    }

    /// The house that answers: what is said and asked there is said and asked as the house, which may do everything.
    pub fn house(&self) -> &Handle {
        &self.house
    }

    /// The house, asked as the caller: what that may not do is refused.
    #[must_use]
    pub fn as_caller(&self) -> Handle {
        match (&self.actor().user, self.actor().kind) {
            (Some(user), _) => self.house.as_user(user.id),
            (None, ActorKind::Backend) => self.house.clone(),
            (None, ActorKind::Websocket | ActorKind::Http) => self.house.as_public(),
        }
    }

    /// See [`Handle::publish`].
    pub fn publish(&self, topic: &str, payload: impl Serialize) -> Result<(), Error> {
        self.house.publish(topic, payload)
    }

    /// See [`Handle::publish_as`].
    pub fn publish_as(&self, topic: &str, name: &str, payload: impl Serialize) -> Result<(), Error> {
        self.house.publish_as(topic, name, payload)
    }

    /// Has the connection by which this came hear an object, before the answer. Nothing happens where it came by none.
    pub fn notify_self(&self, data: impl Serialize) -> Result<(), Error> {
        self.connection().map_or(Ok(()), |connection| self.house.notify_clients([&connection.name], data))
    }

    /// See [`Handle::notify_users`].
    pub fn notify_users(&self, users: impl IntoIterator<Item = Id>, data: impl Serialize) -> Result<(), Error> {
        self.house.notify_users(users, data)
    }

    /// See [`Handle::notify_channels`].
    pub fn notify_channels<I>(&self, channels: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        self.house.notify_channels(channels, data)
    }

    /// See [`Handle::notify_clients`].
    pub fn notify_clients<I>(&self, clients: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        self.house.notify_clients(clients, data)
    }

    /// See [`Handle::notify_rooms`].
    pub fn notify_rooms(&self, rooms: impl IntoIterator<Item = Id>, data: impl Serialize) -> Result<(), Error> {
        self.house.notify_rooms(rooms, data)
    }

    /// Calls another procedure, as the house. See [`Handle::call`].
    pub async fn call<T: DeserializeOwned>(&self, name: &str, payload: impl Serialize) -> Result<T, Error> {
        self.house.call(name, payload).await
    }
}
