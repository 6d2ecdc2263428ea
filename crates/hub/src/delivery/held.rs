//! What is kept back for one listener that is catching up.

use std::collections::HashMap;
use std::sync::Arc;

use quintet_core::limits::{self, Limits};
use quintet_core::{Event, Topic};

use super::broadcast::Broadcast;

/// Events in order, to be heard later. Each is shared with everybody else who keeps or hears it.
#[derive(Default)]
pub struct Held {
    events: Vec<Arc<Broadcast>>,
    bytes: usize,
}

/// How much may be kept back for one listener.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    events: usize,
    bytes: usize,
}

impl Bounds {
    /// As many events as `held_events` says, of as many bytes as may wait for one connection.
    pub fn new(limits: &Limits) -> Self {
        Self { events: limits::size(limits.held_events), bytes: limits::size(limits.queue_bytes) }
    }
}

impl Held {
    /// Keeps an event back that will be so many bytes. `false` if that is too much; one event may always wait.
    pub fn keep(&mut self, broadcast: &Arc<Broadcast>, bytes: usize, bounds: Bounds) -> bool {
        let first = self.events.is_empty();
        self.bytes = self.bytes.saturating_add(bytes);
        self.events.push(Arc::clone(broadcast));
        first || (self.events.len() <= bounds.events && self.bytes <= bounds.bytes)
    }

    /// What is not known yet, in order: the events of these topics up to these offsets are left out.
    pub fn unknown(self, known: Vec<(Topic, u64)>) -> Vec<Arc<Broadcast>> {
        let mut ends: HashMap<Topic, u64> = HashMap::with_capacity(known.len());
        for (topic, offset) in known {
            let end = ends.entry(topic).or_default();
            *end = offset.max(*end);
        }
        let mut events = self.events;
        events.retain(|broadcast| !is_known(&broadcast.event, &ends));
        events
    }
}

fn is_known(event: &Event, ends: &HashMap<Topic, u64>) -> bool {
    let Some(position) = event.position else { return false };
    event.topics.iter().any(|topic| ends.get(topic).is_some_and(|end| position.offset <= *end))
}
