//! `quintet entities`

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use super::client::encode;
use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `entities`.
#[derive(Args, Debug)]
pub(crate) struct Entities {
    /// Those of this server only
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Those that came before the one with this number
    #[arg(long, value_name = "NUMBER")]
    before: Option<u64>,
    /// At most so many [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print JSON: who signed each, when and with what, too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Entities {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let host = self.host.as_ref().map(|host| format!("host={}", encode(host))).unwrap_or_default();
        let query = format!("{host}{}", part(self.before, self.limit));
        let answer = self.place.visit(|visit| visit.ask_text(&Question::query(&["entities"], query)))?;
        if self.json {
            output::line(answer)?;
        } else {
            let page: Value = serde_json::from_str(&answer).context("the server's answer lists no entities")?;
            page["entities"].as_array().into_iter().flatten().try_for_each(show)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Byte for byte, but for line breaks between its members: one line each, so that other programs can read on.
fn show(entity: &Value) -> Result<()> {
    output::line(entity["text"].as_str().context("an entity has no text")?)
}

/// The rest of a query for a part of a list.
pub(crate) fn part(before: Option<u64>, limit: Option<u64>) -> String {
    let mut query = String::new();
    for (name, value) in [("before", before), ("limit", limit)] {
        if let Some(value) = value {
            // Writing to a String cannot fail.
            let _ = write!(query, "&{name}={value}");
        }
    }
    query
}
