//! A trie of patterns: what hears a topic is found in steps of its depth, however many patterns there are.

use std::collections::HashMap;
use std::iter;

use quintet_core::{Pattern, Topic};

/// A value for each pattern that hears more than one topic.
///
/// Its places stand in one list, and it is walked without recursion: the depth of a pattern is a peer's choice.
pub struct Trie<V> {
    places: Vec<Place<V>>,
    free: Vec<Number>,
    patterns: usize,
}

/// The number of a place in the list.
type Number = u32;

/// Where every path begins.
const ROOT: Number = 0;

/// Where patterns with the same segments so far meet.
struct Place<V> {
    /// Of the [`Pattern::Prefix`] that ends here.
    prefix: Option<V>,
    /// Of the [`Pattern::Whole`] that ends here.
    whole: Option<V>,
    /// On with `*`.
    any: Option<Number>,
    /// On with a segment of this text.
    named: HashMap<Box<str>, Number>,
}

impl<V> Default for Place<V> {
    fn default() -> Self {
        Self { prefix: None, whole: None, any: None, named: HashMap::new() }
    }
}

impl<V> Place<V> {
    fn value(&self, pattern: &Pattern) -> Option<&V> {
        if matches!(pattern, Pattern::Prefix(_)) { self.prefix.as_ref() } else { self.whole.as_ref() }
    }

    fn value_mut(&mut self, pattern: &Pattern) -> &mut Option<V> {
        if matches!(pattern, Pattern::Prefix(_)) { &mut self.prefix } else { &mut self.whole }
    }

    fn next(&self, segment: &str) -> Option<Number> {
        if segment == "*" { self.any } else { self.named.get(segment).copied() }
    }

    fn is_empty(&self) -> bool {
        self.prefix.is_none() && self.whole.is_none() && self.any.is_none() && self.named.is_empty()
    }
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { places: vec![Place::default()], free: Vec::new(), patterns: 0 }
    }
}

impl<V> Trie<V> {
    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns == 0
    }

    /// The value of this very pattern.
    pub fn get(&self, pattern: &Pattern) -> Option<&V> {
        self.place(self.end(pattern)?).value(pattern)
    }

    /// The value of this very pattern.
    pub fn get_mut(&mut self, pattern: &Pattern) -> Option<&mut V> {
        let end = self.end(pattern)?;
        self.place_mut(end).value_mut(pattern).as_mut()
    }

    /// The value of this very pattern; a new one where there was none.
    pub fn get_or_insert_with(&mut self, pattern: &Pattern, new: impl FnOnce() -> V) -> &mut V {
        let end = segments(pattern).fold(ROOT, |place, segment| self.next_or_new(place, segment));
        self.patterns += usize::from(self.place(end).value(pattern).is_none());
        self.place_mut(end).value_mut(pattern).get_or_insert_with(new)
    }

    /// Forgets a pattern, and the branches that led to it alone.
    pub fn remove(&mut self, pattern: &Pattern) -> Option<V> {
        let mut path = Vec::new();
        let mut place = ROOT;
        for segment in segments(pattern) {
            path.push((place, segment));
            place = self.place(place).next(segment)?;
        }
        let value = self.place_mut(place).value_mut(pattern).take()?;
        self.patterns -= 1;
        while self.place(place).is_empty()
            && let Some((above, segment)) = path.pop()
        {
            self.cut(above, segment);
            self.free.push(place);
            place = above;
        }
        if self.is_empty() {
            *self = Self::default();
        }
        Some(value)
    }

    /// The values of the patterns that hear a topic, in no order.
    pub fn heard<'a>(&'a self, topic: &'a Topic) -> impl Iterator<Item = &'a V> {
        self.visit(topic).flatten()
    }

    /// The values at each place on the ways of a topic.
    fn visit<'a>(&'a self, topic: &'a Topic) -> impl Iterator<Item = impl Iterator<Item = &'a V>> {
        let mut next = (!self.is_empty()).then(|| (ROOT, Some(topic.as_str())));
        // Ways that were passed by, where both a `*` and the segment itself lead on.
        let mut others = Vec::new();
        iter::from_fn(move || {
            let (place, rest) = next.take().or_else(|| others.pop())?;
            let place = self.place(place);
            if let Some(rest) = rest {
                let (segment, rest) = rest.split_once('/').map_or((rest, None), |(first, rest)| (first, Some(rest)));
                let mut ways = place.any.into_iter().chain(place.named.get(segment).copied());
                next = ways.next().map(|way| (way, rest));
                others.extend(ways.map(|way| (way, rest)));
            }
            let whole = place.whole.as_ref().filter(|_| rest.is_none());
            Some(place.prefix.iter().chain(whole))
        })
    }

    fn end(&self, pattern: &Pattern) -> Option<Number> {
        segments(pattern).try_fold(ROOT, |place, segment| self.place(place).next(segment))
    }

    fn place(&self, number: Number) -> &Place<V> {
        &self.places[number as usize]
    }

    fn place_mut(&mut self, number: Number) -> &mut Place<V> {
        &mut self.places[number as usize]
    }

    fn next_or_new(&mut self, place: Number, segment: &str) -> Number {
        if let Some(next) = self.place(place).next(segment) {
            return next;
        }
        let next = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            Number::try_from(self.places.len() - 1).expect("subscriptions are bounded far below 2^32 segments")
        });
        let above = self.place_mut(place);
        if segment == "*" {
            above.any = Some(next);
        } else {
            above.named.insert(segment.into(), next);
        }
        next
    }

    fn cut(&mut self, above: Number, segment: &str) {
        let above = self.place_mut(above);
        if segment == "*" {
            above.any = None;
            return;
        }
        above.named.remove(segment);
        if above.named.len() < above.named.capacity() / 8 {
            above.named.shrink_to(above.named.len() * 2);
        }
    }
}

fn segments(pattern: &Pattern) -> impl Iterator<Item = &str> {
    pattern.path().as_str().split('/')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A sequence that looks random, from a seed.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % sides
        }

        fn segments(&mut self, words: &[&'static str]) -> Vec<&'static str> {
            (0..=self.roll(4)).map(|_| words[self.roll(words.len())]).collect()
        }
    }

    fn heard(trie: &Trie<Pattern>, topic: &Topic) -> Vec<String> {
        let mut heard: Vec<_> = trie.heard(topic).map(|pattern| format!("{pattern:?}")).collect();
        heard.sort_unstable();
        heard
    }

    #[test]
    fn it_hears_what_its_patterns_match() {
        let seed = 0x2545_F491_4F6C_DD1D;
        println!("seed {seed:#x}");
        let mut dice = Dice(seed);
        let mut trie = Trie::default();
        let mut model: Vec<Pattern> = Vec::new();
        for step in 0..5_000 {
            let pattern = Pattern::of(&dice.segments(&["a", "b", "", "*"]), dice.roll(2) == 0);
            match model.iter().position(|other| *other == pattern) {
                Some(index) => assert_eq!(trie.remove(&pattern), Some(model.swap_remove(index)), "step {step}"),
                None if pattern.is_wide() => {
                    assert!(
                        trie.get(&pattern).is_none()
                            && trie.get_mut(&pattern).is_none()
                            && trie.remove(&pattern).is_none(),
                        "step {step}"
                    );
                    trie.get_or_insert_with(&pattern, || pattern.clone());
                    assert_eq!(trie.get(&pattern), Some(&pattern));
                    model.push(pattern);
                }
                None => {}
            }
            let topic = Topic::of(&dice.segments(&["a", "b", "c", ""]));
            let matching = model.iter().filter(|pattern| pattern.matches(&topic));
            let mut expected: Vec<_> = matching.map(|pattern| format!("{pattern:?}")).collect();
            expected.sort_unstable();
            assert_eq!(heard(&trie, &topic), expected, "step {step}: {topic}");
            if step % 100 == 0 {
                let paths: HashSet<_> = model.iter().flat_map(|pattern| ancestors(pattern.path().as_str())).collect();
                assert_eq!(
                    trie.places.len() - trie.free.len(),
                    1 + paths.len(),
                    "step {step}: no branch without a pattern"
                );
            }
        }
        for pattern in model {
            assert_eq!(trie.remove(&pattern).as_ref(), Some(&pattern));
        }
        assert!(trie.is_empty() && trie.places.len() == 1);
    }

    /// A path, and those above it.
    fn ancestors(path: &str) -> impl Iterator<Item = &str> {
        path.match_indices('/').map(|(end, _)| &path[..end]).chain([path])
    }

    #[test]
    fn a_look_up_costs_the_depth_of_the_topic() {
        let mut trie = Trie::default();
        for number in 0..10_000 {
            let room = number.to_string();
            trie.get_or_insert_with(&Pattern::of(&["room", &room], false), || number);
        }
        let topic = Topic::of(&["room", "456", "deep"]);
        assert_eq!(trie.heard(&topic).collect::<Vec<_>>(), [&456]);
        assert_eq!(trie.visit(&topic).count(), 3, "the root, and two segments");
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = vec!["a"; 200_000];
        let (pattern, topic) = (Pattern::of(&deep, false), Topic::of(&deep));
        let mut trie = Trie::default();
        trie.get_or_insert_with(&pattern, || 1);
        assert_eq!(trie.heard(&topic).count(), 1);
        assert_eq!(trie.remove(&pattern), Some(1));
    }
}
