//! What a peer can do wrong in framing.

/// Why a connection cannot go on (RFC 6455 section 7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The framing rules were broken; says which.
    Protocol(&'static str),
    /// A text or a close reason is not UTF-8, or a compressed message cannot be unpacked.
    Data(&'static str),
    /// A message has more bytes or more frames than allowed.
    TooLarge,
}

impl Violation {
    /// The close code that says it.
    pub const fn code(self) -> u16 {
        match self {
            Self::Protocol(_) => 1002,
            Self::Data(_) => 1007,
            Self::TooLarge => 1009,
        }
    }

    /// The close reason that says it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Protocol(reason) | Self::Data(reason) => reason,
            Self::TooLarge => "message too large",
        }
    }
}
