//! A crowd: how many do something at once, within a bound.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts those who are inside.
pub(super) struct Crowd {
    inside: AtomicU64,
    most: u64,
}

/// One of a crowd, until this is dropped.
pub(crate) struct One<'a>(&'a Crowd);

impl Crowd {
    /// For so many at once.
    pub(super) fn new(most: u64) -> Self {
        Self { inside: AtomicU64::new(0), most }
    }

    /// Lets one more in; `None` where it is full.
    pub(super) fn enter(&self) -> Option<One<'_>> {
        let one = One(self);
        // Whoever does not fit leaves at once: `one` is dropped.
        (self.inside.fetch_add(1, Ordering::Relaxed) < self.most).then_some(one)
    }

    /// How many are inside.
    pub(super) fn inside(&self) -> u64 {
        self.inside.load(Ordering::Relaxed)
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_fit_are_inside() {
        let crowd = Crowd::new(2);
        let (first, second) = (crowd.enter(), crowd.enter());
        assert!(first.is_some() && second.is_some() && crowd.enter().is_none());
        drop(first);
        assert!(crowd.enter().is_some());
        drop(second);
        assert_eq!(crowd.inside(), 0);
    }
}
