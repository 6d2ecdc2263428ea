//! The pace of a connection: when it is over for want of progress.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// So many bytes, in or out, are progress; fewer within the whole patience are none.
const STRIDE: usize = 64 * 1024;

/// When a connection must have made progress. hyper bounds the time of a request's head, and whoever answers that of the answer; this bounds the
/// rest: an answer that the peer does not read, and a connection that is kept open for nothing.
pub(crate) struct Pace {
    patience: Duration,
    deadline: Mutex<Instant>,
    moved: AtomicUsize,
    answering: AtomicUsize,
}

/// A request that is being answered, until this is dropped.
pub(crate) struct Answering<'a>(&'a Pace);

impl Pace {
    /// Begins now.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            deadline: Mutex::new(Instant::now() + patience),
            moved: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
        }
    }

    /// A request came: until its answer is ready to go out, it is not the peer that is waited for.
    pub(crate) fn answer(&self) -> Answering<'_> {
        self.answering.fetch_add(1, Ordering::Relaxed);
        self.progress();
        Answering(self)
    }

    /// Progress was made.
    fn progress(&self) {
        *self.deadline.lock() = Instant::now() + self.patience;
    }

    /// So many bytes were read or written.
    pub(crate) fn moved(&self, bytes: usize) {
        let before = self.moved.fetch_add(bytes, Ordering::Relaxed);
        if before / STRIDE != before.wrapping_add(bytes) / STRIDE {
            self.progress();
        }
    }

    /// Resolves when there was no progress for too long.
    pub(crate) async fn overdue(&self) {
        loop {
            if self.answering.load(Ordering::Relaxed) > 0 {
                self.progress();
            }
            let deadline = *self.deadline.lock();
            if Instant::now() >= deadline {
                return;
            }
            sleep_until(deadline).await;
        }
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.progress();
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
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

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_take_its_time() {
        let begun = Instant::now();
        let pace = Pace::new(Duration::from_secs(30));
        let answering = async {
            let _answering = pace.answer();
            tokio::time::sleep(Duration::from_secs(100)).await;
        };
        tokio::join!(answering, pace.overdue());
        assert_eq!(begun.elapsed().as_secs(), 130);
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
