//! Listening within the house: events as they are, for the program that Quintet is a part of, and for `quintet tail`.

use std::sync::Arc;

use quintet_core::{Event, Pattern};

use crate::hub::Hub;

/// What was heard.
pub enum Heard {
    /// An event. Kept ones come in log order.
    Event(Arc<Event>),
    /// So many events were lost to this listener, which was too slow.
    Missed(u64),
}

/// A listener within the house, who hears everything that its pattern matches, rights aside. Dropping it ends it.
pub struct Listening {}

impl Hub {
    /// Listens from now on; `Limits::listener_events` wait at the most.
    pub fn listen(&self, _pattern: Pattern) -> Listening {
        Listening {}
    }
}

impl Listening {
    /// Waits for the next; `None` when the hub is gone.
    pub async fn next(&mut self) -> Option<Heard> {
        std::future::pending().await
    }
}
