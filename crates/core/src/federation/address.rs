//! Addresses: what is meant, here and elsewhere.

use std::fmt;
use std::sync::Arc;

use crate::federation::host::Host;
use crate::id::Id;

/// In which of the two ways a house names things. It is spoken to in the way in which it named itself (versia.md, sections 1.5 and 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// By URI: version 0.5.
    Uri,
    /// By reference, a domain and an id: version 0.6.
    Reference,
}

/// Something of another house: a user, a note, a group …
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Whose it is.
    pub host: Host,
    /// How it was named.
    pub form: Form,
    /// What names it, unique over all houses and forms. Opaque to the hall: the room that made it spells it again.
    pub key: Arc<str>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.key)
    }
}

/// Something of this house.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Own {
    /// The house itself.
    House,
    /// A user.
    User(Id),
    /// A note, or a chat of a federated room.
    Note(Id),
    /// A federated room.
    Room(Id),
    /// A user's reaction to something.
    Reaction {
        /// Whose.
        user: Id,
        /// To what: one of our chats or notes, or an entity of another house, by its number here.
        to: Id,
        /// With what.
        reaction: Arc<str>,
    },
    /// On this host, but nothing that there is.
    Unknown,
}

/// Something, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Of this house.
    Own(Own),
    /// Of another.
    Remote(Address),
}
