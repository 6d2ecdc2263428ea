//! What a bench found: a table for people, JSON for machines.

use std::fmt::{self, Write as _};
use std::fs;
use std::thread;

use serde::Serialize;

use crate::Scenario;
use crate::latency::Percentiles;
use crate::sample::{Faults, Sample};

/// The results of one run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where it ran.
    pub machine: Machine,
    /// One row per case and server.
    pub rows: Vec<Row>,
    /// Scenarios that could not be finished.
    pub failures: Vec<Failure>,
}

/// The machine, as far as it explains the figures.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Logical CPUs this process may use; 0 when unknown.
    pub cpus: usize,
    /// Kernel release; empty when unknown.
    pub kernel: String,
    /// Load average of the last minute, before the bench; empty when unknown.
    pub load: String,
}

/// Medians of one case on one server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What was measured.
    pub scenario: Scenario,
    /// Under which load.
    pub case: String,
    /// `server`, or which floor.
    pub server: &'static str,
    /// What is counted, in the singular.
    pub unit: &'static str,
    /// Units per second.
    pub rate: f64,
    /// Server CPU per unit in microseconds; `None` where the process could not be seen.
    pub cpu_us: Option<f64>,
    /// Resident memory of the server per unit in bytes, where that is the question.
    pub bytes: Option<f64>,
    /// How busy the load generator's one thread was; near 1, it was the limit and not the server.
    pub client_load: Option<f64>,
    /// How long a unit took.
    pub latency: Option<Percentiles>,
    /// Faults of all rounds, warm-up included.
    pub faults: Faults,
    /// This row in relation to floors of the same run.
    pub ratios: Vec<Ratio>,
}

/// A figure of one row divided by the same figure of a floor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ratio {
    /// Which figure.
    pub figure: Figure,
    /// The floor's name and case.
    pub against: String,
    /// How many times the floor's figure.
    pub value: f64,
}

/// What can be set in relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Server CPU per unit.
    Cpu,
    /// Units per second.
    Rate,
    /// Median latency.
    P50,
    /// Memory per unit.
    Bytes,
}

/// A scenario that ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Which one.
    pub scenario: Scenario,
    /// Why.
    pub reason: String,
}

impl Figure {
    pub(crate) fn of(self, sample: &Sample) -> Option<f64> {
        match self {
            Self::Cpu => sample.cpu_us(),
            Self::Rate => Some(sample.rate()),
            Self::P50 => sample.p50_us(),
            Self::Bytes => sample.bytes_each(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Rate => "rate",
            Self::P50 => "p50",
            Self::Bytes => "memory",
        }
    }
}

impl Machine {
    pub(crate) fn this() -> Self {
        let first = |path, words: usize| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.split_ascii_whitespace().take(words).collect::<Vec<_>>().join(" ")
        };
        Self {
            cpus: thread::available_parallelism().map_or(0, usize::from),
            kernel: first("/proc/sys/kernel/osrelease", 1),
            load: first("/proc/loadavg", 1),
        }
    }
}

impl Report {
    /// Whether every scenario came to its end without a fault.
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.rows.iter().all(|row| row.faults.is_clean())
    }

    /// The whole report as one line of JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a report holds only strings, numbers and lists")
    }
}

/// The table for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { cpus, kernel, load } = &self.machine;
        writeln!(f, "{cpus} CPUs, kernel {kernel}, load {load}")?;
        writeln!(f, "ratios: median of the rounds; client: how busy the load generator was, the limit near 100 %")?;
        let mut scenario = None;
        for row in &self.rows {
            if scenario.replace(row.scenario) != Some(row.scenario) {
                heading(f, row.scenario)?;
            }
            writeln!(f, "{row}")?;
        }
        for Failure { scenario, reason } in &self.failures {
            writeln!(f, "\n{scenario} did not finish: {reason}")?;
        }
        Ok(())
    }
}

fn heading(f: &mut fmt::Formatter<'_>, scenario: Scenario) -> fmt::Result {
    writeln!(f, "\n{scenario}: {}", scenario.about())?;
    writeln!(
        f,
        "  {:<38} {:<12} {:>9} {:>7} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8}",
        "case", "server", "units/s", "CPU µs", "bytes", "client", "p50", "p90", "p99", "max"
    )
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.cpu_us.map_or_else(dash, significant);
        let bytes = self.bytes.map_or_else(dash, significant);
        let times = self
            .latency
            .map_or_else(|| [dash(), dash(), dash(), dash()], |l| [l.p50_us, l.p90_us, l.p99_us, l.max_us].map(time));
        let client = self.client_load.map_or_else(dash, |load| format!("{:.0} %", load * 100.0));
        write!(f, "  {:<38} {:<12} {:>9.0} {cpu:>7} {bytes:>7} {client:>7}", self.case, self.server, self.rate)?;
        times.iter().try_for_each(|time| write!(f, " {time:>8}"))?;
        for Ratio { figure, against, value } in &self.ratios {
            write!(f, "\n      {} × {} of {against}", significant(*value), figure.name())?;
        }
        if !self.faults.is_clean() {
            let Faults { lost, duplicated, out_of_order } = self.faults;
            write!(f, "\n      FAULTS: {lost} lost, {duplicated} duplicated, {out_of_order} out of order")?;
        }
        Ok(())
    }
}

fn dash() -> String {
    "–".to_owned()
}

/// Three digits, or all before the point.
fn significant(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.places$}")
}

fn time(micros: f64) -> String {
    let (value, unit) = match micros {
        v if v < 1e3 => (v, "µs"),
        v if v < 1e6 => (v / 1e3, "ms"),
        v => (v / 1e6, "s"),
    };
    let mut text = significant(value);
    // Writing to a string cannot fail.
    let _ = write!(text, " {unit}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let latency = Percentiles { p50_us: 812.4, p90_us: 1234.0, p99_us: 5678.0, max_us: 2e6 };
        let ratio = Ratio { figure: Figure::Cpu, against: "floor, one at a time".to_owned(), value: 1.072 };
        let row = Row {
            scenario: Scenario::Fanout,
            case: "1000 subscribers, one at a time".to_owned(),
            server: "server",
            unit: "delivery",
            rate: 350_123.4,
            cpu_us: Some(2.784),
            bytes: None,
            client_load: Some(0.934),
            latency: Some(latency),
            faults: Faults::default(),
            ratios: vec![ratio],
        };
        let machine = Machine { cpus: 2, kernel: "6.18".to_owned(), load: "0.10".to_owned() };
        Report { machine, rows: vec![row], failures: Vec::new() }
    }

    #[test]
    fn the_table_holds_every_figure() {
        let text = report().to_string();
        for part in
            ["350123", "2.78", "93 %", "812 µs", "1.23 ms", "5.68 ms", "2.00 s", "1.07 × CPU of floor, one at a time"]
        {
            assert!(text.contains(part), "{part} is missing from\n{text}");
        }
        assert!(!text.contains("FAULTS"));
    }

    #[test]
    fn faults_and_failures_are_not_hidden() {
        let mut report = report();
        assert!(report.is_clean());
        report.rows[0].faults.lost = 3;
        assert!(!report.is_clean());
        assert!(report.to_string().contains("3 lost"));
        report.rows.clear();
        report.failures.push(Failure { scenario: Scenario::Idle, reason: "too many files".to_owned() });
        assert!(!report.is_clean());
        assert!(report.to_string().contains("idle did not finish: too many files"));
    }

    #[test]
    fn json_is_one_line_with_stable_names() {
        let text = report().json();
        assert!(!text.contains('\n'));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["rows"][0]["scenario"], "fanout");
        assert_eq!(value["rows"][0]["latency"]["p99_us"], 5678.0);
        assert_eq!(value["rows"][0]["ratios"][0]["figure"], "cpu");
    }
}
