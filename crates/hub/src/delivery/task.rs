//! The delivery task: takes what waits, joins what can be joined, writes.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use metrics::{Counter, Histogram, counter, histogram};
use quintet_core::{Identity, Limits, Topic};

use super::broadcast::Broadcast;
use super::held::Bounds;
use super::inbox::{Command, Inbox, Slot};
use super::listeners::{Listener, Listeners};
use super::spoken::{Spoken, frames, join, run_length};
use super::voice::Voices;
use crate::policy::Policy;

/// Writes between two yields to the other tasks of the runtime.
const WRITES_PER_TURN: usize = 256;

/// Owns some of the listeners, and writes to them.
pub struct Task {
    inbox: Arc<Inbox>,
    freed: Arc<parking_lot::Mutex<Vec<Slot>>>,
    voices: Arc<Voices>,
    policy: Arc<Policy>,
    listeners: Listeners,
    bounds: Bounds,
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
        limits: &Limits,
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
            bounds: Bounds::new(limits),
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
            Command::Hold(slot) => {
                if let Some(listener) = self.listeners.get_mut(slot) {
                    listener.held.get_or_insert_default();
                }
            }
            Command::Release(slot, known) => self.release(slot, known),
            Command::Positions(slot, positions) => {
                if let Some(listener) = self.listeners.get_mut(slot) {
                    listener.positions = positions;
                }
            }
            Command::Detach(slot) => {
                self.listeners.detach(slot);
                self.freed.lock().push(slot);
            }
            Command::Close(who, code, reason) => self.close(&who, code, &reason),
            Command::Write(slot, bytes) => {
                if let Some(listener) = self.listeners.get_mut(slot) {
                    listener.outlet.reply(bytes);
                }
            }
            Command::Deliver(_) => {}
        }
    }

    fn close(&self, who: &Identity, code: u16, reason: &str) {
        self.listeners
            .iter()
            .filter(|listener| self.policy.known(&listener.identity) == *who)
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
    fn aim(&mut self, run: &[Arc<Broadcast>]) -> Targets {
        self.runs += 1;
        let (number, policy) = (self.runs, &self.policy);
        let mut targets = Targets::default();
        for (place, topic) in run[0].event.topics.iter().enumerate() {
            let readers = run[0].readers.at(place);
            self.listeners.each(topic, |slot, listener, named| {
                if listener.last_run != number && policy.hears(readers, &listener.identity, named) {
                    listener.last_run = number;
                    if listener.is_special() { targets.special.push(slot) } else { targets.plain.push(slot) }
                }
            });
        }
        targets
    }

    /// Writes one run to its listeners at once; to the special ones with what waits for them.
    async fn write_run(&mut self, run: &[Arc<Broadcast>], targets: Targets) {
        let voices = Arc::clone(&self.voices);
        let mut spoken = Spoken::new(run, &voices);
        for turn in targets.plain.chunks(WRITES_PER_TURN) {
            for slot in turn {
                let Some(listener) = self.listeners.get_mut(*slot) else { continue };
                let words = spoken.words(listener.voice, false);
                if words.events > 0 {
                    listener.outlet.write(&words.bytes);
                    words.heard += words.events;
                }
            }
            if targets.plain.len() > WRITES_PER_TURN {
                tokio::task::yield_now().await;
            }
        }
        self.tell_special(run, targets.special, &mut spoken);
        spoken.count(&self.messages);
    }

    /// Keeps one run for its listeners until the whole batch is looked at.
    fn collect_run(&mut self, run: &[Arc<Broadcast>], targets: Targets) {
        let voices = Arc::clone(&self.voices);
        let mut spoken = Spoken::new(run, &voices);
        for slot in targets.plain {
            self.collect(slot, &mut spoken);
        }
        self.tell_special(run, targets.special, &mut spoken);
        spoken.count(&self.messages);
    }

    /// One run for those who hear it later, or with positions.
    fn tell_special(&mut self, run: &[Arc<Broadcast>], slots: Vec<Slot>, spoken: &mut Spoken<'_>) {
        for slot in slots {
            if !self.hold(slot, run) {
                self.collect(slot, spoken);
            }
        }
    }

    /// Keeps a run for one listener until the whole batch is looked at.
    fn collect(&mut self, slot: Slot, spoken: &mut Spoken<'_>) {
        let Some(listener) = self.listeners.get_mut(slot) else { return };
        let words = spoken.words(listener.voice, listener.positions);
        if words.events == 0 {
            return;
        }
        words.heard += words.events;
        if listener.dirty == Listener::CLEAN {
            listener.dirty = u32::try_from(self.dirty.len()).expect("no more are dirty than there are slots");
            self.dirty.push((slot, self.clean.pop().unwrap_or_default()));
        }
        self.dirty[listener.dirty as usize].1.extend_from_slice(&words.bytes);
    }

    /// Keeps a run back where the listener wants that; who lets too much wait is given up.
    fn hold(&mut self, slot: Slot, run: &[Arc<Broadcast>]) -> bool {
        let Some(listener) = self.listeners.get_mut(slot) else { return false };
        let Some(held) = &mut listener.held else { return false };
        for broadcast in run {
            let Some(frame) = broadcast.frame(listener.voice, &self.voices) else { continue };
            if !held.keep(broadcast, frame.as_bytes().len(), self.bounds) {
                listener.held = None;
                listener.outlet.give_up();
                break;
            }
        }
        true
    }

    /// Lets out what was kept back. Rights are asked again, for this is when it is heard; so is whether it still listens.
    fn release(&mut self, slot: Slot, known: Vec<(Topic, u64)>) {
        let Some(listener) = self.listeners.get_mut(slot) else { return };
        let Some(held) = listener.held.take() else { return };
        let (identity, voice, positions) = (listener.identity.clone(), listener.voice, listener.positions);
        let mut events = held.unknown(known);
        events.retain(|broadcast| {
            let hears = |place, named| self.policy.hears(broadcast.readers.at(place), &identity, named);
            self.listeners.listens(slot, &broadcast.event.topics, hears)
        });
        let mut words = Vec::new();
        let mut rest = &events[..];
        while !rest.is_empty() {
            let (run, behind) = rest.split_at(run_length(rest));
            let (frames, heard) = frames(run, voice, positions, &self.voices);
            words.extend(frames);
            self.messages[voice.dialect()].increment(heard);
            rest = behind;
        }
        if let Some(listener) = self.listeners.get_mut(slot) {
            listener.outlet.write(&join(&words));
        }
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

/// Who hears a run.
#[derive(Default)]
struct Targets {
    /// The many, who hear it at once and as it is.
    plain: Vec<Slot>,
    /// Those of whom [`Listener::is_special`] tells.
    special: Vec<Slot>,
}
