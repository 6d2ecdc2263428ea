//! The pace of a connection: when it is over for want of progress.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// When a connection must have made progress. hyper bounds the time of a request's head; this bounds the rest: an
/// answer that the peer does not read, and a connection that is kept open for nothing.
pub(crate) struct Pace {
    patience: Duration,
    deadline: Mutex<Instant>,
}

impl Pace {
    /// Begins now.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, deadline: Mutex::new(Instant::now() + patience) }
    }

    /// Progress was made: a request came, or its answer is ready to go out.
    pub(crate) fn progress(&self) {
        *self.deadline.lock() = Instant::now() + self.patience;
    }

    /// Resolves when there was no progress for too long.
    pub(crate) async fn overdue(&self) {
        loop {
            let deadline = *self.deadline.lock();
            if Instant::now() >= deadline {
                return;
            }
            sleep_until(deadline).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn progress_puts_the_end_off() {
        let begun = Instant::now();
        let pace = Pace::new(Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(20)).await;
        pace.progress();
        pace.overdue().await;
        assert_eq!(begun.elapsed().as_secs(), 50);
    }
}
