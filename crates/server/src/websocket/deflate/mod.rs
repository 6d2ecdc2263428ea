//! permessage-deflate (RFC 7692), never with context takeover.
//!
//! So a connection holds no compressor and no window: each thread has one of each kind, for all its messages. And a frame
//! that is for many is packed once for all.

mod inflate;
mod offer;
mod pack;

pub(super) use inflate::inflate;
pub use offer::{Agreement, agree};
pub use pack::{deflate, deflate_within};

/// What a packed message ends with, and what is left off on the wire (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];
