//! Addresses: the only translator between this dialect's names and the house's.

use quintet_core::{Id, Topic};

/// A number as 24 lower-case hexadecimal digits, the form of the original's database ids.
pub(crate) fn object_id(id: Id) -> String {
    format!("{:024x}", id.get())
}

/// A user's root: `n::` and its number. [`Id::PUBLIC`] is the root that all anonymous sockets share.
pub(crate) fn root_id(user: Id) -> String {
    format!("n::{}", object_id(user))
}

/// A reference that is none; its text is for the peer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAReference;

/// The user that a reference means: `(n|e|w|o):NAME:<24 hex>` in any case, of which only the digits count.
///
/// `None` for one that no user of this house can have.
pub(crate) fn user(reference: &str) -> Result<Option<Id>, NotAReference> {
    let mut parts = reference.split(':');
    let (Some(kind), Some(_name), Some(digits), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(NotAReference);
    };
    let known = ["n", "e", "w", "o"].iter().any(|letter| letter.eq_ignore_ascii_case(kind));
    if !known || digits.len() != 24 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(NotAReference);
    }
    let number = u128::from_str_radix(digits, 16).map_err(|_| NotAReference)?;
    Ok(u64::try_from(number).ok().and_then(Id::new))
}

/// What a channel id means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// `room:<number>`: a room of the house.
    Room(Id),
    /// Any other text: a channel that exists while somebody listens.
    Free,
}

impl Channel {
    pub(crate) fn of(channel_id: &str) -> Self {
        channel_id.strip_prefix("room:").and_then(|number| number.parse().ok()).map_or(Self::Free, Self::Room)
    }

    /// Where it is heard, given the id that it came from.
    pub(crate) fn topic(&self, channel_id: &str) -> Topic {
        match self {
            Self::Room(room) => Topic::room(*room),
            Self::Free => Topic::channel(channel_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_written_as_24_digits() {
        assert_eq!(root_id(Id::PUBLIC), "n::000000000000000000000001");
        assert_eq!(root_id(Id::new(Id::MAX).unwrap()), "n::00000000001fffffffffffff");
    }

    #[test]
    fn only_the_digits_of_a_reference_count() {
        for reference in [
            "n::0000000000000000000010AF",
            "N:zzz:0000000000000000000010af",
            "e:T T:0000000000000000000010af",
            "w:é:0000000000000000000010aF",
            "o:\n:0000000000000000000010af",
        ] {
            assert_eq!(user(reference), Ok(Id::new(0x10AF)), "{reference}");
        }
    }

    #[test]
    fn what_nobody_can_have_is_unknown() {
        for reference in ["n::000000000020000000000000", "n::ffffffffffffffffffffffff", "n::672b35cec309e5ef8469c372"] {
            assert_eq!(user(reference), Ok(None), "{reference}");
        }
    }

    #[test]
    fn malformed_references_are_told() {
        for reference in [
            "",
            "bad",
            "n:000000000000000000000001",
            "x::000000000000000000000001",
            "n::00000000000000000000001",
            "n::0000000000000000000000001",
            "n::00000000000000000000000g",
            "n::+00000000000000000000001",
            "n:a:b:000000000000000000000001",
            " n::000000000000000000000001",
            "n::000000000000000000000001\n",
        ] {
            assert_eq!(user(reference), Err(NotAReference), "{reference:?}");
        }
    }

    #[test]
    fn rooms_are_channels_with_a_number() {
        assert_eq!(Channel::of("room:4101"), Channel::Room(Id::new(4101).unwrap()));
        for free in ["", "lobby", "room:", "room:x", "room:-1", "room:+1", "Room:1", "room:9007199254740992", "room: 1"]
        {
            assert_eq!(Channel::of(free), Channel::Free, "{free}");
        }
        assert_eq!(Channel::of("a/b").topic("a/b"), Topic::channel("a/b"));
    }
}
