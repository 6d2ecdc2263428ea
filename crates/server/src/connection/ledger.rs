//! What all connections count in one place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use metrics::{Counter, Gauge, counter, gauge};
use quintet_core::{Dialect, Limits};

use super::budget::Budget;

/// The close codes that are counted by number; a peer may make up others, which are counted together.
const CODES: [(u16, &str); 12] = [
    (1000, "1000"),
    (1001, "1001"),
    (1002, "1002"),
    (1003, "1003"),
    (1005, "1005"),
    (1006, "1006"),
    (1007, "1007"),
    (1008, "1008"),
    (1009, "1009"),
    (1010, "1010"),
    (1011, "1011"),
    (1013, "1013"),
];

/// The bytes that wait, the time, and the figures of every dialect.
pub(super) struct Ledger {
    pub(super) budget: Budget,
    /// What is received and not whole yet.
    pub(super) receiving: Budget,
    seconds: AtomicU32,
    meters: Box<[Meter]>,
}

/// The figures of one dialect.
pub(super) struct Meter {
    name: &'static str,
    /// Messages that came in.
    pub(super) messages_in: Counter,
    /// Bytes that came in.
    pub(super) bytes_in: Counter,
    /// Bytes that went out.
    pub(super) bytes_out: Counter,
    /// Peers that were closed because they did not read.
    pub(super) slow_closes: Counter,
    /// Open connections.
    pub(super) connections: Gauge,
}

impl Ledger {
    pub(super) fn new(limits: &Limits, dialects: &[Arc<dyn Dialect>]) -> Self {
        let meters = dialects.iter().map(|dialect| Meter::new(dialect.name())).collect();
        // Not zero, which stands for "never".
        Self {
            budget: Budget::sending(limits),
            receiving: Budget::receiving(limits),
            seconds: AtomicU32::new(1),
            meters,
        }
    }

    /// Seconds since the start, as the wheel counts them.
    pub(super) fn now(&self) -> u32 {
        self.seconds.load(Ordering::Relaxed)
    }

    /// A second passed; gives the new time.
    pub(super) fn pass(&self) -> u32 {
        self.seconds.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The figures of a dialect.
    pub(super) fn meter(&self, dialect: usize) -> &Meter {
        &self.meters[dialect]
    }
}

impl Meter {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            messages_in: counter!("quintet_messages_in_total", "dialect" => name),
            bytes_in: counter!("quintet_bytes_in_total", "dialect" => name),
            bytes_out: counter!("quintet_bytes_out_total", "dialect" => name),
            slow_closes: counter!("quintet_slow_closes_total", "dialect" => name),
            connections: gauge!("quintet_connections", "dialect" => name),
        }
    }

    /// A connection ends with this close code, by either side; 1005 stands for none, 1006 for no close frame.
    pub(super) fn closed(&self, code: u16) {
        let code = CODES.iter().find(|(known, _)| *known == code).map_or("other", |(_, name)| name);
        counter!("quintet_closes_total", "dialect" => self.name, "code" => code).increment(1);
    }
}
