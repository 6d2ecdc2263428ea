//! How nodes hear each other: in-process by default.

use std::sync::{Arc, OnceLock};

use quintet_core::{Error, Event};

/// Hears every event that any node said: each once, events of one topic in order.
pub type Listener = Box<dyn Fn(&Arc<Event>) -> Result<(), Error> + Send + Sync>;

/// Carries events to every node, the one that said them included.
pub trait Bus: Send + Sync + 'static {
    /// Sets who hears what arrives at this node. Called once, before the first publish.
    fn listen(&self, listener: Listener);

    /// Carries an event to all. `TooMany` or `Unavailable` if it was not taken.
    fn publish(&self, event: &Arc<Event>) -> Result<(), Error>;
}

/// The bus of a house with one node: what is published is heard at once, on the publisher's thread.
#[derive(Default)]
pub struct InProcess {
    listener: OnceLock<Listener>,
}

impl Bus for InProcess {
    fn listen(&self, listener: Listener) {
        // A second listener would silently never hear anything.
        assert!(self.listener.set(listener).is_ok(), "the bus has a listener already");
    }

    fn publish(&self, event: &Arc<Event>) -> Result<(), Error> {
        let listener = self.listener.get().ok_or_else(|| Error::unavailable("the bus has no listener yet"))?;
        listener(event)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use quintet_core::{Author, Body, Id, Timestamp, Topic};

    use super::*;

    fn notice() -> Arc<Event> {
        Arc::new(Event {
            id: Id::HOUSE,
            topics: vec![Topic::channel("lobby")],
            position: None,
            at: Timestamp::from_millis(0),
            author: Author::public(),
            via: "test".into(),
            body: Body::Notice("{}".into()),
            commit: None,
        })
    }

    #[test]
    fn what_is_published_is_heard_once() {
        let bus = InProcess::default();
        let heard = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&heard);
        bus.listen(Box::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }));
        assert!(bus.publish(&notice()).is_ok());
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn nobody_listening_is_an_error_not_a_loss() {
        assert!(InProcess::default().publish(&notice()).is_err());
    }
}
