//! The distribution of how long things took.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest time told apart; anything above counts as this.
const MAX: Duration = Duration::from_mins(1);

/// Times collected so far, in nanoseconds with three significant digits.
#[derive(Debug)]
pub(crate) struct Latency(Histogram<u64>);

/// Points of a distribution, each in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half took no longer.
    pub p50_us: f64,
    /// Nine of ten took no longer.
    pub p90_us: f64,
    /// Ninety-nine of a hundred took no longer.
    pub p99_us: f64,
    /// The slowest.
    pub max_us: f64,
}

impl Latency {
    /// An empty distribution; its memory is allocated here, so recording never allocates.
    pub(crate) fn new() -> Self {
        let max = u64::try_from(MAX.as_nanos()).expect("a minute of nanoseconds fits");
        Self(Histogram::new_with_bounds(1, max, 3).expect("the bounds are constants that make sense"))
    }

    /// Adds one time.
    #[inline]
    pub(crate) fn record(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.0.reset();
    }

    /// The distribution in four numbers; `None` when nothing was recorded.
    pub(crate) fn percentiles(&self) -> Option<Percentiles> {
        let at = |quantile| micros(self.0.value_at_quantile(quantile));
        (!self.0.is_empty()).then(|| Percentiles {
            p50_us: at(0.50),
            p90_us: at(0.90),
            p99_us: at(0.99),
            max_us: micros(self.0.max()),
        })
    }
}

fn micros(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) -> bool {
        (got - want).abs() <= want * 0.002
    }

    #[test]
    fn percentiles_of_one_to_a_thousand() {
        let mut latency = Latency::new();
        assert_eq!(latency.percentiles(), None);
        for micros in 1..=1000 {
            latency.record(Duration::from_micros(micros));
        }
        let got = latency.percentiles().unwrap();
        assert!(close(got.p50_us, 500.0), "{got:?}");
        assert!(close(got.p90_us, 900.0), "{got:?}");
        assert!(close(got.p99_us, 990.0), "{got:?}");
        assert!(close(got.max_us, 1000.0), "{got:?}");
        latency.clear();
        assert_eq!(latency.percentiles(), None);
    }

    #[test]
    fn an_absurd_time_counts_as_the_longest() {
        let mut latency = Latency::new();
        latency.record(Duration::MAX);
        assert!(close(latency.percentiles().unwrap().max_us, 60e6));
    }
}
