//! A map that costs no more than a list while it is small, and no more than a step or two however large it grows.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

/// Up to this many entries are found by looking at each of them.
const FEW: usize = 16;

/// Keys with values; three words and nothing on the heap while empty.
pub struct SmallMap<K, V>(Form<K, V>);

#[expect(clippy::box_collection, reason = "the few, of whom there are most, are not to pay for the size of a hash map")]
enum Form<K, V> {
    Few(Vec<(K, V)>),
    Many(Box<HashMap<K, V>>),
}

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self(Form::Few(Vec::new()))
    }
}

impl<K: Eq + Hash, V> SmallMap<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Few(entries) => entries.len(),
            Form::Many(entries) => entries.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is an entry of this key.
    pub fn contains(&self, key: &K) -> bool {
        match &self.0 {
            Form::Few(entries) => entries.iter().any(|(other, _)| other == key),
            Form::Many(entries) => entries.contains_key(key),
        }
    }

    /// The value of this key.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match &mut self.0 {
            Form::Few(entries) => entries.iter_mut().find(|(other, _)| other == key).map(|(_, value)| value),
            Form::Many(entries) => entries.get_mut(key),
        }
    }

    /// Adds an entry, or replaces the value of its key; tells whether it is a new one.
    pub fn insert(&mut self, key: K, value: V) -> bool {
        if let Some(old) = self.get_mut(&key) {
            *old = value;
            return false;
        }
        match &mut self.0 {
            Form::Few(entries) if entries.len() < FEW => entries.push((key, value)),
            Form::Few(entries) => {
                let mut many: HashMap<_, _> = mem::take(entries).into_iter().collect();
                many.insert(key, value);
                self.0 = Form::Many(Box::new(many));
            }
            Form::Many(entries) => drop(entries.insert(key, value)),
        }
        true
    }

    /// Takes an entry out. Memory that is no longer needed is given back now and then.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        match &mut self.0 {
            Form::Few(entries) => {
                let index = entries.iter().position(|(other, _)| other == key)?;
                Some(entries.swap_remove(index).1)
            }
            Form::Many(entries) => {
                let value = entries.remove(key)?;
                if entries.len() <= FEW / 2 {
                    self.0 = Form::Few(entries.drain().collect());
                } else if entries.len() < entries.capacity() / 8 {
                    entries.shrink_to(entries.len() * 2);
                }
                Some(value)
            }
        }
    }

    /// Every key, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        let (few, many) = match &self.0 {
            Form::Few(entries) => (Some(entries.iter().map(|(key, _)| key)), None),
            Form::Many(entries) => (None, Some(entries.keys())),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }

    /// Every entry, in no order; the map is empty then.
    pub fn take(&mut self) -> impl Iterator<Item = (K, V)> + use<K, V> {
        let (few, many) = match mem::take(self).0 {
            Form::Few(entries) => (Some(entries), None),
            Form::Many(entries) => (None, Some(*entries)),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;

    use super::*;

    thread_local! {
        static COMPARISONS: Cell<usize> = const { Cell::new(0) };
    }

    /// A key that counts how often it is compared.
    #[derive(Clone, Debug)]
    struct Counted(u32);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARISONS.set(COMPARISONS.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn ten_thousand_come_and_go_in_a_few_steps_each() {
        let mut map = SmallMap::default();
        for key in 0..10_000 {
            assert!(map.insert(Counted(key), key));
            assert!(!map.insert(Counted(key), key), "twice is once");
        }
        for key in 0..10_000 {
            assert!(map.contains(&Counted(key)));
            assert_eq!(map.remove(&Counted(key)), Some(key));
        }
        let comparisons = COMPARISONS.get();
        assert!(comparisons < 10_000 * 4 * 2, "{comparisons} comparisons");
        assert!(matches!(map.0, Form::Few(_)), "small again");
    }

    #[test]
    fn it_is_a_map_at_every_size() {
        for size in [0, 1, FEW, FEW + 1, 100] {
            let mut map: SmallMap<usize, usize> = SmallMap::default();
            (0..size).for_each(|key| assert!(map.insert(key, key)));
            (0..size).for_each(|key| assert!(!map.insert(key, key * 2)));
            assert_eq!((map.len(), map.contains(&size)), (size, false));
            assert_eq!(map.remove(&size), None);
            let mut keys: Vec<_> = map.keys().copied().collect();
            keys.sort_unstable();
            assert!(keys.into_iter().eq(0..size));
            let mut entries: Vec<_> = map.take().collect();
            entries.sort_unstable();
            assert!(entries.into_iter().eq((0..size).map(|key| (key, key * 2))));
            assert!(map.is_empty());
        }
    }

    #[test]
    fn an_empty_one_is_three_words() {
        assert_eq!(size_of::<SmallMap<u32, u32>>(), 3 * size_of::<usize>());
    }
}
