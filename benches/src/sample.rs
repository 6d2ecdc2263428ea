//! One measurement of one server.

use std::time::Duration;

use serde::Serialize;

use crate::latency::Percentiles;
use crate::subject::Spent;

/// What went wrong with single deliveries or answers; all zero in a clean run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Never came.
    pub lost: u64,
    /// Came more than once.
    pub duplicated: u64,
    /// Came after a later one.
    pub out_of_order: u64,
}

impl Faults {
    /// Whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            duplicated: self.duplicated + other.duplicated,
            out_of_order: self.out_of_order + other.out_of_order,
        }
    }
}

/// Raw results of one measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Deliveries, answers, connections … in the measured time.
    pub(crate) units: u64,
    pub(crate) spent: Spent,
    pub(crate) latency: Option<Percentiles>,
    /// Growth of the server's resident memory.
    pub(crate) bytes: Option<u64>,
    pub(crate) faults: Faults,
}

impl Sample {
    /// Units per second.
    pub(crate) fn rate(&self) -> f64 {
        real(self.units) / self.spent.wall.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// Server CPU per unit, microseconds.
    pub(crate) fn cpu_us(&self) -> Option<f64> {
        self.spent.cpu.map(|cpu| self.per_unit(cpu.as_secs_f64() * 1e6))
    }

    /// How busy the load generator's one thread was, between 0 and 1.
    pub(crate) fn client_load(&self) -> Option<f64> {
        self.spent.own.map(|own| own.as_secs_f64() / self.spent.wall.as_secs_f64().max(f64::MIN_POSITIVE))
    }

    /// Server memory per unit, bytes.
    pub(crate) fn bytes_each(&self) -> Option<f64> {
        self.bytes.map(|bytes| self.per_unit(real(bytes)))
    }

    /// The middle of the latency distribution, microseconds.
    pub(crate) fn p50_us(&self) -> Option<f64> {
        self.latency.map(|latency| latency.p50_us)
    }

    fn per_unit(&self, total: f64) -> f64 {
        total / real(self.units.max(1))
    }
}

/// A count as a real number.
#[allow(clippy::cast_precision_loss, reason = "counts here stay far below 2^53")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// The middle value (the mean of the two middle ones); `None` of nothing.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

/// How long to run before measuring: caches, allocators and TCP windows need to warm up.
pub(crate) fn warm_up(span: Duration) -> Duration {
    span / 5
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A sample of `units` in one second with a cost in CPU microseconds each.
    pub(crate) fn sample(units: u64, cpu_us: u64) -> Sample {
        let cpu = Some(Duration::from_micros(units * cpu_us));
        let spent = Spent { wall: Duration::from_secs(1), cpu, own: Some(Duration::from_millis(250)) };
        Sample { units, spent, latency: None, bytes: None, faults: Faults::default() }
    }

    #[test]
    fn medians() {
        let table: [(&[f64], Option<f64>); 4] =
            [(&[], None), (&[3.0], Some(3.0)), (&[9.0, 1.0, 2.0], Some(2.0)), (&[4.0, 1.0], Some(2.5))];
        for (values, want) in table {
            assert_eq!(median(values.iter().copied()), want, "{values:?}");
        }
    }

    #[test]
    fn figures_per_unit() {
        let sample = Sample { bytes: Some(1000), ..sample(500, 3) };
        assert_eq!((sample.rate(), sample.cpu_us(), sample.bytes_each()), (500.0, Some(3.0), Some(2.0)));
        assert_eq!(sample.client_load(), Some(0.25));
    }

    #[test]
    fn no_units_divide_by_nothing() {
        let idle = sample(0, 1);
        assert_eq!((idle.rate(), idle.cpu_us()), (0.0, Some(0.0)));
    }

    #[test]
    fn faults_add_up() {
        let fault = Faults { lost: 1, duplicated: 2, out_of_order: 3 };
        assert_eq!(fault.plus(fault), Faults { lost: 2, duplicated: 4, out_of_order: 6 });
        assert!(!fault.is_clean() && Faults::default().is_clean());
    }
}
