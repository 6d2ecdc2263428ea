//! The way out to one peer, as the hall sees it.

use bytes::Bytes;
use quintet_core::Kind;

/// Takes finished WebSocket frames for one peer. Never blocks.
///
/// A peer that does not read is the outlet's own matter: it holds back up to a bound, then closes the peer as slow.
pub trait Outlet: Send + Sync + 'static {
    /// Sends these bytes, whole frames, in order, behind everything sent before. Returns at once; the bytes are shared, not copied.
    fn write(&self, bytes: &[Bytes]);

    /// Sends whole frames that this peer has asked for itself, in the same order. They do not make it slow: it is not asked for more meanwhile.
    fn reply(&self, bytes: Bytes) {
        self.write(&[bytes]);
    }

    /// Closes the peer as slow: more waits for it elsewhere than may.
    fn give_up(&self) {
        self.close(Kind::Slow.close_code(), "slow consumer");
    }

    /// Whether this peer agreed to compressed frames.
    fn compressed(&self) -> bool;

    /// Sends a close frame behind everything sent before, and ends the connection.
    fn close(&self, code: u16, reason: &str);
}
