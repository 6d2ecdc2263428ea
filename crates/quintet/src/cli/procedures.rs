//! `quintet procedures`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;

use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `procedures`.
#[derive(Args, Debug)]
pub(crate) struct Procedures {
    /// List the server's own procedures too, such as echo and chat:send, after all others
    #[arg(long)]
    all: bool,
    /// Print JSON; it always tells of all of them
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// A procedure, as far as the table shows it.
#[derive(Deserialize)]
struct Procedure {
    name: String,
    kind: String,
    owner: String,
    interface: Option<String>,
    calls: u64,
    errors: u64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
}

const HEAD: [&str; 7] = ["NAME", "KIND", "OWNER", "CALLS", "ERRORS", "P50", "P99"];

/// How many columns of the table are texts; the others are numbers, which end below each other.
const TEXTS: usize = 3;

impl Procedures {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let answer = self.place.visit_server(|visit| visit.ask_text(&Question::get(&["procedures"])))?;
        if self.json {
            output::line(answer)?;
        } else {
            let procedures: Vec<Procedure> =
                serde_json::from_str(&answer).context("the server's answer lists no procedures")?;
            self.show(procedures)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, procedures: Vec<Procedure>) -> Result<()> {
        let (built_in, mut shown): (Vec<_>, Vec<_>) = procedures.into_iter().partition(Procedure::is_built_in);
        let left_out = if self.all { 0 } else { built_in.len() };
        if self.all {
            shown.extend(built_in);
        }
        output::print(&table(&shown))?;
        if left_out > 0 {
            output::tell(format_args!("besides these there are {left_out} of the server's own; --all lists them"));
        }
        Ok(())
    }
}

impl Procedure {
    /// Whether the server runs it itself.
    fn is_built_in(&self) -> bool {
        self.kind == "built-in"
    }
}

fn table(procedures: &[Procedure]) -> String {
    super::table::table(HEAD, TEXTS, procedures.iter().map(row))
}

fn row(procedure: &Procedure) -> [String; HEAD.len()] {
    let Procedure { name, kind, owner, interface, calls, errors, p50_ms, p99_ms } = procedure;
    // A walker is a worker's; what matters to people is the former.
    let kind = interface.as_ref().unwrap_or(kind);
    [
        name.clone(),
        kind.clone(),
        owner.clone(),
        calls.to_string(),
        errors.to_string(),
        milliseconds(*p50_ms),
        milliseconds(*p99_ms),
    ]
}

fn milliseconds(time: Option<f64>) -> String {
    match time {
        None => "-".to_owned(),
        Some(time) if time < 10.0 => format!("{time:.2} ms"),
        Some(time) => format!("{time:.0} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_below_each_other() {
        let answer = r#"[
            {"name":"echo","kind":"built-in","owner":"quintet","interface":null,"calls":12,"errors":0,"p50_ms":0.0042,"p99_ms":1.5},
            {"name":"visit","kind":"worker","owner":"jac","interface":"walker","calls":0,"errors":0,"p50_ms":null,"p99_ms":null}
        ]"#;
        let expected = "\
NAME   KIND      OWNER    CALLS  ERRORS      P50      P99
echo   built-in  quintet     12       0  0.00 ms  1.50 ms
visit  walker    jac          0       0        -        -
";
        assert_eq!(table(&serde_json::from_str::<Vec<Procedure>>(answer).unwrap()), expected);
    }

    #[test]
    fn times_have_as_many_digits_as_they_need() {
        let table = [(0.25, "0.25 ms"), (9.994, "9.99 ms"), (10.0, "10 ms"), (1234.5, "1234 ms")];
        for (time, expected) in table {
            assert_eq!(milliseconds(Some(time)), expected);
        }
    }
}
