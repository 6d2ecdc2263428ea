//! Interest: which delivery tasks have listeners for a topic, so that only those are woken.

use std::collections::HashMap;

use parking_lot::RwLock;
use quintet_core::{Pattern, Topic};

use super::trie::Trie;

/// How many listeners each delivery task has for each pattern.
#[derive(Default)]
pub struct Interest {
    exact: RwLock<HashMap<Topic, Counts>>,
    wide: RwLock<Trie<Counts>>,
}

/// The delivery tasks that have listeners, as bits.
pub type Tasks = u64;

/// The most delivery tasks there can be.
pub const TASKS_MAX: usize = Tasks::BITS as usize;

/// Listeners by delivery task; tasks without any are left out.
#[derive(Default)]
struct Counts(Vec<(u8, u32)>);

impl Counts {
    fn change(&mut self, task: u8, by: i32) {
        match self.0.iter().position(|(other, _)| *other == task) {
            Some(index) => {
                self.0[index].1 = self.0[index].1.saturating_add_signed(by);
                self.0.retain(|(_, count)| *count > 0);
            }
            None if by > 0 => self.0.push((task, by.unsigned_abs())),
            None => {}
        }
    }

    fn tasks(&self) -> Tasks {
        self.0.iter().fold(0, |tasks, (task, _)| tasks | 1 << task)
    }
}

impl Interest {
    /// A listener of `task` listens to `pattern`. In force before this returns.
    pub fn add(&self, task: u8, pattern: &Pattern) {
        match pattern {
            Pattern::Exact(topic) => self.exact.write().entry(topic.clone()).or_default().change(task, 1),
            Pattern::Prefix(_) | Pattern::Whole(_) => {
                self.wide.write().get_or_insert_with(pattern, Counts::default).change(task, 1);
            }
        }
    }

    /// A listener of `task` no longer listens to `pattern`.
    pub fn remove(&self, task: u8, pattern: &Pattern) {
        match pattern {
            Pattern::Exact(topic) => {
                let mut exact = self.exact.write();
                let Some(counts) = exact.get_mut(topic) else { return };
                counts.change(task, -1);
                if counts.0.is_empty() {
                    exact.remove(topic);
                }
            }
            Pattern::Prefix(_) | Pattern::Whole(_) => {
                let mut wide = self.wide.write();
                let Some(counts) = wide.get_mut(pattern) else { return };
                counts.change(task, -1);
                if counts.0.is_empty() {
                    wide.remove(pattern);
                }
            }
        }
    }

    /// Which tasks have listeners for any of these topics.
    pub fn tasks(&self, topics: &[Topic]) -> Tasks {
        let exact = self.exact.read();
        let direct = topics.iter().filter_map(|topic| exact.get(topic)).fold(0, |tasks, counts| tasks | counts.tasks());
        drop(exact);
        let wide = self.wide.read();
        let heard = topics.iter().flat_map(|topic| wide.heard(topic));
        heard.fold(direct, |tasks, counts| tasks | counts.tasks())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tasks_with_listeners_are_named() {
        let interest = Interest::default();
        let lobby = Topic::channel("lobby");
        interest.add(1, &lobby.clone().into());
        interest.add(1, &lobby.clone().into());
        interest.add(3, &Pattern::all("channel"));
        assert_eq!(interest.tasks(std::slice::from_ref(&lobby)), 0b1010);
        interest.remove(1, &lobby.clone().into());
        assert_eq!(interest.tasks(std::slice::from_ref(&lobby)), 0b1010);
        interest.remove(1, &lobby.clone().into());
        assert_eq!(interest.tasks(std::slice::from_ref(&lobby)), 0b1000);
        interest.remove(3, &Pattern::all("channel"));
        assert!(interest.exact.read().is_empty(), "what nobody listens to is forgotten");
        assert!(interest.wide.read().is_empty(), "patterns as well");
    }
}
