//! The meter of a procedure: how often it was called, and how it did.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use quintet_core::{Error, Kind};

use super::latency::Latency;

/// What a call came to: an answer, one of the errors, or nobody waited for it any more.
const RESULTS: usize = Kind::ALL.len() + 2;

const OK: usize = Kind::ALL.len();
const CANCELLED: usize = OK + 1;

/// The figures of one procedure. They outlive whoever runs it.
pub(super) struct Meter {
    /// The procedure in the metrics; one name for many where there are too many.
    label: Arc<str>,
    pub(super) calls: AtomicU64,
    pub(super) running: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) times: Latency,
    results: [OnceLock<Counter>; RESULTS],
    seconds: OnceLock<Histogram>,
    /// The calls of all procedures that are under way.
    under_way: OnceLock<Gauge>,
}

/// A call that is not ready at once; under way until this is dropped.
pub(crate) struct UnderWay<'a>(&'a Meter);

/// A call; counted as cancelled where it is dropped without an end.
pub(crate) struct Timed {
    meter: Arc<Meter>,
    begun: Instant,
    ended: bool,
}

impl Meter {
    pub(super) fn new(label: Arc<str>) -> Self {
        Self {
            label,
            calls: AtomicU64::new(0),
            running: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            times: Latency::default(),
            results: [const { OnceLock::new() }; RESULTS],
            seconds: OnceLock::new(),
            under_way: OnceLock::new(),
        }
    }

    /// A call begins.
    pub(super) fn begin(self: &Arc<Self>) -> Timed {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Timed { meter: Arc::clone(self), begun: Instant::now(), ended: false }
    }

    fn under_way(&self) -> &Gauge {
        self.under_way.get_or_init(|| gauge!("quintet_procedure_calls"))
    }

    fn count(&self, result: usize) {
        let name = match result {
            OK => "ok",
            CANCELLED => "cancelled",
            error => Kind::ALL[error].name(),
        };
        let fresh =
            || counter!("quintet_procedure_calls_total", "procedure" => self.label.to_string(), "result" => name);
        self.results[result].get_or_init(fresh).increment(1);
    }
}

impl Timed {
    /// The call is not ready at once. Those that are leave no trace in the figures of what is under way, which all threads share.
    pub(crate) fn wait(&self) -> UnderWay<'_> {
        self.meter.running.fetch_add(1, Ordering::Relaxed);
        self.meter.under_way().increment(1);
        UnderWay(&self.meter)
    }

    /// The call was answered.
    pub(crate) fn end<T>(mut self, result: &Result<T, Error>) {
        self.ended = true;
        let meter = &*self.meter;
        let time = self.begun.elapsed();
        meter.times.record(time);
        let label = || meter.label.to_string();
        meter.seconds.get_or_init(|| histogram!("quintet_procedure_seconds", "procedure" => label())).record(time);
        match result {
            Ok(_) => meter.count(OK),
            Err(error) => {
                meter.errors.fetch_add(1, Ordering::Relaxed);
                meter.count(Kind::ALL.iter().position(|kind| *kind == error.kind()).unwrap_or_default());
            }
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        self.0.under_way().decrement(1);
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if !self.ended {
            self.meter.count(CANCELLED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_ends_once() {
        let meter = Arc::new(Meter::new("add".into()));
        let (first, second, third) = (meter.begin(), meter.begin(), meter.begin());
        let waiting = second.wait();
        assert_eq!(meter.running.load(Ordering::Relaxed), 1);
        drop(waiting);
        first.end(&Ok(()));
        second.end(&Err::<(), _>(Error::not_found("no such note")));
        drop(third);
        let figures = [&meter.calls, &meter.running, &meter.errors].map(|figure| figure.load(Ordering::Relaxed));
        assert_eq!(figures, [3, 0, 1]);
        assert!(meter.times.percentile(50).is_some());
    }
}
