//! Listeners: who listens to what in one delivery task, with removal in constant time.

use std::collections::HashMap;
use std::sync::Arc;

use quintet_core::{Identity, Pattern, Topic};

use super::held::Held;
use super::inbox::Slot;
use super::small_map::SmallMap;
use super::trie::Trie;
use super::voice::Voice;
use crate::outlet::Outlet;

/// One listener.
pub struct Listener {
    /// Its way out.
    pub outlet: Arc<dyn Outlet>,
    /// Who it is.
    pub identity: Identity,
    /// How it is spoken to.
    pub voice: Voice,
    /// The last run it was given, so that overlapping subscriptions do not give it twice.
    pub last_run: u64,
    /// Its place among those with bytes waiting in this batch; [`Listener::CLEAN`] without.
    pub dirty: u32,
    /// Whether it hears positions, too.
    pub positions: bool,
    /// What is kept back for it; `None` while it hears at once.
    pub held: Option<Box<Held>>,
    /// The lists in which it stands, and where.
    subscriptions: SmallMap<ListNumber, u32>,
}

/// The place of a list among the lists.
type ListNumber = u32;

impl Listener {
    /// No bytes wait.
    pub const CLEAN: u32 = u32::MAX;

    /// A listener that listens to nothing yet.
    pub fn new(outlet: Arc<dyn Outlet>, identity: Identity, voice: Voice) -> Self {
        let (positions, held, subscriptions) = (false, None, SmallMap::default());
        Self { outlet, identity, voice, last_run: 0, dirty: Self::CLEAN, positions, held, subscriptions }
    }

    /// Whether what it hears is something else than what the others of its voice hear now.
    pub fn is_special(&self) -> bool {
        self.positions || self.held.is_some()
    }
}

/// The listeners of one pattern.
struct List {
    pattern: Pattern,
    slots: Vec<Slot>,
}

/// All listeners of one delivery task.
#[derive(Default)]
pub struct Listeners {
    slots: Vec<Option<Listener>>,
    lists: Vec<Option<List>>,
    free_lists: Vec<ListNumber>,
    exact: HashMap<Topic, ListNumber>,
    wide: Trie<ListNumber>,
}

impl Listeners {
    /// Puts a listener into a free slot.
    pub fn attach(&mut self, slot: Slot, listener: Listener) {
        let index = slot as usize;
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, || None);
        }
        self.slots[index] = Some(listener);
    }

    /// The listener in a slot.
    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut Listener> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    /// Every listener.
    pub fn iter(&self) -> impl Iterator<Item = &Listener> {
        self.slots.iter().flatten()
    }

    /// The listener in `slot` listens to `pattern`, which it did not before.
    pub fn subscribe(&mut self, slot: Slot, pattern: &Pattern) {
        let number = self.list_or_new(pattern);
        let Some(list) = self.lists[number as usize].as_mut() else { return };
        let Some(listener) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        listener.subscriptions.insert(number, narrow(list.slots.len()));
        list.slots.push(slot);
    }

    /// The listener in `slot` no longer listens to `pattern`.
    pub fn unsubscribe(&mut self, slot: Slot, pattern: &Pattern) {
        let Some(list) = self.list(pattern) else { return };
        let Some(listener) = self.get_mut(slot) else { return };
        let Some(index) = listener.subscriptions.remove(&list) else { return };
        self.leave(list, index);
    }

    /// Whether the listener in `slot` listens to any of these topics in a way that `hears`: that is told the topic's place, and whether
    /// it is named in full.
    pub fn listens(&self, slot: Slot, topics: &[Topic], hears: impl Fn(usize, bool) -> bool) -> bool {
        let Some(listener) = self.slots.get(slot as usize).and_then(Option::as_ref) else { return false };
        topics.iter().enumerate().any(|(place, topic)| {
            let lists = lists_of(topic, &self.exact, &self.wide).filter(|list| listener.subscriptions.contains(list));
            lists
                .filter_map(|list| self.lists[list as usize].as_ref())
                .any(|list| hears(place, list.pattern.names(topic)))
        })
    }

    /// Takes a listener out, in time proportional to its own subscriptions.
    pub fn detach(&mut self, slot: Slot) {
        let Some(listener) = self.slots.get_mut(slot as usize).and_then(Option::take) else { return };
        let mut subscriptions = listener.subscriptions;
        subscriptions.take().for_each(|(list, index)| self.leave(list, index));
    }

    /// Calls `heard` with each listener of a topic, and whether it names the topic in full; once for each of its patterns.
    pub fn each(&mut self, topic: &Topic, mut heard: impl FnMut(Slot, &mut Listener, bool)) {
        let lists = lists_of(topic, &self.exact, &self.wide);
        for list in lists.filter_map(|list| self.lists[list as usize].as_ref()) {
            let named = list.pattern.names(topic);
            for slot in &list.slots {
                if let Some(listener) = self.slots[*slot as usize].as_mut() {
                    heard(*slot, listener, named);
                }
            }
        }
    }

    fn list(&self, pattern: &Pattern) -> Option<ListNumber> {
        match pattern {
            Pattern::Exact(topic) => self.exact.get(topic).copied(),
            Pattern::Prefix(_) | Pattern::Whole(_) => self.wide.get(pattern).copied(),
        }
    }

    fn list_or_new(&mut self, pattern: &Pattern) -> ListNumber {
        if let Some(number) = self.list(pattern) {
            return number;
        }
        let number = self.free_lists.pop().unwrap_or_else(|| {
            self.lists.push(None);
            narrow(self.lists.len() - 1)
        });
        self.lists[number as usize] = Some(List { pattern: pattern.clone(), slots: Vec::new() });
        match pattern {
            Pattern::Exact(topic) => drop(self.exact.insert(topic.clone(), number)),
            Pattern::Prefix(_) | Pattern::Whole(_) => {
                self.wide.get_or_insert_with(pattern, || number);
            }
        }
        number
    }

    /// Takes the listener at this place out of a list; whoever moves into the gap is told its new place.
    fn leave(&mut self, number: ListNumber, index: u32) {
        let Some(list) = self.lists[number as usize].as_mut() else { return };
        list.slots.swap_remove(index as usize);
        if let Some(moved) = list.slots.get(index as usize)
            && let Some(other) = self.slots[*moved as usize].as_mut()
            && let Some(place) = other.subscriptions.get_mut(&number)
        {
            *place = index;
        }
        self.tidy(number);
    }

    /// Forgets an empty list; gives memory back where a list has shrunk much.
    fn tidy(&mut self, number: ListNumber) {
        let Some(list) = self.lists[number as usize].as_mut() else { return };
        if !list.slots.is_empty() {
            if list.slots.capacity() > 64 && list.slots.len() < list.slots.capacity() / 4 {
                list.slots.shrink_to(list.slots.len() * 2);
            }
            return;
        }
        match &list.pattern {
            Pattern::Exact(topic) => drop(self.exact.remove(topic)),
            pattern => drop(self.wide.remove(pattern)),
        }
        self.lists[number as usize] = None;
        self.free_lists.push(number);
    }
}

/// The lists whose listeners hear a topic.
fn lists_of<'a>(
    topic: &'a Topic,
    exact: &'a HashMap<Topic, ListNumber>,
    wide: &'a Trie<ListNumber>,
) -> impl Iterator<Item = ListNumber> + 'a {
    exact.get(topic).copied().into_iter().chain(wide.heard(topic).copied())
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("connections and subscriptions are bounded far below 2^32")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    struct Mute;

    impl Outlet for Mute {
        fn write(&self, _: &[Bytes]) {}
        fn compressed(&self) -> bool {
            false
        }
        fn close(&self, _: u16, _: &str) {}
    }

    fn heard(listeners: &mut Listeners, topic: &Topic) -> Vec<Slot> {
        let mut slots = Vec::new();
        listeners.each(topic, |slot, _, _| slots.push(slot));
        slots.sort_unstable();
        slots
    }

    fn house(size: Slot) -> Listeners {
        let mut listeners = Listeners::default();
        for slot in 0..size {
            listeners.attach(slot, Listener::new(Arc::new(Mute), Identity::Public, Voice::new(0, false)));
        }
        listeners
    }

    #[test]
    fn each_hears_what_it_listens_to() {
        let mut listeners = house(3);
        let (lobby, attic) = (Topic::channel("lobby"), Topic::channel("attic"));
        listeners.subscribe(0, &lobby.clone().into());
        listeners.subscribe(1, &lobby.clone().into());
        listeners.subscribe(1, &attic.clone().into());
        listeners.subscribe(2, &Pattern::all("channel"));
        assert_eq!(heard(&mut listeners, &lobby), [0, 1, 2]);
        assert_eq!(heard(&mut listeners, &attic), [1, 2]);
        listeners.unsubscribe(1, &lobby.clone().into());
        assert_eq!(heard(&mut listeners, &lobby), [0, 2]);
    }

    /// Many random comings and goings against the plainest model there is.
    #[test]
    fn removal_keeps_everybody_elses_place() {
        let topics: Vec<_> = (0..40).map(|name| Topic::channel(&name.to_string())).collect();
        let mut listeners = house(8);
        let mut model: Vec<Vec<bool>> = vec![vec![false; topics.len()]; 8];
        let mut seed = 0x2545_F491_4F6C_DD1D_u64;
        for step in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let slot = Slot::try_from(seed >> 33 & 7).unwrap();
            let topic = usize::try_from(seed >> 40 & 0xFF).unwrap() % topics.len();
            let listening = &mut model[slot as usize][topic];
            if seed >> 58 == 0 {
                listeners.detach(slot);
                listeners.attach(slot, Listener::new(Arc::new(Mute), Identity::Public, Voice::new(0, false)));
                model[slot as usize].fill(false);
            } else if *listening {
                listeners.unsubscribe(slot, &topics[topic].clone().into());
                *listening = false;
            } else {
                listeners.subscribe(slot, &topics[topic].clone().into());
                *listening = true;
            }
            let expected: Vec<_> = (0..8).filter(|slot| model[*slot as usize][topic]).collect();
            assert_eq!(heard(&mut listeners, &topics[topic]), expected, "step {step}");
            let listens =
                |slot: &Slot| listeners.listens(*slot, std::slice::from_ref(&topics[topic]), |_, named| named);
            assert!((0..8).filter(listens).eq(expected), "step {step}");
        }
        (0..8).for_each(|slot| listeners.detach(slot));
        assert!(listeners.exact.is_empty(), "lists that nobody is in are forgotten");
    }
}
