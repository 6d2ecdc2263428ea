//! Which users are online: those with a connection that has lasted a moment.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;
use quintet_core::Id;
use quintet_core::user::Status;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Counts connections by user. A user is online once one of its visits has lasted `delay`, and offline when its last connection ends.
///
/// The delay is Concord's (one second); it also keeps a flapping connection from being announced each time.
pub struct Online {
    delay: Duration,
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    here: HashMap<Id, Visit>,
    visits: u64,
    /// Visits that are not announced yet, by time. The delay is the same for all, so this is a queue.
    waiting: VecDeque<(Instant, Id, u64)>,
}

/// From a user's first connection to the end of its last.
struct Visit {
    number: u64,
    connections: u32,
    online: bool,
}

impl Online {
    /// Nobody is here; whoever comes is announced after `delay`.
    pub fn new(delay: Duration) -> Self {
        Self { delay, state: Mutex::default(), arrived: Notify::new() }
    }

    /// Whether a user is online.
    pub fn status(&self, user: Id) -> Status {
        match self.state.lock().here.get(&user) {
            Some(visit) if visit.online => Status::Online,
            _ => Status::Offline,
        }
    }

    /// A connection of a user opened.
    pub fn arrive(&self, user: Id, now: Instant) {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if let Some(visit) = state.here.get_mut(&user) {
            visit.connections += 1;
            return;
        }
        state.visits += 1;
        let number = state.visits;
        state.here.insert(user, Visit { number, connections: 1, online: false });
        state.waiting.push_back((now + self.delay, user, number));
        self.arrived.notify_one();
    }

    /// A connection of a user ended. Tells the new status if that is to be announced.
    pub fn depart(&self, user: Id) -> Option<Status> {
        let mut state = self.state.lock();
        let visit = state.here.get_mut(&user)?;
        visit.connections -= 1;
        if visit.connections > 0 {
            return None;
        }
        let visit = state.here.remove(&user)?;
        visit.online.then_some(Status::Offline)
    }

    /// The users whose visit has lasted long enough by `now`, each to be announced as online, once.
    pub fn due(&self, now: Instant) -> Vec<Id> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let mut users = Vec::new();
        while let Some((_, user, number)) = state.waiting.pop_front_if(|(due, ..)| *due <= now) {
            if let Some(visit) = state.here.get_mut(&user).filter(|visit| visit.number == number) {
                visit.online = true;
                users.push(user);
            }
        }
        users
    }

    /// Waits until [`Online::due`] has something to tell.
    pub async fn wait(&self) {
        loop {
            let next = self.state.lock().waiting.front().map(|(due, ..)| *due);
            match next {
                Some(due) => return tokio::time::sleep_until(due).await,
                None => self.arrived.notified().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Id = Id::EVERYONE;
    const DELAY: Duration = Duration::from_secs(1);

    #[test]
    fn a_user_is_online_while_any_connection_is_open() {
        let (online, start) = (Online::new(DELAY), Instant::now());
        online.arrive(ANN, start);
        online.arrive(ANN, start);
        assert_eq!(online.status(ANN), Status::Offline);
        assert_eq!(online.due(start + DELAY), [ANN]);
        assert_eq!(online.status(ANN), Status::Online);
        assert_eq!(online.depart(ANN), None);
        assert_eq!(online.depart(ANN), Some(Status::Offline));
        assert_eq!(online.status(ANN), Status::Offline);
    }

    #[test]
    fn a_short_visit_is_never_announced() {
        let (online, start) = (Online::new(DELAY), Instant::now());
        online.arrive(ANN, start);
        assert_eq!(online.depart(ANN), None);
        online.arrive(ANN, start + DELAY / 2);
        assert_eq!(online.due(start + DELAY), [], "the second visit has its own time");
        assert_eq!(online.due(start + DELAY * 2), [ANN]);
        assert_eq!(online.due(start + DELAY * 3), [], "once only");
    }
}
