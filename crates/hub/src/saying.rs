//! Saying: how something gets to the bus, and from there to its listeners.

use std::sync::Arc;

use quintet_core::chat::Via;
use quintet_core::{Author, Body, Error, Event, Id, Identity, Kind, Topic, limits};

use crate::hub::Hub;
use crate::readers::Readers;

impl Hub {
    /// Says something that is not kept, as somebody who may. `Forbidden` without the right, `TooMany` targets or events, `TooLarge` for too
    /// long a topic, and what else [`crate::policy::Policy::may_publish`] refuses.
    pub fn publish(&self, who: &Identity, via: Via, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        let limits = &self.limits;
        if topics.len() > limits::size(limits.publish_targets) {
            return Err(Error::too_many(format!("at most {} targets at once", limits.publish_targets)));
        }
        if topics.iter().any(|topic| topic.as_str().len() > limits::size(limits.topic_bytes)) {
            return Err(Error::too_large(format!("a topic may have {} bytes at most", limits.topic_bytes)));
        }
        topics.iter().try_for_each(|topic| self.policy.may_publish(who, topic, &body))?;
        self.say(self.policy.author(who), via, topics, body)
    }

    /// Whether anybody listens to a topic, here or within the house.
    pub(crate) fn listens(&self, topic: &Topic) -> bool {
        self.fanout.listens(topic) || self.ears.listens(topic)
    }

    /// Says something that is not kept. `TooMany` if listeners are too far behind.
    pub(crate) fn say(&self, author: Author, via: Via, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        let event = Event { id: Id::HOUSE, topics, position: None, at: self.now(), author, via, body, commit: None };
        self.bus.publish(&Arc::new(event))
    }

    /// Takes in what was said on any node, and has it heard here. Kept events come in log order.
    pub(crate) fn hear(&self, event: &Arc<Event>) -> Result<(), Error> {
        let before = matches!(event.body, Body::RoomDeleted { .. }).then(|| self.policy.readers(event));
        self.directory.apply(event);
        self.ears.hear(event);
        if event.body.is_kept() {
            let readers = before.unwrap_or_else(|| self.policy.readers(event));
            self.fanout.deliver(Arc::clone(event), readers.clone());
            self.retell(event, &readers);
        } else {
            self.hear_passing(event)?;
        }
        if let Some(federation) = &self.federation
            && event.body.is_kept()
        {
            federation.hear(event, &self.directory);
        }
        if matches!(event.body, Body::RightsChanged(_)) {
            self.rights_changed.notify_one();
        }
        if let Some(user) = Self::ended_by(&event.body) {
            self.fanout.close(&Identity::User(user), Kind::Forbidden.close_code(), "account disabled");
        }
        Ok(())
    }

    /// Whose connections an event ends. Tokens that end leave open sockets alone, as Jac Cloud does: only who is locked out is put out.
    fn ended_by(body: &Body) -> Option<Id> {
        match body {
            Body::UserChanged { user, .. } if user.disabled => Some(user.id),
            _ => None,
        }
    }

    /// Has something heard that is not kept, at each topic by its own readers; whoever listens to several of them hears it once.
    fn hear_passing(&self, event: &Arc<Event>) -> Result<(), Error> {
        let readers = Readers::each(event.topics.iter().map(|topic| self.policy.readers_at(topic, &event.body)));
        self.fanout.try_deliver(Arc::clone(event), readers)
    }
}
