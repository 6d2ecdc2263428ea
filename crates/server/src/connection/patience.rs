//! Patience with a peer: how long it may take to do something, and how long nothing may be said.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use quintet_core::Kind;
use tokio::time::{Instant, Sleep, sleep};

/// How long too much may wait for another house.
const READING: Duration = Duration::from_secs(30);

/// With which code and reason a connection is closed.
type End = (u16, &'static str);

/// By then the peer must have done something.
pub(super) struct Deadline {
    sleep: Pin<Box<Sleep>>,
    end: End,
}

impl Deadline {
    /// With a close code and reason of the room's own.
    pub(super) fn after(time: Duration, code: u16, reason: &'static str) -> Self {
        Self { sleep: Box::pin(sleep(time)), end: (code, reason) }
    }

    /// To say who it is.
    pub(super) fn to_say_who(time: Duration) -> Self {
        Self::after(time, Kind::Unauthenticated.close_code(), "say who you are in time")
    }

    /// To take what waits for it.
    pub(super) fn to_read() -> Self {
        Self::after(READING, 1001, "too much waits for you, read it faster")
    }

    /// The end, where the time is over. Wakes the task when it is.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<End> {
        self.sleep.as_mut().poll(cx).is_ready().then_some(self.end)
    }
}

/// How long nothing may be said, by either side.
pub(super) struct Idleness {
    most: Duration,
    since: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl Idleness {
    /// So long, from now on.
    pub(super) fn after(most: Duration) -> Self {
        Self { most, since: Instant::now(), sleep: Box::pin(sleep(most)) }
    }

    /// Something was said.
    pub(super) fn interrupt(&mut self) {
        self.since = Instant::now();
    }

    /// The end, where nothing was said for too long. Wakes the task when that may be.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<End> {
        while self.sleep.as_mut().poll(cx) == Poll::Ready(()) {
            // What was said meanwhile moved the end, but not the timer: there is one for many messages.
            let end = self.since + self.most;
            if end <= Instant::now() {
                return Some((1000, "idle"));
            }
            self.sleep.as_mut().reset(end);
        }
        None
    }
}
