//! The same measurement of one server, once per round.

use crate::Scenario;
use crate::latency::Percentiles;
use crate::report::{Figure, Ratio, Row};
use crate::sample::{Faults, Sample, median};

/// Samples of one case.
#[derive(Debug)]
pub(crate) struct Series {
    scenario: Scenario,
    case: String,
    server: &'static str,
    unit: &'static str,
    samples: Vec<Sample>,
}

impl Series {
    /// An empty series; `unit` is what is counted, in the singular.
    pub(crate) fn new(scenario: Scenario, case: impl Into<String>, server: &'static str, unit: &'static str) -> Self {
        Self { scenario, case: case.into(), server, unit, samples: Vec::new() }
    }

    /// Adds one round's sample.
    pub(crate) fn push(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    /// The medians over all rounds, set in relation to the `others`.
    pub(crate) fn row(&self, others: &[(Figure, &Self)]) -> Row {
        let middle = |figure: fn(&Sample) -> Option<f64>| median(self.samples.iter().filter_map(figure));
        Row {
            scenario: self.scenario,
            case: self.case.clone(),
            server: self.server,
            unit: self.unit,
            rate: middle(|sample| Some(sample.rate())).unwrap_or_default(),
            cpu_us: middle(Sample::cpu_us),
            bytes: middle(Sample::bytes_each),
            client_load: middle(Sample::client_load),
            latency: self.latency(),
            faults: self.samples.iter().fold(Faults::default(), |sum, sample| sum.plus(sample.faults)),
            ratios: others.iter().filter_map(|(figure, other)| self.ratio(*figure, other)).collect(),
        }
    }

    fn latency(&self) -> Option<Percentiles> {
        let all = || self.samples.iter().filter_map(|sample| sample.latency);
        Some(Percentiles {
            p50_us: median(all().map(|latency| latency.p50_us))?,
            p90_us: median(all().map(|latency| latency.p90_us))?,
            p99_us: median(all().map(|latency| latency.p99_us))?,
            max_us: median(all().map(|latency| latency.max_us))?,
        })
    }

    /// The median of the rounds' ratios: both sides of one round ran under the same conditions, so this
    /// holds still when the machine does not.
    fn ratio(&self, figure: Figure, other: &Self) -> Option<Ratio> {
        let each = self.samples.iter().zip(&other.samples);
        let value = median(each.filter_map(|(mine, theirs)| Some(figure.of(mine)? / figure.of(theirs)?)))?;
        value.is_finite().then(|| Ratio { figure, against: format!("{}, {}", other.server, other.case), value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::tests::sample;

    #[test]
    fn a_ratio_pairs_the_rounds() {
        let mut server = Series::new(Scenario::Echo, "1 in flight", "server", "answer");
        let mut floor = Series::new(Scenario::Echo, "1 in flight", "floor", "answer");
        // The machine is three times slower in the second round, for both.
        for (mine, theirs) in [(2, 1), (6, 3), (2, 1)] {
            server.push(sample(100, mine));
            floor.push(sample(100, theirs));
        }
        let row = server.row(&[(Figure::Cpu, &floor)]);
        assert_eq!((row.cpu_us, row.rate), (Some(2.0), 100.0));
        assert_eq!(row.ratios.len(), 1);
        assert!((row.ratios[0].value - 2.0).abs() < 1e-9);
        assert_eq!(row.ratios[0].against, "floor, 1 in flight");
    }

    #[test]
    fn what_is_not_known_has_no_ratio() {
        let mut server = Series::new(Scenario::Idle, "x", "server", "connection");
        server.push(sample(1, 1));
        let empty = Series::new(Scenario::Idle, "x", "floor", "connection");
        let row = server.row(&[(Figure::Cpu, &empty), (Figure::Bytes, &server)]);
        assert_eq!(row.ratios, []);
    }
}
