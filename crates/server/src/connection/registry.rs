//! Who is connected.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use quintet_core::limits::size;
use quintet_core::{Dialect, Limits};
use quintet_hub::Outlet;
use slab::Slab;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::ledger::Ledger;
use super::outlet::Line;
use super::rate::Rate;
use super::receiving::Receiving;
use crate::edge::Seats;
use crate::websocket::Bounds;

/// Connections that are dealt with before others get their turn.
pub(super) const BATCH: usize = 128;

/// Between the end of all calls and that of all connections.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// What the operator chose.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Agree to compression where it is offered. The echo socket always does.
    pub compression: bool,
    /// Hold connections to their rates.
    pub rate_limits: bool,
}

/// Every open connection of this process: the wheel that visits them, and what they count together.
pub struct Connections {
    pub(super) settings: Settings,
    pub(super) limits: Limits,
    pub(super) ledger: Arc<Ledger>,
    /// How large the messages of each dialect may be.
    bounds: Box<[Bounds]>,
    /// Which dialects tell a peer that it is too fast, instead of letting it wait.
    pub(super) tell_haste: Box<[bool]>,
    /// How often one connection may speak.
    pub(super) rate: Rate,
    /// How often one of another house may.
    pub(super) peer_rate: Rate,
    /// Bytes that may wait for another house while it is listened to.
    pub(super) peer_backlog: usize,
    /// Those who have not shown yet who they are, where a room bounds them.
    pub(super) strangers: Arc<Seats>,
    pub(super) started: Instant,
    /// One part for each second between two visits.
    pub(super) wheel: Box<[Mutex<Slab<Arc<Line>>>]>,
    next: AtomicUsize,
    open: AtomicUsize,
    draining: AtomicBool,
    emptied: Notify,
}

/// A connection's place among the others, until it is dropped.
pub(super) struct Place {
    pub(super) connections: Arc<Connections>,
    /// What is given back when the connection is over.
    pub(super) seat: Option<Seat>,
    part: u32,
    key: u32,
}

/// Whatever counts a connection where it came in; the count ends when this is dropped.
pub type Seat = Box<dyn Any + Send>;

impl Connections {
    /// Nobody yet. `dialects` in the order of the hub's. Install the metrics recorder before, or nothing is counted.
    pub fn new(limits: &Limits, dialects: &[Arc<dyn Dialect>], settings: Settings) -> Arc<Self> {
        let parts = size(limits.ping_seconds).max(1);
        Arc::new(Self {
            settings,
            limits: limits.clone(),
            ledger: Arc::new(Ledger::new(limits, dialects)),
            bounds: dialects.iter().map(|dialect| bounds(&**dialect, limits)).collect(),
            tell_haste: dialects.iter().map(|dialect| dialect.tells_haste()).collect(),
            rate: Rate::new(limits.connection_messages_per_second, limits.connection_messages_burst),
            peer_rate: Rate::new(limits.peer_messages_per_second, limits.peer_messages_burst),
            // Many answers, and one message more: no house can have asked for that within its window.
            peer_backlog: size(limits.queue_bytes).saturating_add(size(limits.peer_frame_bytes)),
            strangers: Seats::also_for_loopback(limits.strangers, limits.address_strangers),
            started: Instant::now(),
            wheel: (0..parts).map(|_| Mutex::default()).collect(),
            next: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            emptied: Notify::new(),
        })
    }

    /// How large the messages of a dialect may be.
    pub(super) fn bounds(&self, dialect: usize) -> Bounds {
        self.bounds[dialect]
    }

    /// Does a dialect tell a peer that it is too fast?
    pub(super) fn tells_haste(&self, dialect: usize) -> bool {
        self.tell_haste[dialect]
    }

    /// How many connections are open.
    pub fn count(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// How many bytes wait for all of them.
    pub fn queue_bytes(&self) -> usize {
        self.ledger.budget.total()
    }

    /// The bytes of messages and request bodies that are not whole yet.
    pub fn receiving_bytes(&self) -> usize {
        self.ledger.receiving.total()
    }

    /// Counts what somebody is sending among what all are.
    pub fn receiving(&self) -> Receiving {
        Receiving::new(Arc::clone(&self.ledger))
    }

    /// Whether they are being closed, and new ones refused.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Adds a connection; `None` while draining.
    pub(super) fn join(self: &Arc<Self>, line: &Arc<Line>) -> Option<Place> {
        let part = self.next.fetch_add(1, Ordering::Relaxed) % self.wheel.len();
        let mut lines = self.wheel[part].lock();
        // Asked under the lock: either this sees that draining began, or draining sees this connection.
        if self.is_draining() {
            return None;
        }
        let key = u32::try_from(lines.insert(Arc::clone(line))).expect("connections are bounded far below 2^32");
        drop(lines);
        self.open.fetch_add(1, Ordering::SeqCst);
        line.meter().connections.increment(1.0);
        let part = u32::try_from(part).expect("a wheel has few parts");
        Some(Place { connections: Arc::clone(self), seat: None, part, key })
    }

    /// Closes every connection with 1001: those without calls at once, the others when they have their answers, and say no more until then. Drops
    /// what is left after [`Limits::drain_seconds`], with a moment to tell those who still wait that nothing comes of it.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.each(Line::leave).await;
        if timeout(Duration::from_secs(self.limits.drain_seconds) + LAST_WORDS, self.empty()).await.is_err() {
            self.each(|line| line.close(1001, "server is shutting down")).await;
            self.each(Line::abort).await;
        }
    }

    /// Deals with every connection, in batches.
    async fn each(&self, deal: impl Fn(&Line)) {
        for part in &self.wheel {
            let lines: Vec<_> = part.lock().iter().map(|(_, line)| Arc::clone(line)).collect();
            for batch in lines.chunks(BATCH) {
                for line in batch {
                    deal(line);
                }
                tokio::task::yield_now().await;
            }
        }
    }

    async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.count() == 0 {
                return;
            }
            emptied.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.seat.take());
        let connections = &self.connections;
        let mut lines = connections.wheel[self.part as usize].lock();
        let line = lines.remove(self.key as usize);
        if lines.is_empty() {
            *lines = Slab::new();
        }
        drop(lines);
        line.meter().connections.decrement(1.0);
        if connections.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            connections.emptied.notify_waiters();
        }
    }
}

fn bounds(room: &dyn Dialect, limits: &Limits) -> Bounds {
    Bounds {
        message_bytes: room.message_bytes().min(size(limits.message_bytes)),
        message_frames: u32::try_from(limits.message_fragments).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::super::echo::Echo;
    use super::*;

    #[test]
    fn a_room_may_bound_messages_further() {
        let limits = Limits { message_bytes: 1 << 10, ..Limits::default() };
        assert_eq!(bounds(&Echo, &limits).message_bytes, 1 << 10);
        assert_eq!(bounds(&Echo, &Limits { message_bytes: 1 << 30, ..limits }).message_bytes, 16 << 20);
    }
}
