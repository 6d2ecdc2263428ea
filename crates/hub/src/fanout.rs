//! The fan-out: from one published event to the delivery tasks that have listeners for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use quintet_core::limits::{self, Limits};
use quintet_core::{Error, Event, Identity, Pattern, Topic};

use crate::delivery::broadcast::Broadcast;
use crate::delivery::inbox::{Command, Inbox, Slot};
use crate::delivery::interest::{Interest, TASKS_MAX};
use crate::delivery::task::Task;
use crate::delivery::voice::{Voice, Voices};
use crate::outlet::Outlet;
use crate::policy::Policy;
use crate::readers::Readers;

/// Hands events to delivery tasks, and listeners to one of them each.
pub struct Fanout {
    voices: Arc<Voices>,
    interest: Interest,
    desks: Vec<Desk>,
    next: AtomicUsize,
}

/// What the fan-out knows of one delivery task.
struct Desk {
    inbox: Arc<Inbox>,
    freed: Arc<Mutex<Vec<Slot>>>,
    fresh: AtomicU32,
}

/// The place of a listener: its delivery task, and its slot there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    desk: u8,
    slot: Slot,
}

impl Fanout {
    /// Starts `tasks` delivery tasks on the current runtime.
    pub fn start(tasks: usize, voices: Voices, policy: &Arc<Policy>, limits: &Limits) -> Self {
        let voices = Arc::new(voices);
        let desks = (0..tasks.clamp(1, TASKS_MAX)).map(|_| Desk::open(&voices, policy, limits)).collect();
        Self { voices, interest: Interest::default(), desks, next: AtomicUsize::new(0) }
    }

    /// All voices of the house.
    pub fn voices(&self) -> &Voices {
        &self.voices
    }

    /// Has a kept event heard. Blocks the thread while the inboxes are full, so that whoever keeps events slows down instead of losing them.
    pub fn deliver(&self, event: Arc<Event>, readers: Readers) {
        if let Some((broadcast, desks)) = self.address(event, readers) {
            desks.for_each(|desk| desk.inbox.deliver(Arc::clone(&broadcast)));
        }
    }

    /// Has an event heard that is not kept. `TooMany` if an inbox is full; listeners of other tasks may have heard it then.
    pub fn try_deliver(&self, event: Arc<Event>, readers: Readers) -> Result<(), Error> {
        let Some((broadcast, mut desks)) = self.address(event, readers) else { return Ok(()) };
        desks.try_for_each(|desk| desk.inbox.try_deliver(Arc::clone(&broadcast)))
    }

    fn address(&self, event: Arc<Event>, readers: Readers) -> Option<(Arc<Broadcast>, impl Iterator<Item = &Desk>)> {
        if readers == Readers::Nobody {
            return None;
        }
        let tasks = self.interest.tasks(&event.topics);
        if tasks == 0 {
            return None;
        }
        let broadcast = Arc::new(Broadcast::new(event, readers, &self.voices));
        let desks =
            self.desks.iter().enumerate().filter(move |(index, _)| tasks >> index & 1 == 1).map(|(_, desk)| desk);
        Some((broadcast, desks))
    }

    /// Whether anybody listens to a topic.
    pub(crate) fn listens(&self, topic: &Topic) -> bool {
        self.interest.tasks(std::slice::from_ref(topic)) != 0
    }

    /// Closes every connection of a user or worker.
    pub fn close(&self, who: &Identity, code: u16, reason: &str) {
        for desk in &self.desks {
            desk.inbox.push(Command::Close(who.clone(), code, reason.to_owned()));
        }
    }

    /// A listener came.
    pub(crate) fn attach(&self, outlet: Arc<dyn Outlet>, identity: Identity, voice: Voice) -> Seat {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % self.desks.len();
        let desk = &self.desks[number];
        let slot = desk.free_slot();
        desk.inbox.push(Command::Attach { slot, outlet, identity, voice });
        Seat { desk: u8::try_from(number).expect("there are at most 64 delivery tasks"), slot }
    }

    /// How much has been said so far to the listeners of the same task; [`Fanout::is_heard`] tells when it has been heard.
    pub(crate) fn said(&self, seat: Seat) -> u64 {
        self.desk(seat).inbox.pushed()
    }

    /// Whether everything up to `said` has been heard.
    pub(crate) fn is_heard(&self, seat: Seat, said: u64) -> bool {
        self.desk(seat).inbox.is_obeyed(said)
    }

    /// Sends to one listener behind everything said so far; tells how much that is, these bytes included. `None` if too much waits.
    pub(crate) fn send_behind(&self, seat: Seat, bytes: &Bytes) -> Option<u64> {
        self.desk(seat).inbox.try_write(seat.slot, bytes.clone())
    }

    /// A listener is somebody else.
    pub(crate) fn rebind(&self, seat: Seat, identity: Identity) {
        self.obey(seat, |slot| Command::Rebind(slot, identity));
    }

    /// Something about one listener changes, behind everything said so far.
    pub(crate) fn obey(&self, seat: Seat, command: impl FnOnce(Slot) -> Command) {
        self.desk(seat).inbox.push(command(seat.slot));
    }

    /// A listener listens to a pattern that it did not listen to. Everything published after this returns is heard.
    pub(crate) fn subscribe(&self, seat: Seat, pattern: &Pattern) {
        self.interest.add(seat.desk, pattern);
        self.obey(seat, |slot| Command::Subscribe(slot, pattern.clone()));
    }

    /// A listener no longer listens to a pattern that it listened to.
    pub(crate) fn unsubscribe(&self, seat: Seat, pattern: &Pattern) {
        self.interest.remove(seat.desk, pattern);
        self.obey(seat, |slot| Command::Unsubscribe(slot, pattern.clone()));
    }

    /// A listener went, that listened to these patterns.
    pub(crate) fn detach<'a>(&self, seat: Seat, patterns: impl Iterator<Item = &'a Pattern>) {
        for pattern in patterns {
            self.interest.remove(seat.desk, pattern);
        }
        self.obey(seat, Command::Detach);
    }

    fn desk(&self, seat: Seat) -> &Desk {
        &self.desks[usize::from(seat.desk)]
    }
}

impl Desk {
    fn open(voices: &Arc<Voices>, policy: &Arc<Policy>, limits: &Limits) -> Self {
        let inbox = Arc::new(Inbox::new(limits::size(limits.delivery_events)));
        let freed = Arc::new(Mutex::default());
        let task = Task::new(Arc::clone(&inbox), Arc::clone(&freed), Arc::clone(voices), Arc::clone(policy), limits);
        tokio::spawn(task.run());
        Self { inbox, freed, fresh: AtomicU32::new(0) }
    }

    fn free_slot(&self) -> Slot {
        self.freed.lock().pop().unwrap_or_else(|| self.fresh.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests;
