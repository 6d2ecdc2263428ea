//! Who is told of messages, with the means to answer.

use std::time::Instant;

use crate::door::Wire;
use crate::frame::{self, Keys};

/// Who is told of the messages that arrive on ready connections.
pub(crate) trait Hearer {
    /// One message (an HTTP answer with its head) on one connection, read at `now`.
    fn hear(&mut self, socket: usize, message: &[u8], now: Instant, reply: &mut Reply<'_>);
}

/// Hears nothing.
pub(crate) struct Deaf;

impl Hearer for Deaf {
    fn hear(&mut self, _: usize, _: &[u8], _: Instant, _: &mut Reply<'_>) {}
}

/// Collects what goes out on one connection, to be written at once.
pub(crate) struct Reply<'a> {
    out: &'a mut Vec<u8>,
    keys: &'a mut Keys,
    wire: Wire,
}

impl<'a> Reply<'a> {
    /// Adds to `out`, in the language of `wire`.
    pub(crate) fn new(out: &'a mut Vec<u8>, keys: &'a mut Keys, wire: Wire) -> Self {
        Self { out, keys, wire }
    }

    /// Adds one message (over HTTP: one whole request).
    #[inline]
    pub(crate) fn send(&mut self, message: &[u8]) {
        match self.wire {
            Wire::WebSocket => frame::put_client(self.out, frame::TEXT, self.keys.next(), message),
            Wire::Http => self.out.extend_from_slice(message),
        }
    }
}
