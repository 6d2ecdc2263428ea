//! Who may do and hear what: the one place where it is decided.

use std::sync::Arc;

use quintet_core::{Author, Body, Error, Event, Id, Identity, Pattern, Right, Topic};

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

    /// Whether somebody is among the readers. Takes a lock for [`Readers::Room`] only.
    pub fn hears(&self, readers: &Readers, who: &Identity) -> bool {
        match (readers, who) {
            (Readers::Everyone, _) | (_, Identity::House) => true,
            (Readers::Users, who) => who.user().is_some(),
            (Readers::Owner(owner), Identity::User(user)) => owner == user,
            (Readers::Owner(owner), Identity::Public) => *owner == Id::PUBLIC,
            (Readers::Room(room), who) => self.may(who, Right::View, *room),
            (Readers::These(users), Identity::User(user)) => users.contains(user),
            _ => false,
        }
    }

    /// Whether somebody has a right in a room. Nobody has any in an unknown room, but the house.
    pub fn may(&self, who: &Identity, right: Right, room: Id) -> bool {
        match who {
            Identity::House => true,
            Identity::User(user) => self.directory.may(*user, right, Some(room)),
            Identity::Public => right == Right::View && self.public_read && self.directory.everyone_may_view(room),
            Identity::Agent(_) | Identity::Instance(_) | Identity::Worker(_) => false,
        }
    }

    /// Whether somebody may do everything everywhere.
    pub fn is_admin(&self, who: &Identity) -> bool {
        match who {
            Identity::House => true,
            Identity::User(user) => self.directory.is_admin(*user),
            _ => false,
        }
    }

    /// Whether somebody may hear a pattern at this moment, or parts of it where it has a `*`.
    pub fn may_listen(&self, who: &Identity, pattern: &Pattern) -> bool {
        let topic = pattern.path();
        match (pattern, topic.kind()) {
            _ if *who == Identity::House => true,
            // Delivery lets through only what is for this listener.
            (Pattern::Prefix(_), "room" | "user") => who.user().is_some(),
            (Pattern::Exact(_), "room") => topic.id("room").is_some_and(|room| self.may(who, Right::View, room)),
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
        who.user().is_none_or(|user| self.directory.standing(user).is_some_and(|standing| !standing.disabled))
    }

    /// The number and username under which somebody acts.
    pub fn author(&self, who: &Identity) -> Author {
        match who {
            Identity::User(id) => Author { id: *id, name: self.directory.username(*id).unwrap_or_else(|| "".into()) },
            Identity::House | Identity::Worker(_) => Author::house(),
            Identity::Public | Identity::Agent(_) => Author::public(),
            Identity::Instance(host) => Author { id: Id::HOUSE, name: Arc::clone(host) },
        }
    }
}

#[cfg(test)]
mod tests;
