//! `quintet tail`

use std::num::NonZeroU64;
use std::ops::ControlFlow;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::encode;
use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `tail`.
#[derive(Args, Debug)]
pub(crate) struct Tail {
    /// What to listen to: every topic that begins so, as in orders; * stands for one part, as in room/*
    pattern: String,
    /// End after so many events
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
    /// Print JSON, an object on each line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// A line of the server's, where nothing was missed.
#[derive(Deserialize)]
struct Event<'a> {
    topic: String,
    name: String,
    #[serde(borrow)]
    payload: &'a RawValue,
    at: i64,
    author: Option<Author>,
}

#[derive(Deserialize)]
struct Gap {
    missed: u64,
}

#[derive(Deserialize)]
struct Author {
    username: String,
}

impl Tail {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let question = Question::query(&["tail"], format!("pattern={}", encode(&self.pattern)));
        let mut left = self.count.map(NonZeroU64::get);
        self.place.visit_server(|visit| {
            // Whoever waits for it knows from here on that nothing is lost.
            let begun = || output::tell(format_args!("listening to {}", output::plain(&self.pattern)));
            visit.listen(&question, begun, |line| {
                output::line(if self.json { line.to_owned() } else { readable(line)? })?;
                left = left.map(|left| left - 1);
                Ok(if left == Some(0) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// `12:30:00.000  room/4101  chat:sent  ann  {…}`, in the time of Greenwich; without the name where it is the topic, and without an author
/// where there is none.
fn readable(line: &str) -> Result<String> {
    if let Ok(Gap { missed }) = serde_json::from_str(line) {
        return Ok(format!("({missed} events were missed)"));
    }
    let event = serde_json::from_str(line).context("the server tells something that is no event")?;
    let Event { topic, name, payload, at, author } = event;
    let mut words = vec![time_of_day(at), topic];
    // What an application says is mostly named by its topic, and nobody in particular has said it.
    words.extend(Some(name).filter(|name| *name != words[1]));
    words.extend(author.map(|author| author.username));
    words.push(payload.get().to_owned());
    Ok(output::plain(&words.join("  ")))
}

fn time_of_day(millis: i64) -> String {
    let day = millis.rem_euclid(86_400_000);
    let (seconds, millis) = (day / 1000, day % 1000);
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_plain_line() {
        let event = r#"{"topic":"room/4101","name":"chat:sent","payload":{"a":1.50},"position":"1-2","at":1763000000123,"author":{"id":4097,"username":"an\u001bn"},"via":"jac"}"#;
        assert_eq!(readable(event).unwrap(), "02:13:20.123  room/4101  chat:sent  an\u{fffd}n  {\"a\":1.50}");
        let house = r#"{"topic":"a","name":"a","payload":null,"position":null,"at":0,"author":null,"via":"api"}"#;
        assert_eq!(readable(house).unwrap(), "00:00:00.000  a  null");
        assert_eq!(readable(r#"{"missed":7}"#).unwrap(), "(7 events were missed)");
        assert!(readable("7").is_err());
    }
}
