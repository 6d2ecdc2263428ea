//! Numeric ids: positive, unique over all kinds, increasing with time, safe in JavaScript.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use crate::time::Timestamp;

/// A number below 2^53 that names a user, room, chat, image, role or event.
///
/// Ids below [`Id::RESERVED`] are never handed out; some of them have a fixed meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

impl Id {
    /// The house itself: the author of what nobody said.
    pub const HOUSE: Self = Self(0);
    /// Everybody who is not logged in (Jac Cloud's public root is `n::…01`).
    pub const PUBLIC: Self = Self(1);
    /// The role that every user has.
    pub const EVERYONE: Self = Self(2);
    /// Ids from here on are handed out.
    pub const RESERVED: u64 = 4096;
    /// The largest id: JavaScript's `Number.MAX_SAFE_INTEGER`.
    pub const MAX: u64 = (1 << 53) - 1;

    /// An id from outside; `None` above [`Id::MAX`].
    pub const fn new(value: u64) -> Option<Self> {
        if value <= Self::MAX { Some(Self(value)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// When it was made, to the millisecond; later only where the clock had stepped back.
    pub fn made_at(self) -> Timestamp {
        IdSource::EPOCH.plus_millis((self.0 >> 12).cast_signed())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id: expected a whole number from 0 to {}", Id::MAX)
    }
}

impl std::error::Error for NotAnId {}

impl From<ParseIntError> for NotAnId {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // `u64::from_str` takes a leading plus; ids have one spelling only.
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAnId);
        }
        Self::new(text.parse()?).ok_or(NotAnId)
    }
}

/// Makes ids: milliseconds since [`IdSource::EPOCH`] times 4096, plus a count within the millisecond.
///
/// Fits below 2^53 until the year 2091. When more than 4096 ids are made in a millisecond, or the clock
/// steps back, it runs ahead of the clock rather than repeat itself.
#[derive(Debug, Default)]
pub struct IdSource {
    last: u64,
}

impl IdSource {
    /// 2021-10-10T12:00:00Z, Concord's epoch.
    pub const EPOCH: Timestamp = Timestamp::from_millis(1_633_867_200_000);

    /// A source that never makes an id at or below `last`, the largest id already in use.
    pub fn after(last: Id) -> Self {
        Self { last: last.0 }
    }

    /// The next id at time `now`.
    pub fn next(&mut self, now: Timestamp) -> Id {
        let millis = u64::try_from(now.millis() - Self::EPOCH.millis()).unwrap_or(0);
        let floor = (millis << 12).max(Id::RESERVED);
        self.last = floor.max(self.last + 1);
        Id(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_steps_back() {
        let mut source = IdSource::default();
        let now = Timestamp::from_millis(1_763_000_000_000);
        let first = source.next(now);
        let second = source.next(Timestamp::from_millis(now.millis() - 5_000));
        assert_eq!(second.get(), first.get() + 1);
        let later = source.next(Timestamp::from_millis(now.millis() + 1));
        assert!(later > second);
        assert_eq!([first.made_at(), second.made_at()], [now; 2]);
        assert_eq!(later.made_at().millis(), now.millis() + 1);
    }

    #[test]
    fn ids_stay_safe_for_javascript_until_2091() {
        let end_of_2090 = Timestamp::from_millis(3_818_448_000_000);
        assert!(IdSource::default().next(end_of_2090).get() <= Id::MAX);
    }

    #[test]
    fn reserved_ids_are_never_made() {
        let id = IdSource::default().next(Timestamp::from_millis(0));
        assert!(id.get() >= Id::RESERVED);
    }

    #[test]
    fn only_plain_digits_below_two_to_the_53_parse() {
        assert_eq!("4101".parse(), Ok(Id(4101)));
        for text in ["", "+1", "-1", "1.0", "x", "9007199254740992"] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
    }
}
