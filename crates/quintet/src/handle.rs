//! A hold on a server: what the program around it says and asks.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock, Weak};

use quintet_core::procedure::{Invocation, Outcome};
use quintet_core::{Answer, Body, Error, Id, Identity, Pattern, Topic};
use quintet_hub::listening::Listening;
use quintet_hub::{Caller, Hub};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;

/// By which way what is said and asked here comes in.
const VIA: &str = "api";

/// Acts on a server from within the program that it is a part of: as the house, which may do everything, or as one of its users.
///
/// Clones are cheap. Before the server runs, and after its end, everything is `Unavailable`. Nothing of it is kept alive by a handle.
#[derive(Clone)]
pub struct Handle {
    hub: Arc<OnceLock<Weak<Hub>>>,
    who: Identity,
}

impl Handle {
    /// Of a server that is yet to be opened.
    pub(crate) fn new() -> Self {
        Self { hub: Arc::default(), who: Identity::House }
    }

    /// From now on, this and all its clones act on this hub.
    pub(crate) fn open(&self, hub: &Arc<Hub>) {
        // A builder starts once, so there is none yet.
        let _ = self.hub.set(Arc::downgrade(hub));
    }

    /// The same server, asked as this user: what the user may not do is refused.
    #[must_use]
    pub fn as_user(&self, user: Id) -> Self {
        Self { hub: Arc::clone(&self.hub), who: Identity::User(user) }
    }

    /// The same server, asked as somebody who is not logged in.
    #[must_use]
    pub fn as_public(&self) -> Self {
        Self { hub: Arc::clone(&self.hub), who: Identity::Public }
    }

    /// Calls a procedure, whoever runs it. The errors are its own, `NotFound` where there is none, and `Internal` where the answer is no `T`.
    pub async fn call<T: DeserializeOwned>(&self, name: &str, payload: impl Serialize) -> Result<T, Error> {
        let outcome = self.invoke(name, payload).await?;
        serde_json::from_str(outcome.payload.get()).map_err(Error::internal)
    }

    /// As [`Handle::call`], with the answer as it is.
    pub async fn invoke(&self, name: &str, payload: impl Serialize) -> Result<Outcome, Error> {
        let payload = to_raw_value(&payload).map_err(Error::internal)?;
        let invocation = Invocation { name: name.into(), payload, connection: None, extra: None };
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let caller = Caller { identity: self.who.clone(), via: VIA.into(), address, local: true, socket: false };
        match self.hub()?.call(&caller, quintet_core::Call::Invoke(Box::new(invocation))).await? {
            Answer::Outcome(outcome) => Ok(outcome),
            _ => Err(Error::internal("the hall answered another question")),
        }
    }

    /// Says something on a bus topic, as in `orders/17`; listeners are shown the topic as its name.
    ///
    /// `Forbidden` on topics of the house, such as `room/…` and `user/…`.
    pub fn publish(&self, topic: &str, payload: impl Serialize) -> Result<(), Error> {
        self.publish_as(topic, topic, payload)
    }

    /// As [`Handle::publish`], under another name than the topic, as in `order:created`.
    pub fn publish_as(&self, topic: &str, name: &str, payload: impl Serialize) -> Result<(), Error> {
        self.say(vec![Topic::of_path(topic)], Body::Message { name: name.into(), payload: json(payload)?.into() })
    }

    /// Has every connection of these users hear an object.
    pub fn notify_users(&self, users: impl IntoIterator<Item = Id>, data: impl Serialize) -> Result<(), Error> {
        self.notify(users.into_iter().map(Topic::user), data)
    }

    /// Has everybody on these Jac channels hear an object.
    pub fn notify_channels<I>(&self, channels: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        self.notify(channels.into_iter().map(|name| Topic::channel(name.as_ref())), data)
    }

    /// Has these connections hear an object; [`crate::Call::connection`] names that of a call.
    pub fn notify_clients<I>(&self, clients: I, data: impl Serialize) -> Result<(), Error>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        self.notify(clients.into_iter().map(|name| Topic::client(name.as_ref())), data)
    }

    /// Has everybody in these rooms hear an object.
    pub fn notify_rooms(&self, rooms: impl IntoIterator<Item = Id>, data: impl Serialize) -> Result<(), Error> {
        self.notify(rooms.into_iter().map(Topic::room), data)
    }

    /// Listens to every topic that begins like this, rights aside; `*` stands for one segment, as in `room/*`.
    pub fn listen(&self, pattern: &str) -> Result<Listening, Error> {
        Ok(self.hub()?.listen(Pattern::of_path(pattern, false)))
    }

    /// Who is not there is not told.
    fn notify(&self, topics: impl Iterator<Item = Topic>, data: impl Serialize) -> Result<(), Error> {
        let data = json(data)?;
        if !data.starts_with('{') {
            return Err(Error::bad_message("what is notified must be a JSON object"));
        }
        self.say(topics.collect(), Body::Notice(data.into()))
    }

    fn say(&self, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        self.hub()?.publish(&self.who, VIA.into(), topics, body)
    }

    fn hub(&self) -> Result<Arc<Hub>, Error> {
        let hub = self.hub.get().and_then(Weak::upgrade);
        hub.ok_or_else(|| Error::unavailable("the server does not run"))
    }
}

fn json(payload: impl Serialize) -> Result<String, Error> {
    serde_json::to_string(&payload).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_server_nothing_is_to_be_had() {
        let handle = Handle::new();
        let error = handle.as_user(Id::PUBLIC).publish("orders/1", 7).unwrap_err();
        assert_eq!((error.status(), error.public()), (503, "the server does not run"));
        assert!(handle.listen("orders/*").is_err());
    }
}
