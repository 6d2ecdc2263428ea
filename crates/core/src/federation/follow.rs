//! Follows: who hears whom, and which users of other houses are in which federated room.

use crate::id::Id;

/// A follower and whom it follows; at least one of them is of this house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// A user, of this house or another.
    pub follower: Id,
    /// A user or a room.
    pub followee: Id,
    /// How it stands.
    pub state: FollowState,
}

/// How a follow stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FollowState {
    /// Asked for.
    Pending,
    /// It is so.
    Accepted,
    /// The followee did not want it, or no longer.
    Rejected,
    /// The follower ended it.
    Ended,
}
