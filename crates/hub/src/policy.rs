//! Who may do and hear what: the one place where it is decided.

use std::sync::Arc;

use quintet_core::hierarchy::Reader;
use quintet_core::{AgentKey, Author, Body, Error, Event, Id, Identity, Origin, Pattern, Right, Topic};

use crate::directory::Directory;
use crate::readers::Readers;

/// Decides from the directory as it is at that moment.
pub struct Policy {
    directory: Arc<Directory>,
    public_read: bool,
}

impl Policy {
    /// With `public_read`, those who are not logged in may hear what every user may hear in rooms.
    pub fn new(directory: Arc<Directory>, public_read: bool) -> Self {
        Self { directory, public_read }
    }

    /// Whom an event is for. To be asked before [`Body::RoomDeleted`] is applied to the directory, and after any other is.
    ///
    /// An event with topics of different readers must be asked topic by topic: see [`Policy::readers_at`].
    pub fn readers(&self, event: &Event) -> Readers {
        event.topics.first().map_or(Readers::Nobody, |topic| self.readers_at(topic, &event.body))
    }

    /// Whom `body` is for where it is said at `topic`.
    pub fn readers_at(&self, topic: &Topic, body: &Body) -> Readers {
        match topic.kind() {
            "room" => topic.id("room").map_or(Readers::Nobody, |room| self.readers_of_room(room, body)),
            "user" => match body {
                Body::UserJoined(_) | Body::UserChanged { .. } | Body::StatusChanged(_) => Readers::Users,
                _ => topic.id("user").map_or(Readers::Nobody, Readers::Owner),
            },
            "channel" | "client" => Readers::Everyone,
            "resource" => match body {
                Body::Committed(committed) => Readers::of(&committed.audience),
                _ => Readers::Nobody,
            },
            _ => Readers::Nobody,
        }
    }

    fn readers_of_room(&self, room: Id, body: &Body) -> Readers {
        if self.directory.is_open(room) {
            return if self.public_read { Readers::Everyone } else { Readers::Users };
        }
        // A room that goes can be asked about now only, not at delivery.
        match body {
            Body::RoomDeleted { .. } => Readers::These(Arc::new(self.directory.viewers(room))),
            _ => Readers::Room(room),
        }
    }

    /// Somebody as the house knows it at this moment: who shows the agent key of a user is that user, also where it came before it was one.
    pub fn known(&self, who: &Identity) -> Identity {
        match who {
            Identity::Agent(key) => self.directory.user_with_agent(*key).map_or(Identity::Agent(*key), Identity::User),
            who => who.clone(),
        }
    }

    /// The user that somebody is, as [`Policy::known`].
    pub fn user(&self, who: &Identity) -> Option<Id> {
        match who {
            Identity::Agent(key) => self.directory.user_with_agent(*key),
            who => who.user(),
        }
    }

    /// Whether somebody is among the readers. Takes a lock for [`Readers::Room`], and for agents.
    pub fn hears(&self, readers: &Readers, who: &Identity) -> bool {
        match (readers, who) {
            (Readers::Everyone, _) | (_, Identity::House) => true,
            (Readers::Users, who) => self.user(who).is_some(),
            (Readers::Owner(owner), Identity::Public) => *owner == Id::PUBLIC,
            (Readers::Owner(owner), who) => self.user(who) == Some(*owner),
            (Readers::Room(room), who) => self.may(who, Right::View, *room),
            (Readers::These(users), who) => self.user(who).is_some_and(|user| users.contains(&user)),
            (Readers::Agents(keys), who) => {
                self.is_welcome(who) && (self.agent(who).is_some_and(|key| keys.contains(&key)) || self.is_admin(who))
            }
            (Readers::Nobody, _) => false,
        }
    }

    /// Whether somebody has a right in a room. Nobody has any in an unknown room, but the house.
    pub fn may(&self, who: &Identity, right: Right, room: Id) -> bool {
        match (who, self.user(who)) {
            (Identity::House, _) => true,
            (_, Some(user)) => self.directory.may(user, right, Some(room)),
            // Who holds a key and is no user yet sees what everybody sees.
            (Identity::Public | Identity::Agent(_), None) => {
                right == Right::View && self.public_read && self.directory.everyone_may_view(room)
            }
            _ => false,
        }
    }

    /// Whether somebody may do everything everywhere.
    pub fn is_admin(&self, who: &Identity) -> bool {
        *who == Identity::House || self.user(who).is_some_and(|user| self.directory.is_admin(user))
    }

    /// Whether somebody may hear a pattern at this moment, or parts of it where it has a `*`.
    pub fn may_listen(&self, who: &Identity, pattern: &Pattern) -> bool {
        let topic = pattern.path();
        match (pattern, topic.kind()) {
            _ if *who == Identity::House => true,
            // Delivery lets through only what is for this listener.
            (Pattern::Prefix(_), "room" | "user" | "resource") => self.user(who).is_some(),
            (Pattern::Exact(_), "room") => topic.id("room").is_some_and(|room| self.may(who, Right::View, room)),
            (Pattern::Exact(_), "resource") => {
                room_of_document(topic).is_none_or(|room| self.may(who, Right::View, room))
            }
            (Pattern::Exact(_), "user" | "channel" | "client") => true,
            _ => false,
        }
    }

    /// Whether somebody may say, at `topic`, something that is not kept.
    ///
    /// `NotFound` for a room that it may not view, `Forbidden` for what is not its to say.
    pub fn may_publish(&self, who: &Identity, topic: &Topic, body: &Body) -> Result<(), Error> {
        if *who == Identity::House {
            return Ok(());
        }
        match (topic.kind(), body) {
            ("room", Body::Typing { room, .. }) if topic.id("room") == Some(*room) => self.may_write(who, *room),
            ("room", Body::Notice(_)) => {
                self.may_write(who, topic.id("room").ok_or_else(|| Error::not_found("no such room"))?)
            }
            ("user" | "channel" | "client", Body::Notice(_)) => Ok(()),
            _ => Err(Error::forbidden(format!("{} may not be said at {topic}", body.name()))),
        }
    }

    /// Whether somebody may write in a room: `NotFound` if it does not see it, `Forbidden` if it only reads.
    pub fn may_write(&self, who: &Identity, room: Id) -> Result<(), Error> {
        if !self.may(who, Right::View, room) {
            return Err(Error::not_found(format!("no room {room}")));
        }
        if !self.may(who, Right::Write, room) {
            return Err(Error::forbidden("you may read here, but not write"));
        }
        Ok(())
    }

    /// Whether somebody is whom it says: a user that is known and not locked out, or no user at all.
    pub fn is_welcome(&self, who: &Identity) -> bool {
        self.user(who).is_none_or(|user| self.directory.standing(user).is_some_and(|standing| !standing.disabled))
    }

    /// The agent key of somebody who has one.
    pub fn agent(&self, who: &Identity) -> Option<AgentKey> {
        match who {
            Identity::User(user) => self.directory.agent_of(*user),
            Identity::Agent(key) => Some(*key),
            _ => None,
        }
    }

    /// Somebody as documents know it: by its agent. Who is locked out is nobody in particular.
    pub fn reader(&self, who: &Identity, origin: &Origin) -> Reader {
        if !self.is_welcome(who) {
            return Reader::default();
        }
        let agent = self.agent(who).map(|key| key.subject(origin).shared());
        Reader { agent, root: self.is_admin(who) }
    }

    /// The number and username under which somebody acts.
    pub fn author(&self, who: &Identity) -> Author {
        match (who, self.user(who)) {
            (_, Some(id)) => Author { id, name: self.directory.username(id).unwrap_or_else(|| "".into()) },
            (Identity::Instance(host), _) => Author { id: Id::HOUSE, name: Arc::clone(host) },
            (Identity::House | Identity::Worker(_), _) => Author::house(),
            _ => Author::public(),
        }
    }
}

/// The room in whose documents, its own or a chat's, a topic is heard.
fn room_of_document(topic: &Topic) -> Option<Id> {
    topic.as_str().strip_prefix("resource/room/")?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests;
