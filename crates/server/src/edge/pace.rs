//! The pace of a connection: when it is over for want of progress.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// So many bytes, in or out, are progress; fewer within the whole patience are none.
const STRIDE: usize = 64 * 1024;

/// When a connection must have made progress. hyper bounds the time of a request's head; this bounds the rest: an
/// answer that the peer does not read, and a connection that is kept open for nothing.
pub(crate) struct Pace {
    patience: Duration,
    deadline: Mutex<Instant>,
    moved: AtomicUsize,
    resting: AtomicBool,
}

impl Pace {
    /// Begins now.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            deadline: Mutex::new(Instant::now() + patience),
            moved: AtomicUsize::new(0),
            resting: AtomicBool::new(false),
        }
    }

    /// The peer waits for us, not we for it: that it stands still is no fault of its own, until [`Pace::progress`].
    pub(crate) fn rest(&self) {
        self.resting.store(true, Ordering::Release);
    }

    /// Progress was made: an answer, or a piece of it, is ready to go out.
    pub(crate) fn progress(&self) {
        self.resting.store(false, Ordering::Release);
        self.put_off();
    }

    fn put_off(&self) {
        *self.deadline.lock() = Instant::now() + self.patience;
    }

    /// So many bytes were read or written.
    pub(crate) fn moved(&self, bytes: usize) {
        let before = self.moved.fetch_add(bytes, Ordering::Relaxed);
        if before / STRIDE != before.wrapping_add(bytes) / STRIDE {
            self.put_off();
        }
    }

    /// Resolves when there was no progress for too long.
    pub(crate) async fn overdue(&self) {
        loop {
            let deadline = *self.deadline.lock();
            if Instant::now() < deadline {
                sleep_until(deadline).await;
            } else if self.resting.load(Ordering::Acquire) {
                self.put_off();
            } else {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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

    #[tokio::test(start_paused = true)]
    async fn no_time_passes_while_the_peer_waits() {
        let begun = Instant::now();
        let pace = Arc::new(Pace::new(Duration::from_secs(30)));
        pace.rest();
        let ours = Arc::clone(&pace);
        let answered = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_mins(10)).await;
            ours.progress();
        });
        pace.overdue().await;
        answered.await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), 630);
    }

    #[tokio::test(start_paused = true)]
    async fn only_many_bytes_are_progress() {
        let begun = Instant::now();
        let pace = Pace::new(Duration::from_secs(30));
        for bytes in [STRIDE - 1, 1, 1_000] {
            tokio::time::advance(Duration::from_secs(10)).await;
            pace.moved(bytes);
        }
        pace.overdue().await;
        assert_eq!(begun.elapsed().as_secs(), 50, "30 seconds after the second step");
    }
}
