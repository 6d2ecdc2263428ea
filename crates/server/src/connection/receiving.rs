//! What is being received: messages and request bodies that are not whole yet.

use std::sync::Arc;

use super::ledger::Ledger;

/// The unfinished bytes of one peer, counted among those of all until this is dropped.
pub struct Receiving {
    ledger: Arc<Ledger>,
    bytes: usize,
}

impl Receiving {
    /// Nothing yet.
    pub(super) fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger, bytes: 0 }
    }

    /// There are so many bytes now. `false` if all peers together hold too many, and this one more than its share.
    pub fn hold(&mut self, bytes: usize) -> bool {
        self.ledger.receiving.settle(self.bytes, bytes);
        self.bytes = bytes;
        !self.ledger.receiving.is_over_share(bytes)
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.ledger.receiving.settle(self.bytes, 0);
    }
}
