//! A call, as a closure gets it.

use std::fmt::Display;

use quintet_core::procedure::{Actor, Connection, Order};
use quintet_core::{Error, Timestamp};
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
        self.actor().user.as_ref().map_or_else(|| self.house.as_public(), |user| self.house.as_user(user.id))
    }

    /// See [`Handle::publish`].
    pub async fn publish(&self, topic: &str, payload: impl Serialize) -> Result<(), Error> {
        self.house.publish(topic, payload).await
    }

    /// See [`Handle::publish_as`].
    pub async fn publish_as(&self, topic: &str, name: &str, payload: impl Serialize) -> Result<(), Error> {
        self.house.publish_as(topic, name, payload).await
    }

    /// Has the connection by which this came hear an object. Nothing happens where it came by none.
    pub async fn notify_self(&self, data: impl Serialize) -> Result<(), Error> {
        match self.connection() {
            Some(connection) => self.house.notify_clients([&connection.name], data).await,
            None => Ok(()),
        }
    }

    /// See [`Handle::notify_users`].
    pub async fn notify_users<I>(&self, users: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: Display>,
    {
        self.house.notify_users(users, data).await
    }

    /// See [`Handle::notify_channels`].
    pub async fn notify_channels<I>(&self, channels: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: Display>,
    {
        self.house.notify_channels(channels, data).await
    }

    /// See [`Handle::notify_clients`].
    pub async fn notify_clients<I>(&self, clients: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: Display>,
    {
        self.house.notify_clients(clients, data).await
    }

    /// See [`Handle::notify_rooms`].
    pub async fn notify_rooms<I>(&self, rooms: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: Display>,
    {
        self.house.notify_rooms(rooms, data).await
    }

    /// Calls another procedure, as the house. See [`Handle::call`].
    pub async fn call<T: DeserializeOwned>(&self, name: &str, payload: impl Serialize) -> Result<T, Error> {
        self.house.call(name, payload).await
    }
}
