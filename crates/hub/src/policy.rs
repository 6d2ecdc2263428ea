//! Who may do and hear what: the one place where it is decided.

use std::sync::Arc;

use quintet_core::hierarchy::Reader;
use quintet_core::{AgentKey, Author, Body, Error, Event, Id, Identity, Origin, Pattern, Right, Topic, plain};

use crate::directory::Directory;
use crate::readers::Readers;

/// What the topics begin with on which only the house speaks, or only in words of its own.
const RESERVED: [&str; 8] = ["room", "user", "client", "channel", "resource", "instance", "server", "auth"];

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
            kind if matches!(body, Body::Message { .. }) => {
                if RESERVED.contains(&kind) {
                    Readers::Nobody
                } else {
                    Readers::Users
                }
            }
            "auth" | "user" if matches!(body, Body::Session { .. }) => {
                Affair::of(topic).and_then(|affair| affair.user).map_or(Readers::Nobody, Readers::OwnerOrAdmin)
            }
            "room" => topic.id("room").map_or(Readers::Nobody, |room| self.readers_of_room(room, body)),
            "user" => match body {
                Body::UserJoined(_) | Body::UserChanged { .. } | Body::StatusChanged(_) => Readers::Users,
                _ => topic.id("user").map_or(Readers::Nobody, Readers::Owner),
            },
            "channel" | "client" => Readers::Named,
            // Admins: nobody is the house itself.
            "instance" => Readers::OwnerOrAdmin(Id::HOUSE),
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

    /// Whether somebody is among the readers, who listens by a pattern that has `named` the topic in full or not. Takes a lock for
    /// [`Readers::Room`] and [`Readers::OwnerOrAdmin`], and for agents.
    pub fn hears(&self, readers: &Readers, who: &Identity, named: bool) -> bool {
        match (readers, who) {
            (Readers::Everyone, _) | (_, Identity::House | Identity::Worker(_)) => true,
            (Readers::Named, _) => named,
            (Readers::Users, who) => self.user(who).is_some(),
            (Readers::Owner(owner), Identity::Public) => *owner == Id::PUBLIC,
            (Readers::Owner(owner), who) => self.user(who) == Some(*owner),
            (Readers::OwnerOrAdmin(owner), who) => self.is_owner_or_admin(who, *owner),
            (Readers::Room(room), who) => self.may(who, Right::View, *room),
            (Readers::These(users), who) => self.user(who).is_some_and(|user| users.contains(&user)),
            (Readers::Agents(keys), who) => {
                self.is_welcome(who) && (self.agent(who).is_some_and(|key| keys.contains(&key)) || self.is_admin(who))
            }
            // They are asked for topic by topic, see [`Readers::at`].
            (Readers::Nobody | Readers::Each(_), _) => false,
        }
    }

    fn is_owner_or_admin(&self, who: &Identity, owner: Id) -> bool {
        self.user(who) == Some(owner) || self.is_admin(who)
    }

    /// Whether somebody has a right in a room. Nobody has any in an unknown room, but the house.
    pub fn may(&self, who: &Identity, right: Right, room: Id) -> bool {
        match (who, self.user(who)) {
            _ if acts_as_house(who) => true,
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
        acts_as_house(who) || self.user(who).is_some_and(|user| self.directory.is_admin(user))
    }

    /// Whether somebody may hear a pattern at this moment, or parts of it where it has a `*`.
    pub fn may_listen(&self, who: &Identity, pattern: &Pattern) -> bool {
        let topic = pattern.path();
        let path = topic.as_str();
        // A prefix that ends where topics of its kind go on hears many of them, as one with a `*` does.
        let parts = path.contains('*') || (pattern.is_wide() && !path.contains('/'));
        match topic.kind() {
            _ if acts_as_house(who) => true,
            "channel" | "client" => !parts,
            "server" | "instance" => false,
            // Delivery lets through only what is for this listener.
            _ if parts => self.user(who).is_some(),
            "room" => topic.id("room").is_some_and(|room| self.may(who, Right::View, room)),
            "resource" => room_of_document(topic).is_none_or(|room| self.may(who, Right::View, room)),
            kind @ ("user" | "auth") => match Affair::of(topic) {
                Some(Affair { user: Some(user) }) => self.is_owner_or_admin(who, user),
                Some(Affair { user: None }) => pattern.is_wide() && self.user(who).is_some(),
                None => kind == "user",
            },
            _ => self.user(who).is_some(),
        }
    }

    /// Whether somebody may say, at `topic`, something that is not kept.
    ///
    /// `NotFound` for a room that it may not view, `Forbidden` for what is not its to say, `Unauthenticated` for a message of who is no user.
    pub fn may_publish(&self, who: &Identity, topic: &Topic, body: &Body) -> Result<(), Error> {
        match (topic.kind(), body) {
            (kind, Body::Message { name, .. }) => self.may_say(who, kind, name),
            _ if *who == Identity::House => Ok(()),
            (_, Body::Typing { .. }) if acts_as_house(who) => Err(Error::forbidden("only a user can be typing")),
            ("room", Body::Typing { room, .. }) if topic.id("room") == Some(*room) => self.may_write(who, *room),
            ("room", Body::Notice(_)) => {
                self.may_write(who, topic.id("room").ok_or_else(|| Error::not_found("no such room"))?)
            }
            ("user" | "channel" | "client", Body::Notice(_)) => Ok(()),
            _ => Err(Error::forbidden(format!("{} may not be said at {topic}", body.name()))),
        }
    }

    /// Whether somebody may say something in its own words, under this name, at topics of this kind: at free ones only, and never so
    /// that it sounds like the server's own words (flamigo.md, section 9).
    fn may_say(&self, who: &Identity, kind: &str, name: &str) -> Result<(), Error> {
        if !acts_as_house(who) && self.user(who).is_none() {
            return Err(Error::unauthenticated("only users may publish, log in first"));
        }
        if RESERVED.contains(&kind) {
            let reserved = RESERVED.join(", ");
            return Err(Error::forbidden(format!(
                "topics that begin with {reserved} are reserved, use another first part"
            )));
        }
        if plain::is_reply(name) || (!acts_as_house(who) && plain::NAMES.contains(&name)) {
            return Err(Error::forbidden(format!("{name} is what the server itself says, use another name")));
        }
        Ok(())
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

/// Whether somebody is the house itself, or a worker, who acts as it.
pub(crate) fn acts_as_house(who: &Identity) -> bool {
    matches!(who, Identity::House | Identity::Worker(_))
}

/// Where connections are told of that became a user's, or are no longer (flamigo.md, section 6.1).
struct Affair {
    /// Whose; `None` where the path ends before that.
    user: Option<Id>,
}

impl Affair {
    fn of(topic: &Topic) -> Option<Self> {
        let path = topic.as_str();
        let user = ["auth/authenticated", "user/disconnected"].into_iter().find_map(|stem| path.strip_prefix(stem))?;
        match user.strip_prefix('/') {
            Some(user) => user.parse().ok().map(|user| Self { user: Some(user) }),
            None => user.is_empty().then_some(Self { user: None }),
        }
    }
}

/// The room in whose documents, its own or a chat's, a topic is heard.
fn room_of_document(topic: &Topic) -> Option<Id> {
    topic.as_str().strip_prefix("resource/room/")?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests;
