//! Incoming entities: what another house asks of this one. Made by a room, which has checked their shape and who may sign them.

use std::sync::Arc;

use crate::federation::address::{Address, Form, Target};
use crate::federation::note::Audience;
use crate::federation::profile::UserProfile;
use crate::time::Timestamp;

/// An entity of another house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// How it names things.
    pub form: Form,
    /// Its type, as it is spelled: `Note`, `pub.versia:likes/Like` …
    pub kind: Arc<str>,
    /// What makes it the same entity when it comes again: what came before under the same name is changed by it, or nothing is. `None` for what has no name (transient entities of 0.6).
    pub name: Option<Address>,
    /// Whether it is an order, not a thing: its name is forgotten after [`crate::Limits::transient_seconds`].
    pub transient: bool,
    /// Who does this. `None` where the house does it itself.
    pub actor: Option<Address>,
    /// When it was made, as it says.
    pub created_at: Timestamp,
    /// What it asks for.
    pub deed: Deed,
    /// Byte for byte as it was signed.
    pub text: Arc<str>,
}

/// What an entity asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Says something, or changes what was said under its name.
    Note(Box<Said>),
    /// Tells of a user, whose key it cannot change.
    Profile(Box<UserProfile>),
    /// Tells of a group of the sending house.
    Group,
    /// Wants to hear a user, or to be in a group.
    Follow(Target),
    /// No longer.
    Unfollow(Target),
    /// The actor lets this follower in, of itself or of one of its groups.
    Accept {
        /// Who wanted to follow.
        follower: Target,
        /// Whom: the actor, or a group of the sending house.
        followee: Target,
    },
    /// The actor does not, or no longer.
    Reject {
        /// Who wanted to follow, or did.
        follower: Target,
        /// Whom.
        followee: Target,
    },
    /// Takes back something of the same author. What is unknown is `NotFound`.
    Delete {
        /// What.
        target: Target,
        /// Of what type, as it is spelled.
        kind: Arc<str>,
    },
    /// Feels something. Deleting it takes that back.
    React {
        /// To what.
        target: Target,
        /// An emoji or a short text.
        reaction: String,
        /// Whether it takes the place of other reactions of the same group (like and dislike) by the same actor.
        exclusive: bool,
    },
    /// A group of the sending house has this note: it is to be fetched from where it is.
    Carry {
        /// Which note.
        note: Address,
        /// In which group.
        group: Address,
    },
    /// Is no longer to be had from its own house, as was found out when a group had something new about it. Made by the hall itself.
    Gone,
    /// Is kept, and nothing else; what it is about must be there where it is ours.
    Keep {
        /// What of ours it is about.
        about: Vec<Target>,
    },
    /// Of a type that this house does not know: kept as it is.
    Unknown,
}

/// What a note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// As plain text.
    pub content: String,
    /// Whom it is for.
    pub audience: Audience,
    /// Who is to notice.
    pub mentions: Vec<Target>,
    /// What it answers.
    pub replies_to: Option<Target>,
    /// What it quotes.
    pub quotes: Option<Target>,
}
