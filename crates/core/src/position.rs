//! A place in a topic's history.

use std::fmt;
use std::str::FromStr;

/// Offset and epoch in a topic's history.
///
/// Offsets of one topic start at 1 and have no gaps. The epoch changes when a history starts over, so that a
/// position from an earlier life of the topic is noticed instead of trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Which life of the history.
    pub epoch: u32,
    /// How many events the topic had with this one.
    pub offset: u64,
}

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let (offset, epoch) = text.split_once('-').ok_or(NotAPosition)?;
        let position = Self {
            offset: offset.parse().map_err(|_| NotAPosition)?,
            epoch: u32::from_str_radix(epoch, 16).map_err(|_| NotAPosition)?,
        };
        // One spelling each: no signs, no leading zeros.
        if position.to_string() == text { Ok(position) } else { Err(NotAPosition) }
    }
}

/// A text that is no position of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPosition;

impl fmt::Display for NotAPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a position: hand back one that the server gave")
    }
}

impl std::error::Error for NotAPosition {}

impl fmt::Display for Position {
    /// The opaque text that clients hand back: `offset-epoch`, the epoch in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.offset, self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_handed_back_as_it_was_given() {
        let position = Position { epoch: 0xab, offset: 12 };
        assert_eq!(position.to_string(), "12-ab");
        assert_eq!("12-ab".parse(), Ok(position));
        for other in ["", "12", "12-", "-ab", "+12-ab", "012-ab", "12-AB", "12-ab-", "12-fffffffff"] {
            assert_eq!(other.parse::<Position>(), Err(NotAPosition), "{other}");
        }
    }
}
