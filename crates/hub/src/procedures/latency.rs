//! Latency: how long calls took, in a histogram of atomics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Steps from one power of two to the next.
const STEPS: u64 = 4;

/// Four steps for each power of two that is told apart: from a microsecond to more than an hour.
const PLACES: usize = 4 * 33;

/// Counts by time, on a logarithmic scale: a time that is read from it is too long by a quarter at the most, or a microsecond.
pub(super) struct Latency {
    counts: Box<[AtomicU64; PLACES]>,
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: Box::new([const { AtomicU64::new(0) }; PLACES]) }
    }
}

impl Latency {
    /// Counts one.
    pub(super) fn record(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.counts[place(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// Within which time so many of a hundred were; `None` where there were none.
    pub(super) fn percentile(&self, percent: u64) -> Option<Duration> {
        let counts: Vec<u64> = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        // Rounded up: the time of somebody who was there.
        let wanted = (total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let place = counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(Duration::from_micros(end(place as u64)))
    }
}

/// Where a time is counted.
fn place(micros: u64) -> usize {
    if micros < STEPS {
        return usize::try_from(micros).unwrap_or_default();
    }
    let power = u64::from(micros.ilog2());
    // The two bits behind the first.
    let step = (micros >> (power - 2)) & (STEPS - 1);
    usize::try_from((power - 1) * STEPS + step).unwrap_or(PLACES).min(PLACES - 1)
}

/// The time, in microseconds, that everything at a place is shorter than.
fn end(place: u64) -> u64 {
    if place < STEPS {
        return place + 1;
    }
    let (power, step) = (place / STEPS + 1, place % STEPS);
    (STEPS + step + 1) << (power - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_read_as_a_little_more() {
        let mut last = 0;
        assert_eq!(place(u64::MAX), PLACES - 1);
        for micros in (0..10_000).chain((14..31).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1])) {
            let place = place(micros);
            assert!(place >= last, "{micros}");
            last = place;
            let end = end(place as u64);
            assert!(end > micros && end - micros <= micros / 4 + 1, "{micros} is read as {end}");
        }
        assert!(Duration::from_micros(end(PLACES as u64 - 1)) > Duration::from_hours(1));
    }

    #[test]
    fn percentiles_are_those_of_what_was_counted() {
        let latency = Latency::default();
        assert_eq!(latency.percentile(50), None);
        for millis in 1..=100 {
            latency.record(Duration::from_millis(millis));
        }
        for percent in [1, 50, 99, 100] {
            let (read, true_one) = (latency.percentile(percent).unwrap(), Duration::from_millis(percent));
            assert!(read > true_one && read <= true_one + true_one / 4, "{percent}: {read:?}");
        }
    }
}
