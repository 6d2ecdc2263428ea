//! How many bytes are held, for one peer and for all.

use std::sync::atomic::{AtomicUsize, Ordering};

use quintet_core::Limits;
use quintet_core::limits::size;

/// The bytes that are held for all peers, and when one peer has too many.
pub(super) struct Budget {
    peer_most: usize,
    total_most: usize,
    total: AtomicUsize,
    peers: AtomicUsize,
}

impl Budget {
    /// For what waits to be sent.
    pub(super) fn sending(limits: &Limits) -> Self {
        Self::new(size(limits.queue_bytes), size(limits.queue_total_bytes))
    }

    /// For what is received and not whole yet; what one message may have is bounded elsewhere.
    pub(super) fn receiving(limits: &Limits) -> Self {
        Self::new(usize::MAX, size(limits.receiving_total_bytes))
    }

    fn new(peer_most: usize, total_most: usize) -> Self {
        Self { peer_most, total_most, total: AtomicUsize::new(0), peers: AtomicUsize::new(0) }
    }

    /// The bytes that wait for all peers.
    pub(super) fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    /// One peer's bytes went from `before` to `after`.
    pub(super) fn settle(&self, before: usize, after: usize) {
        if after >= before {
            self.total.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.total.fetch_sub(before - after, Ordering::Relaxed);
        }
        match (before, after) {
            (0, 1..) => drop(self.peers.fetch_add(1, Ordering::Relaxed)),
            (1.., 0) => drop(self.peers.fetch_sub(1, Ordering::Relaxed)),
            _ => {}
        }
    }

    /// Has a peer too many of what others told it? One message may always wait.
    pub(super) fn is_slow(&self, before: usize, now: usize) -> bool {
        before > 0 && now > self.peer_most
    }

    /// Have all together too many, and this peer more than its share?
    pub(super) fn is_over_share(&self, bytes: usize) -> bool {
        self.total() > self.total_most && bytes > self.total_most / self.peers.load(Ordering::Relaxed).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget::sending(&Limits { queue_bytes: 100, queue_total_bytes: 1_000, ..Limits::default() })
    }

    #[test]
    fn one_message_may_always_wait() {
        let budget = budget();
        assert!(!budget.is_slow(0, 500));
        assert!(budget.is_slow(1, 101));
        assert!(!budget.is_slow(1, 100));
    }

    #[test]
    fn above_the_total_whoever_has_more_than_a_share_is_slow() {
        let budget = budget();
        for _ in 0..19 {
            budget.settle(0, 50);
        }
        budget.settle(0, 60);
        assert_eq!(budget.total(), 1_010);
        assert!(!budget.is_over_share(50), "a share is a twentieth");
        assert!(budget.is_over_share(60));
        budget.settle(60, 0);
        assert!(!budget.is_over_share(60), "together they have few enough");
    }
}
