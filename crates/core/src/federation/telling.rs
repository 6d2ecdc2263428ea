//! Telling: what happened here, as an entity for other houses.

use crate::federation::address::{Form, Own, Target};
use crate::federation::note::Note;
use crate::id::Id;
use crate::room::Room;
use crate::time::Timestamp;
use crate::user::User;

/// Something that happened here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tale<'a> {
    /// The number of the event; names what has no other name.
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What<'a>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// A note, or a chat of a federated room, as it is now.
    Note(&'a Note),
    /// It is gone.
    Deleted {
        /// Who took it back: its author, or the house.
        by: Own,
        /// What: a note or a reaction.
        target: Own,
    },
    /// A user felt something.
    Reacted {
        /// Who.
        by: Id,
        /// To what, by its number here; with `by` and `reaction` that names the reaction.
        number: Id,
        /// To what.
        to: Target,
        /// With what.
        reaction: &'a str,
    },
    /// A user wants to follow somebody, or to be in a group.
    Followed {
        /// Who.
        by: Id,
        /// Whom.
        followee: Target,
        /// Whether that is a group.
        group: bool,
    },
    /// No longer.
    Unfollowed {
        /// Who.
        by: Id,
        /// Whom.
        followee: Target,
        /// Whether that is a group.
        group: bool,
    },
    /// A user, or the house for one of its rooms, lets a follower in.
    Accepted {
        /// A user or a room.
        by: Own,
        /// Whom.
        follower: Target,
    },
    /// Or does not, or no longer.
    Rejected {
        /// A user or a room.
        by: Own,
        /// Whom.
        follower: Target,
    },
    /// A user, as it is now, with the public half of its federation key.
    User(&'a User, [u8; 32]),
    /// A federated room, as it is now.
    Room(&'a Room),
    /// A note of another house is now in a room of this one.
    Carried {
        /// The note.
        note: Target,
        /// The room.
        room: Id,
    },
}

/// An entity to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Its type, as it is spelled.
    pub kind: &'static str,
    /// Who is to sign it.
    pub signer: Own,
    /// In which form it is.
    pub form: Form,
    /// The entity.
    pub text: String,
}

/// What is to be signed, and by whom that is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letterhead {
    /// The text to sign.
    pub text: String,
    /// The signer, as it is spelled.
    pub signed_by: String,
}

/// An HTTP request that delivers something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// To where.
    pub url: String,
    /// With these headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}
