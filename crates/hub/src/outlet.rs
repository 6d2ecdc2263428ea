//! The way out to one peer, as the hall sees it.

use bytes::Bytes;

/// Takes finished WebSocket frames for one peer. Never blocks.
///
/// A peer that does not read is the outlet's own matter: it holds back up to a bound, then closes the peer as slow.
pub trait Outlet: Send + Sync + 'static {
    /// Sends these bytes, whole frames, in order, behind everything sent before. Returns at once; the bytes are shared, not copied.
    fn write(&self, bytes: &[Bytes]);

    /// Whether this peer agreed to compressed frames.
    fn compressed(&self) -> bool;

    /// Sends a close frame behind everything sent before, and ends the connection.
    fn close(&self, code: u16, reason: &str);
}
