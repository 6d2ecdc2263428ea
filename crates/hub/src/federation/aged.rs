//! A bounded memory: whatever was put in first goes first when there is no more room.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values by key, at most `room` of them.
pub(super) struct Aged<K, V> {
    values: HashMap<K, (u64, V)>,
    /// Keys with the number under which each was put in; those that were put in again since are passed over.
    order: VecDeque<(u64, K)>,
    number: u64,
    room: usize,
}

impl<K: Clone + Eq + Hash, V> Aged<K, V> {
    pub(super) fn new(room: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), number: 0, room: room.max(1) }
    }

    pub(super) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.values.get(key).map(|(_, value)| value)
    }

    /// Puts in a value, as the newest; the oldest goes where there is no more room.
    pub(super) fn put(&mut self, key: K, value: V) {
        self.number += 1;
        self.values.insert(key.clone(), (self.number, value));
        self.order.push_back((self.number, key));
        while self.values.len() > self.room {
            self.drop_oldest();
        }
        // What is put in again and again must not fill the order with its past.
        if self.order.len() > self.values.len() * 2 + 64 {
            self.order.retain(|(number, key)| self.values.get(key).is_some_and(|(current, _)| current == number));
        }
    }

    pub(super) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.values.remove(key).map(|(_, value)| value)
    }

    /// Lets go of the oldest as long as they are over.
    pub(super) fn expire(&mut self, is_over: impl Fn(&V) -> bool) {
        while let Some((number, key)) = self.order.front() {
            if self.values.get(key).is_some_and(|(current, value)| current == number && !is_over(value)) {
                return;
            }
            self.drop_oldest();
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&K, &V) -> bool) {
        self.values.retain(|key, (_, value)| keep(key, value));
    }

    fn drop_oldest(&mut self) {
        let Some((number, key)) = self.order.pop_front() else { return };
        if self.values.get(&key).is_some_and(|(current, _)| *current == number) {
            self.values.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(aged: &Aged<u32, u32>) -> Vec<u32> {
        let mut keys: Vec<_> = aged.values.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_oldest_goes_first_and_what_is_put_in_again_is_new() {
        let mut aged = Aged::new(3);
        for key in [1, 2, 3, 1, 4] {
            aged.put(key, key * 10);
        }
        assert_eq!(keys(&aged), [1, 3, 4]);
        assert_eq!((aged.get(&1), aged.get(&2)), (Some(&10), None));
        aged.remove(&3);
        aged.put(5, 50);
        assert_eq!(keys(&aged), [1, 4, 5]);
    }

    #[test]
    fn what_is_over_goes_up_to_the_first_that_is_not() {
        let mut aged = Aged::new(10);
        for key in 1..=5 {
            aged.put(key, key);
        }
        aged.put(1, 9);
        aged.expire(|value| *value < 4);
        assert_eq!(keys(&aged), [1, 4, 5]);
    }

    #[test]
    fn one_key_again_and_again_takes_no_more_room() {
        let mut aged = Aged::new(4);
        for value in 0..10_000 {
            aged.put(7, value);
        }
        assert!(aged.order.len() <= 66, "{}", aged.order.len());
        assert_eq!(aged.get(&7), Some(&9_999));
    }
}
