//! Procedures that answer what they are given, whoever runs them, beside an echo without a server around it.

use std::io::Write as _;

use memchr::memmem;

use crate::door::Door;
use crate::exchange::{Talk, Verdict, number_after};
use crate::questions::{DEPTHS, converse};
use crate::report::{Figure, Row};
use crate::rooms::Rooms;
use crate::series::Series;
use crate::subject::Subject;
use crate::{Error, Options, Scenario};

/// The procedure that every server has.
const BUILT_IN: &str = "echo";
/// What stands before a call's number, in the question and in its answer.
const MARKER: &[u8] = b"\"ackId\":";

/// A procedure to be measured: it answers what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Who runs it, for people.
    pub who: String,
    /// Its name.
    pub procedure: String,
}

/// Measures each procedure of `server` beside the floor, which echoes the calls.
pub(crate) fn run(options: &Options, (server, rooms): (&Subject, &Rooms), floor: &Subject) -> Result<Vec<Row>, Error> {
    let built_in = Runner { who: "built-in".to_owned(), procedure: BUILT_IN.to_owned() };
    let runners: Vec<_> = std::iter::once(&built_in).chain(&options.runners).collect();
    let door = |socket| rooms.calling(socket);
    let mut rows = Vec::new();
    for depth in DEPTHS {
        rows.extend(at_depth(options, &runners, depth, (server, &door), floor)?);
    }
    Ok(rows)
}

fn at_depth(
    options: &Options,
    runners: &[&Runner],
    depth: usize,
    (server, door): (&Subject, &dyn Fn(usize) -> Door),
    floor: &Subject,
) -> Result<Vec<Row>, Error> {
    let new =
        |who: &str, server| Series::new(Scenario::Procedures, format!("{who}, {depth} in flight"), server, "call");
    let mut plain = new("echo", floor.name);
    let mut ours: Vec<_> = runners.iter().map(|runner| new(&runner.who, server.name)).collect();
    for round in 1..=options.rounds {
        options.tell(&format!("procedures: {depth} in flight, round {round} of {}", options.rounds));
        plain.push(converse(options, floor, |_| Door::socket("/"), depth, Calls::new(BUILT_IN, depth))?);
        for (series, runner) in ours.iter_mut().zip(runners) {
            series.push(converse(options, server, door, depth, Calls::new(&runner.procedure, depth))?);
        }
    }
    let against = [(Figure::Rate, &plain), (Figure::Cpu, &plain), (Figure::P50, &plain)];
    let rows = ours.iter().map(|series| series.row(&against));
    Ok(rows.chain([plain.row(&[])]).collect())
}

/// Numbered calls of one procedure.
struct Calls {
    before: String,
    /// Several at once: they are answered in any order.
    overlap: bool,
}

impl Calls {
    fn new(procedure: &str, depth: usize) -> Self {
        Self { before: format!(r#"{{"topic":"app::{procedure}","payload":{{"n":"#), overlap: depth > 1 }
    }
}

impl Talk for Calls {
    fn ask(&mut self, _: usize, number: u64, text: &mut Vec<u8>) {
        text.extend_from_slice(self.before.as_bytes());
        let overlap = if self.overlap { r#","overlap":true"# } else { "" };
        write!(text, r#"{number}}},"ackId":{number}{overlap}}}"#).expect("writing to memory cannot fail");
    }

    #[inline]
    fn judge(&self, _: usize, _: u64, message: &[u8]) -> Verdict {
        if message.starts_with(br#"{"topic":"error""#) {
            return Verdict::Refusal(String::from_utf8_lossy(message).into_owned());
        }
        let found = memmem::find(message, MARKER).and_then(|at| number_after(&message[at..], MARKER));
        found.map_or(Verdict::Noise, Verdict::Answer)
    }

    fn keeps_order(&self) -> bool {
        !self.overlap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_answered_by_its_number() {
        for (depth, overlap) in [(1, serde_json::Value::Null), (16, true.into())] {
            let (mut text, mut calls) = (Vec::new(), Calls::new("bench:python", depth));
            calls.ask(3, 42, &mut text);
            let call: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert_eq!((&call["topic"], &call["payload"]["n"]), (&"app::bench:python".into(), &42.into()));
            assert_eq!(call["overlap"], overlap);
            assert_eq!(calls.judge(0, 0, &text), Verdict::Answer(42), "as the floor echoes it");
        }
        let calls = Calls::new("echo", 1);
        let answer = br#"{"topic":"app::echo","ackId":7,"payload":{"n":7}}"#;
        assert_eq!(calls.judge(0, 7, answer), Verdict::Answer(7));
        assert_eq!(calls.judge(0, 0, br#"{"topic":"presence:joined","payload":{}}"#), Verdict::Noise);
        let error = br#"{"topic":"error","ackId":7,"payload":{"status":503}}"#;
        assert!(matches!(calls.judge(0, 7, error), Verdict::Refusal(_)));
    }
}
