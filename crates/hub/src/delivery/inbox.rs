//! The inbox of a delivery task.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use quintet_core::{Error, Identity, Pattern, Topic};
use tokio::sync::Notify;

use super::broadcast::Broadcast;
use super::voice::Voice;
use crate::outlet::Outlet;

/// The place of a listener in its delivery task.
pub type Slot = u32;

/// What a delivery task is asked to do, in order.
pub enum Command {
    /// A listener came.
    Attach {
        /// Its place, free until now.
        slot: Slot,
        /// Its way out.
        outlet: Arc<dyn Outlet>,
        /// Who it is.
        identity: Identity,
        /// How it is spoken to.
        voice: Voice,
    },
    /// A listener is somebody else from now on.
    Rebind(Slot, Identity),
    /// A listener listens to more; never to the same pattern twice.
    Subscribe(Slot, Pattern),
    /// A listener listens to less.
    Unsubscribe(Slot, Pattern),
    /// What a listener hears is kept back from now on.
    Hold(Slot),
    /// What was kept back for a listener is let out, but for the events of these topics up to these offsets.
    Release(Slot, Vec<(Topic, u64)>),
    /// Whether a listener hears positions, too.
    Positions(Slot, bool),
    /// A listener went; its place is free again once this is done.
    Detach(Slot),
    /// Every connection of a user or worker is to be closed, with this code and reason.
    Close(Identity, u16, String),
    /// An event is to be heard.
    Deliver(Arc<Broadcast>),
    /// One listener is to be sent these bytes, behind what came before.
    Write(Slot, Bytes),
}

/// A queue of commands, drained whole. Only what is to be sent counts against its bound: listeners are bounded elsewhere.
pub struct Inbox {
    waiting: Mutex<Waiting>,
    /// How many commands have been obeyed.
    obeyed: AtomicU64,
    arrived: Notify,
    drained: Condvar,
    events_limit: usize,
}

#[derive(Default)]
struct Waiting {
    commands: Vec<Command>,
    events: usize,
    /// How many commands there were in all.
    pushed: u64,
}

impl Inbox {
    /// An inbox for at most `events_limit` events.
    pub fn new(events_limit: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            obeyed: AtomicU64::new(0),
            arrived: Notify::new(),
            drained: Condvar::new(),
            events_limit,
        }
    }

    /// Adds a command about listeners.
    pub fn push(&self, command: Command) {
        self.add(&mut self.waiting.lock(), command);
    }

    /// Adds an event; `TooMany` if the bound is reached.
    pub fn try_deliver(&self, broadcast: Arc<Broadcast>) -> Result<(), Error> {
        let mut waiting = self.waiting.lock();
        if waiting.events >= self.events_limit {
            return Err(Error::too_many("the server cannot keep up with what is published, try again later"));
        }
        waiting.events += 1;
        self.add(&mut waiting, Command::Deliver(broadcast));
        Ok(())
    }

    /// Adds an event; blocks the thread while the bound is reached. Delivery never waits for a publisher, so this ends.
    pub fn deliver(&self, broadcast: Arc<Broadcast>) {
        let mut waiting = self.waiting.lock();
        while waiting.events >= self.events_limit {
            self.drained.wait(&mut waiting);
        }
        waiting.events += 1;
        self.add(&mut waiting, Command::Deliver(broadcast));
    }

    /// Adds bytes for one listener; tells which command that is, for [`Inbox::is_obeyed`]. `None` if the bound is reached.
    pub fn try_write(&self, slot: Slot, bytes: Bytes) -> Option<u64> {
        let mut waiting = self.waiting.lock();
        if waiting.events >= self.events_limit {
            return None;
        }
        waiting.events += 1;
        self.add(&mut waiting, Command::Write(slot, bytes));
        Some(waiting.pushed)
    }

    /// How many commands there were so far.
    pub fn pushed(&self) -> u64 {
        self.waiting.lock().pushed
    }

    /// Whether the first `count` commands have been obeyed.
    pub fn is_obeyed(&self, count: u64) -> bool {
        self.obeyed.load(Ordering::Acquire) >= count
    }

    /// The task has obeyed so many commands more.
    pub fn obeyed(&self, count: usize) {
        self.obeyed.fetch_add(count as u64, Ordering::Release);
    }

    fn add(&self, waiting: &mut Waiting, command: Command) {
        let first = waiting.commands.is_empty();
        waiting.pushed += 1;
        waiting.commands.push(command);
        if first {
            self.arrived.notify_one();
        }
    }

    /// Waits until something is there, and takes all of it; `emptied` lends its capacity.
    pub async fn take(&self, emptied: Vec<Command>) -> Vec<Command> {
        let mut emptied = Some(emptied);
        loop {
            if let Some(commands) = self.swap(&mut emptied) {
                return commands;
            }
            self.arrived.notified().await;
        }
    }

    fn swap(&self, emptied: &mut Option<Vec<Command>>) -> Option<Vec<Command>> {
        let mut waiting = self.waiting.lock();
        if waiting.commands.is_empty() {
            return None;
        }
        if waiting.events >= self.events_limit {
            self.drained.notify_all();
        }
        waiting.events = 0;
        Some(mem::replace(&mut waiting.commands, emptied.take().unwrap_or_default()))
    }
}
