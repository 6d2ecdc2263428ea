//! A place in a topic's history.

use std::fmt;

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

impl fmt::Display for Position {
    /// The opaque text that clients hand back: `offset-epoch`, the epoch in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.offset, self.epoch)
    }
}
