//! The delivery task: takes what waits, joins what can be joined, writes.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use metrics::{Counter, Histogram, counter, histogram};
use quintet_core::{Frame, Id, Identity};

use super::broadcast::Broadcast;
use super::inbox::{Command, Inbox, Slot};
use super::listeners::{Listener, Listeners};
use super::voice::{Voice, Voices};
use crate::policy::Policy;

/// Writes between two yields to the other tasks of the runtime.
const WRITES_PER_TURN: usize = 256;
/// Bytes of frames that are joined into one piece; a larger frame stands alone.
const JOINED_BYTES: usize = 64 * 1024;

/// Owns some of the listeners, and writes to them.
pub struct Task {
    inbox: Arc<Inbox>,
    freed: Arc<parking_lot::Mutex<Vec<Slot>>>,
    voices: Arc<Voices>,
    policy: Arc<Policy>,
    listeners: Listeners,
    runs: u64,
    dirty: Vec<(Slot, Vec<Bytes>)>,
    clean: Vec<Vec<Bytes>>,
    latency: Histogram,
    messages: Vec<Counter>,
}

impl Task {
    /// A task without listeners. Slots that are free again go to `freed`.
    pub fn new(
        inbox: Arc<Inbox>,
        freed: Arc<parking_lot::Mutex<Vec<Slot>>>,
        voices: Arc<Voices>,
        policy: Arc<Policy>,
    ) -> Self {
        let messages = voices
            .dialects()
            .iter()
            .map(|dialect| counter!("quintet_delivered_messages_total", "dialect" => dialect.name()))
            .collect();
        Self {
            inbox,
            freed,
            voices,
            policy,
            listeners: Listeners::default(),
            runs: 0,
            dirty: Vec::new(),
            clean: Vec::new(),
            latency: histogram!("quintet_fanout_seconds"),
            messages,
        }
    }

    /// Delivers for ever.
    pub async fn run(mut self) {
        let mut commands = Vec::new();
        loop {
            commands = self.inbox.take(commands).await;
            let count = commands.len();
            self.obey(&mut commands).await;
            self.inbox.obeyed(count);
        }
    }

    /// Obeys a batch in order. Events that follow each other are delivered together.
    async fn obey(&mut self, commands: &mut Vec<Command>) {
        let mut events = Vec::new();
        for command in commands.drain(..) {
            if let Command::Deliver(broadcast) = command {
                events.push(broadcast);
                continue;
            }
            self.deliver(&mut events).await;
            self.rearrange(command);
        }
        self.deliver(&mut events).await;
    }

    fn rearrange(&mut self, command: Command) {
        match command {
            Command::Attach { slot, outlet, identity, voice } => {
                self.listeners.attach(slot, Listener::new(outlet, identity, voice));
            }
            Command::Rebind(slot, identity) => {
                if let Some(listener) = self.listeners.get_mut(slot) {
                    listener.identity = identity;
                }
            }
            Command::Subscribe(slot, pattern) => self.listeners.subscribe(slot, &pattern),
            Command::Unsubscribe(slot, pattern) => self.listeners.unsubscribe(slot, &pattern),
            Command::Detach(slot) => {
                self.listeners.detach(slot);
                self.freed.lock().push(slot);
            }
            Command::CloseUser(user, code, reason) => self.close_user(user, code, &reason),
            Command::Write(slot, bytes) => {
                if let Some(listener) = self.listeners.get_mut(slot) {
                    listener.outlet.write(&[bytes]);
                }
            }
            Command::Deliver(_) => {}
        }
    }

    fn close_user(&self, user: Id, code: u16, reason: &str) {
        let theirs = Identity::User(user);
        self.listeners
            .iter()
            .filter(|listener| listener.identity == theirs)
            .for_each(|listener| listener.outlet.close(code, reason));
    }

    /// Delivers events in order: straight to the sockets where they are all of one run, by listener where there are several.
    async fn deliver(&mut self, events: &mut Vec<Arc<Broadcast>>) {
        let mut rest = &events[..];
        let single = run_length(rest) == rest.len();
        while !rest.is_empty() {
            let (run, behind) = rest.split_at(run_length(rest));
            let targets = self.aim(run);
            if single {
                self.write_run(run, targets).await;
            } else {
                self.collect_run(run, targets);
            }
            rest = behind;
        }
        self.flush().await;
        for broadcast in events.drain(..) {
            self.latency.record(broadcast.born.elapsed());
        }
    }

    /// Who hears a run: each listener once, if it may.
    fn aim(&mut self, run: &[Arc<Broadcast>]) -> Vec<Slot> {
        self.runs += 1;
        let (number, policy, readers) = (self.runs, &self.policy, &run[0].readers);
        let mut slots = Vec::new();
        for topic in &run[0].event.topics {
            self.listeners.each(topic, |slot, listener| {
                if listener.last_run != number && policy.hears(readers, &listener.identity) {
                    listener.last_run = number;
                    slots.push(slot);
                }
            });
        }
        slots
    }

    /// Writes one run to its listeners at once.
    async fn write_run(&mut self, run: &[Arc<Broadcast>], slots: Vec<Slot>) {
        let mut spoken = Spoken::new(&self.voices);
        for turn in slots.chunks(WRITES_PER_TURN) {
            for slot in turn {
                let Some(listener) = self.listeners.get_mut(*slot) else { continue };
                let words = spoken.words(run, listener.voice, &self.voices);
                if words.frames > 0 {
                    listener.outlet.write(&words.bytes);
                    words.heard += words.frames;
                }
            }
            if slots.len() > WRITES_PER_TURN {
                tokio::task::yield_now().await;
            }
        }
        spoken.count(&self.messages);
    }

    /// Keeps one run for its listeners until the whole batch is looked at.
    fn collect_run(&mut self, run: &[Arc<Broadcast>], slots: Vec<Slot>) {
        let mut spoken = Spoken::new(&self.voices);
        for slot in slots {
            let Some(listener) = self.listeners.get_mut(slot) else { continue };
            let words = spoken.words(run, listener.voice, &self.voices);
            if words.frames == 0 {
                continue;
            }
            words.heard += words.frames;
            if listener.dirty == Listener::CLEAN {
                listener.dirty = u32::try_from(self.dirty.len()).expect("no more are dirty than there are slots");
                self.dirty.push((slot, self.clean.pop().unwrap_or_default()));
            }
            self.dirty[listener.dirty as usize].1.extend_from_slice(&words.bytes);
        }
        spoken.count(&self.messages);
    }

    /// Writes what [`Task::collect_run`] kept, each listener once.
    async fn flush(&mut self) {
        let mut dirty = mem::take(&mut self.dirty);
        let yields = dirty.len() > WRITES_PER_TURN;
        for turn in dirty.chunks_mut(WRITES_PER_TURN) {
            for (slot, bytes) in turn {
                if let Some(listener) = self.listeners.get_mut(*slot) {
                    listener.dirty = Listener::CLEAN;
                    listener.outlet.write(bytes);
                }
                bytes.clear();
            }
            if yields {
                tokio::task::yield_now().await;
            }
        }
        self.clean.extend(dirty.drain(..).map(|(_, bytes)| bytes).take(WRITES_PER_TURN));
        self.clean.truncate(WRITES_PER_TURN);
        self.dirty = dirty;
    }
}

/// How many events at the beginning can be joined.
fn run_length(events: &[Arc<Broadcast>]) -> usize {
    let Some(first) = events.first() else { return 0 };
    events.iter().take_while(|broadcast| first.runs_with(broadcast)).count()
}

/// A run in all voices, each joined when first needed.
struct Spoken(Vec<Option<Words>>);

/// A run in one voice.
struct Words {
    bytes: Vec<Bytes>,
    frames: u64,
    heard: u64,
    dialect: usize,
}

impl Spoken {
    fn new(voices: &Voices) -> Self {
        Self((0..voices.count()).map(|_| None).collect())
    }

    fn words(&mut self, run: &[Arc<Broadcast>], voice: Voice, voices: &Voices) -> &mut Words {
        self.0[voice.index()].get_or_insert_with(|| {
            let frames: Vec<_> = run.iter().filter_map(|broadcast| broadcast.frame(voice, voices).cloned()).collect();
            Words { bytes: join(&frames), frames: frames.len() as u64, heard: 0, dialect: voice.dialect() }
        })
    }

    fn count(self, messages: &[Counter]) {
        for words in self.0.into_iter().flatten() {
            messages[words.dialect].increment(words.heard);
        }
    }
}

/// Joins frames into pieces of at most [`JOINED_BYTES`].
fn join(frames: &[Frame]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (index, frame) in frames.iter().enumerate() {
        let length = frame.as_bytes().len();
        if index > start && size + length > JOINED_BYTES {
            pieces.push(Frame::join(&frames[start..index]));
            (start, size) = (index, 0);
        }
        size += length;
    }
    if start < frames.len() {
        pieces.push(Frame::join(&frames[start..]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_joined_up_to_a_bound() {
        let frames: Vec<_> = (0..5).map(|_| Frame::text(&"x".repeat(20_000))).collect();
        let pieces = join(&frames);
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [3 * 20_004, 2 * 20_004]);
        assert_eq!(pieces.concat(), frames.iter().flat_map(|frame| frame.as_bytes().to_vec()).collect::<Vec<_>>());
        assert!(join(&[]).is_empty());
    }
}
