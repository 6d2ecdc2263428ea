//! Listening within the house: events as they are, for the program that Quintet is a part of, and for `quintet tail`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};
use quintet_core::{Event, Pattern, Topic, limits};
use tokio::sync::Notify;

use crate::hub::Hub;

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// An event. Kept ones come in log order.
    Event(Arc<Event>),
    /// So many events were lost to this listener, which was too slow: just here, between those before and behind.
    Missed(u64),
}

/// A listener within the house, who hears everything that its pattern matches, rights aside; of every node, and of documents the
/// commits that are stored, not those that only retell a chat. Dropping it ends it.
pub struct Listening {
    ear: Arc<Ear>,
    ears: Weak<Ears>,
}

/// All listeners within the house.
#[derive(Default)]
pub(crate) struct Ears {
    open: RwLock<Vec<Arc<Ear>>>,
    /// Whether there is any, so that a house without them pays for no lock.
    any: AtomicBool,
    closed: AtomicBool,
}

/// What waits for one listener.
struct Ear {
    pattern: Pattern,
    bound: usize,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Default)]
struct Waiting {
    heard: VecDeque<Heard>,
    events: usize,
    closed: bool,
}

impl Hub {
    /// Listens from now on; `Limits::listener_events` wait at the most.
    pub fn listen(&self, pattern: Pattern) -> Listening {
        self.ears.open(pattern, limits::size(self.limits.listener_events))
    }
}

impl Listening {
    /// Waits for the next; `None` when the hub is gone, or was shut down, and nothing waits any more. Lost is nothing if this is dropped.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            {
                let mut waiting = self.ear.waiting.lock();
                if let Some(heard) = waiting.heard.pop_front() {
                    waiting.events -= usize::from(matches!(heard, Heard::Event(_)));
                    return Some(heard);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.ear.arrived.notified().await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(ears) = self.ears.upgrade() {
            let mut open = ears.open.write();
            open.retain(|ear| !Arc::ptr_eq(ear, &self.ear));
            ears.any.store(!open.is_empty(), Ordering::Release);
        }
    }
}

impl Ears {
    fn open(self: &Arc<Self>, pattern: Pattern, bound: usize) -> Listening {
        let ear = Arc::new(Ear { pattern, bound, waiting: Mutex::default(), arrived: Notify::new() });
        let mut open = self.open.write();
        open.push(Arc::clone(&ear));
        self.any.store(true, Ordering::Release);
        if self.closed.load(Ordering::Acquire) {
            ear.close();
        }
        Listening { ear, ears: Arc::downgrade(self) }
    }

    /// Whether anybody listens to a topic.
    pub(crate) fn listens(&self, topic: &Topic) -> bool {
        self.any.load(Ordering::Acquire) && self.open.read().iter().any(|ear| ear.pattern.matches(topic))
    }

    /// Hands an event to each that listens to any of its topics. Never waits for them.
    pub(crate) fn hear(&self, event: &Arc<Event>) {
        if self.any.load(Ordering::Acquire) {
            let open = self.open.read();
            let hearing = open.iter().filter(|ear| event.topics.iter().any(|topic| ear.pattern.matches(topic)));
            hearing.for_each(|ear| ear.push(event));
        }
    }

    /// Nothing more is said.
    pub(crate) fn close(&self) {
        let open = self.open.read();
        self.closed.store(true, Ordering::Release);
        open.iter().for_each(|ear| ear.close());
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.close();
    }
}

impl Ear {
    fn push(&self, event: &Arc<Event>) {
        let mut waiting = self.waiting.lock();
        if waiting.events < self.bound {
            waiting.events += 1;
            waiting.heard.push_back(Heard::Event(Arc::clone(event)));
        } else if let Some(Heard::Missed(count)) = waiting.heard.back_mut() {
            *count += 1;
        } else {
            waiting.heard.push_back(Heard::Missed(1));
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    fn close(&self) {
        self.waiting.lock().closed = true;
        self.arrived.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::{Author, Body, Id, Timestamp};

    use super::*;

    fn event(topics: &[&str], number: i64) -> Arc<Event> {
        Arc::new(Event {
            id: Id::HOUSE,
            topics: topics.iter().map(|name| Topic::channel(name)).collect(),
            position: None,
            at: Timestamp::from_millis(number),
            author: Author::house(),
            via: "test".into(),
            body: Body::Notice("{}".into()),
            commit: None,
        })
    }

    async fn next(listening: &mut Listening) -> String {
        match listening.next().await {
            Some(Heard::Event(event)) => event.at.millis().to_string(),
            Some(Heard::Missed(count)) => format!("missed {count}"),
            None => "end".into(),
        }
    }

    #[tokio::test]
    async fn what_was_lost_is_told_in_its_place() {
        let ears = Arc::new(Ears::default());
        let mut lobby = ears.open(Topic::channel("lobby").into(), 2);
        for number in 1..=5 {
            ears.hear(&event(&["lobby"], number));
        }
        assert_eq!(next(&mut lobby).await, "1");
        ears.hear(&event(&["lobby"], 6));
        ears.hear(&event(&["lobby"], 7));
        for expected in ["2", "missed 3", "6", "missed 1"] {
            assert_eq!(next(&mut lobby).await, expected);
        }
    }

    #[tokio::test]
    async fn each_hears_once_what_its_pattern_matches_until_it_goes() {
        let ears = Arc::new(Ears::default());
        assert!(!ears.listens(&Topic::channel("a")));
        let mut all = ears.open(Pattern::all("channel"), 9);
        let mut one = ears.open(Topic::channel("b").into(), 9);
        ears.hear(&event(&["a", "b"], 1));
        ears.hear(&event(&["a"], 2));
        drop(all.next());
        assert_eq!([next(&mut all).await, next(&mut all).await], ["1", "2"]);
        assert!(ears.listens(&Topic::channel("a")));
        drop(all);
        assert!(ears.listens(&Topic::channel("b")) && !ears.listens(&Topic::channel("a")));
        drop(ears);
        assert_eq!([next(&mut one).await, next(&mut one).await], ["1", "end"]);
    }
}
