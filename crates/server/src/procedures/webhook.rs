//! A webhook: a procedure that is answered at an endpoint, and left alone while that is down.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use parking_lot::Mutex;
use quintet_core::procedure::{Order, Outcome};
use quintet_core::time::Clock;
use quintet_core::{Error, Timestamp};
use quintet_hub::procedures::Runner;

use super::breaker::{Admission, Breaker, Fate, Turn};
use super::endpoint::{Endpoint, Failure};
use super::{GRACE, answer};

/// Runs one procedure, or a family of them.
pub(super) struct Webhook(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    endpoint: Endpoint,
    patience: Duration,
    clock: Clock,
    breaker: Mutex<Breaker>,
}

impl Webhook {
    /// A webhook of this name, whose endpoint has so much time for an answer.
    pub(super) fn new(name: Arc<str>, endpoint: Endpoint, patience: Duration, clock: Clock) -> Self {
        let webhook = Inner { name, endpoint, patience, clock, breaker: Mutex::new(Breaker::new()) };
        webhook.show(false);
        Self(Arc::new(webhook))
    }
}

impl Runner for Webhook {
    fn run(&self, order: Order) -> Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>> {
        let webhook = Arc::clone(&self.0);
        Box::pin(async move { webhook.answer(&order).await })
    }
}

impl Inner {
    async fn answer(&self, order: &Order) -> Result<Outcome, Error> {
        let called = &*order.invocation.name;
        let trial = self.begin().ok_or_else(|| Error::unavailable(format!("{called} is down, try again soon")))?;
        let time = self.patience.min(left(order.deadline, (self.clock)()).saturating_sub(GRACE));
        let Ok(answered) = tokio::time::timeout(time, self.endpoint.ask(order)).await else {
            // A call that had waited for its turn did not leave the endpoint the time that it may take.
            trial.end(if time >= self.patience / 2 { Fate::Failed } else { Fate::Abandoned });
            return Err(Error::unavailable(format!("{called} did not answer in time")).with_status(504));
        };
        trial.end(fate(&answered));
        match answered {
            Ok((status, body)) => answer::read(called, status, &body),
            Err(Failure::Lost(error) | Failure::Useless(error)) => Err(error),
        }
    }

    /// `None` while it is down.
    fn begin(&self) -> Option<Trial<'_>> {
        match self.breaker.lock().admit(now()) {
            Admission::Refused => None,
            admission => Some(Trial { webhook: self, admission, fate: Fate::Abandoned }),
        }
    }

    fn turned(&self, turn: Turn) {
        self.show(turn == Turn::Opened);
        match turn {
            Turn::Opened => {
                tracing::warn!(procedure = %self.name, "a webhook is down, its calls are refused for a while");
            }
            Turn::Closed => tracing::info!(procedure = %self.name, "a webhook is up again"),
        }
    }

    fn show(&self, open: bool) {
        metrics::gauge!("quintet_webhook_open", "procedure" => Arc::clone(&self.name)).set(f64::from(u8::from(open)));
    }
}

/// A call under way. Dropping it without an end means that nobody waits any more.
struct Trial<'a> {
    webhook: &'a Inner,
    admission: Admission,
    fate: Fate,
}

impl Trial<'_> {
    fn end(mut self, fate: Fate) {
        self.fate = fate;
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let turn = self.webhook.breaker.lock().over(self.admission, self.fate, now());
        if let Some(turn) = turn {
            self.webhook.turned(turn);
        }
    }
}

/// Whether an answer speaks for whoever gave it. A proxy says with 502 to 504 that nobody is behind it.
fn fate(answered: &Result<(StatusCode, Bytes), Failure>) -> Fate {
    match answered {
        Ok((status, _)) if matches!(status.as_u16(), 502..=504) => Fate::Failed,
        Ok(_) | Err(Failure::Useless(_)) => Fate::Answered,
        Err(Failure::Lost(_)) => Fate::Failed,
    }
}

/// The moment for the breaker. Tokio's, which a test can move.
fn now() -> std::time::Instant {
    tokio::time::Instant::now().into_std()
}

/// How long somebody waits yet.
fn left(deadline: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(deadline.millis().saturating_sub(now.millis())).unwrap_or(0))
}
