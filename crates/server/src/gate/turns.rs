//! Turns: how many requests are under way, in all and to one host.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use quintet_core::federation::Host;
use quintet_core::limits::size;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Lets some go, and the others wait.
pub(super) struct Turns {
    all: Semaphore,
    each: usize,
    hosts: Mutex<HashMap<Host, Place>>,
}

/// Those who go to one host, or want to.
struct Place {
    turns: Arc<Semaphore>,
    people: usize,
}

/// A turn, until it is dropped.
pub(crate) struct Turn<'a> {
    _all: SemaphorePermit<'a>,
    _host: OwnedSemaphorePermit,
    _queue: Queue<'a>,
}

/// One of those who go to a host, or want to: the last takes the place along.
struct Queue<'a> {
    turns: &'a Turns,
    host: &'a Host,
}

impl Turns {
    /// So many in all, and so many to each host.
    pub(super) fn new(all: u64, each: u64) -> Self {
        let bound = |turns| size(turns).clamp(1, Semaphore::MAX_PERMITS);
        Self { all: Semaphore::new(bound(all)), each: bound(each), hosts: Mutex::default() }
    }

    /// Waits for a turn, first of those who go to the same host: they keep nobody else waiting.
    pub(super) async fn take<'a>(&'a self, host: &'a Host) -> Turn<'a> {
        let (queue, turns) = self.queue(host);
        let one = turns.acquire_owned().await.expect("nobody closes it");
        let all = self.all.acquire().await.expect("nobody closes it");
        Turn { _all: all, _host: one, _queue: queue }
    }

    fn queue<'a>(&'a self, host: &'a Host) -> (Queue<'a>, Arc<Semaphore>) {
        let mut hosts = self.hosts.lock();
        let fresh = || Place { turns: Arc::new(Semaphore::new(self.each)), people: 0 };
        let place = hosts.entry(host.clone()).or_insert_with(fresh);
        place.people += 1;
        (Queue { turns: self, host }, Arc::clone(&place.turns))
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        let mut hosts = self.turns.hosts.lock();
        if let Some(place) = hosts.get_mut(self.host) {
            place.people -= 1;
            if place.people == 0 {
                hosts.remove(self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use quintet_core::federation::host::Reach;

    use super::*;

    #[test]
    fn a_host_has_its_turns_and_all_have_theirs() {
        let [a, b, c] = ["a.example", "b.example", "c.example"].map(|host| Host::parse(host, Reach::Net).unwrap());
        let turns = Turns::new(3, 2);
        let first = turns.take(&a).now_or_never();
        let second = turns.take(&a).now_or_never().unwrap();
        assert!(turns.take(&a).now_or_never().is_none(), "two to one host");
        let third = turns.take(&b).now_or_never().unwrap();
        assert!(turns.take(&c).now_or_never().is_none(), "three in all");
        drop(first);
        let fourth = turns.take(&c).now_or_never().unwrap();
        drop((second, third, fourth));
        assert!(turns.hosts.lock().is_empty(), "nothing is kept of a host to which nobody goes");
    }
}
