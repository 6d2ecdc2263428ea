//! What the writer measures.

use std::time::Duration;

use metrics::{Gauge, Histogram, Unit, describe_gauge, describe_histogram, gauge, histogram};

/// The writer's metrics; looked up once.
pub(super) struct Meters {
    commit_seconds: Histogram,
    batch_changes: Histogram,
    queue: Gauge,
}

impl Meters {
    /// With the recorder that is installed now.
    pub(super) fn new() -> Self {
        describe_histogram!(
            "quintet_store_commit_seconds",
            Unit::Seconds,
            "Time of one transaction, from its first change until it is on disk"
        );
        describe_histogram!("quintet_store_batch_changes", Unit::Count, "Changes in one transaction");
        describe_gauge!("quintet_store_queue", Unit::Count, "Changes waiting for the store");
        Self {
            commit_seconds: histogram!("quintet_store_commit_seconds"),
            batch_changes: histogram!("quintet_store_batch_changes"),
            queue: gauge!("quintet_store_queue"),
        }
    }

    /// A transaction is over.
    pub(super) fn committed(&self, changes: usize, took: Duration) {
        self.commit_seconds.record(took);
        self.batch_changes.record(as_float(changes));
    }

    /// So many changes wait.
    pub(super) fn waiting(&self, changes: usize) {
        self.queue.set(as_float(changes));
    }
}

/// Counts here are bounded by limits, far below where a float rounds.
fn as_float(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
