//! A listener: what the program around a server does whenever something is said.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt as _;
use quintet_core::Error;
use quintet_hub::listening::{Heard, Listening};

use crate::Handle;

/// Handles one thing that was heard.
type Hear = Box<dyn FnMut(Heard) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Hears what matches a pattern, one after the other.
pub(crate) struct Listener {
    pattern: String,
    hear: Hear,
}

impl Listener {
    /// A listener that is not listening yet.
    pub(crate) fn new<F, R>(pattern: impl Into<String>, mut hear: F) -> Self
    where
        F: FnMut(Heard) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self { pattern: pattern.into(), hear: Box::new(move |heard| Box::pin(hear(heard))) }
    }

    /// Listens from now on; what comes of it is done while the future is polled.
    pub(crate) fn start(self, handle: &Handle) -> Result<impl Future<Output = ()> + Send + 'static, Error> {
        let listening = handle.listen(&self.pattern)?;
        Ok(self.run(listening))
    }

    /// A panic costs the event that it came of; the listener goes on.
    async fn run(mut self, mut listening: Listening) {
        while let Some(heard) = listening.next().await {
            let handled = AssertUnwindSafe(async { (self.hear)(heard).await });
            if handled.catch_unwind().await.is_err() {
                tracing::error!(pattern = self.pattern, "a listener panicked; it goes on with the next event");
            }
        }
    }
}
