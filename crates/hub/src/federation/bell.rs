//! Bells: what a postman is told while it works or waits.

use std::mem;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Why a bell is rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ring {
    /// Something was queued, or a connection opened.
    News,
    /// The house is there: what waits is to be tried at once.
    Now,
    /// The queue was put in order anew: what was read of it does not hold any more.
    Afresh,
}

/// What was rung for since it was last looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rung {
    pub(super) news: bool,
    pub(super) now: bool,
    pub(super) afresh: bool,
}

/// A postman's bell.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<Rung>,
    notify: Notify,
}

impl Bell {
    pub(super) fn ring(&self, why: Ring) {
        {
            let mut rung = self.rung.lock();
            match why {
                Ring::News => rung.news = true,
                Ring::Now => (rung.news, rung.now) = (true, true),
                Ring::Afresh => *rung = Rung { news: true, now: true, afresh: true },
            }
        }
        self.notify.notify_one();
    }

    /// What it was rung for, once.
    pub(super) fn take(&self) -> Rung {
        mem::take(&mut *self.rung.lock())
    }

    /// Whether there is news, once; what else it was rung for stays.
    pub(super) fn take_news(&self) -> bool {
        mem::take(&mut self.rung.lock().news)
    }

    /// Whether what was read of the queue does not hold any more.
    pub(super) fn is_afresh(&self) -> bool {
        self.rung.lock().afresh
    }

    /// Whether it was rung and not looked at.
    pub(super) fn is_rung(&self) -> bool {
        *self.rung.lock() != Rung::default()
    }

    /// Waits until it is rung again.
    pub(super) async fn stirred(&self) {
        self.notify.notified().await;
    }

    /// Waits until it is rung, if it was not.
    pub(super) async fn rung(&self) {
        while !self.is_rung() {
            self.notify.notified().await;
        }
    }
}
