//! The only translator between Concord's words and those of the house.
//!
//! Concord's *channel* is a room, its *server* the house. Ids are the same numbers on both sides.

use quintet_core::user::Status;
use quintet_core::{Id, Right, Topic};

/// Where what concerns a channel is said.
pub(crate) fn channel_topic(channel: Id) -> Topic {
    Topic::room(channel)
}

/// "Values `OFFLINE`, `ONLINE`, `AWAY`, `DO_NOT_DISTURB` (the last two cannot be set by any call)".
pub(crate) const fn online_status(status: Status) -> &'static str {
    match status {
        Status::Offline => "OFFLINE",
        Status::Online => "ONLINE",
    }
}

/// The name of a right. "No right names are defined" upstream: these are ours.
pub(crate) const fn right_name(right: Right) -> &'static str {
    match right {
        Right::View => "view",
        Right::Write => "write",
        Right::React => "react",
        Right::ManageRooms => "manageChannels",
        Right::ManageChats => "manageChats",
    }
}

/// The right of this name.
pub(crate) fn right(name: &str) -> Option<Right> {
    Right::ALL.into_iter().find(|right| right_name(*right) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_is_found_by_its_name() {
        for known in Right::ALL {
            assert_eq!(right(right_name(known)), Some(known));
        }
        for unknown in ["", "View", "manageRooms", "admin"] {
            assert_eq!(right(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_channel_is_a_room_of_the_same_number() {
        assert_eq!(channel_topic(Id::new(4101).unwrap()).as_str(), "room/4101");
    }

    #[test]
    fn statuses_have_concords_names() {
        assert_eq!([Status::Offline, Status::Online].map(online_status), ["OFFLINE", "ONLINE"]);
    }
}
