//! `[log]`: what is written to standard error.

use super::Filter;
use super::setting::{Setting, Value, quoted};

section! {
    /// The log, on standard error. Tokens, passwords and query strings never stand in it.
    Log in "log", at log {
        /// `"pretty"` for people, `"json"` for machines.
        format: Format = Format::Pretty;
        /// `"error"`, `"warn"`, `"info"`, `"debug"` or `"trace"`; also for one part, as in `"info,quintet_server=debug"`.
        level: Filter = Filter::default();
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Setting for Format {
    fn read(value: &Value) -> Result<Self, String> {
        match value.text("\"pretty\" or \"json\"")? {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err("expected \"pretty\" or \"json\"".to_owned()),
        }
    }

    fn literal(&self) -> String {
        quoted(match self {
            Self::Pretty => "pretty",
            Self::Json => "json",
        })
    }
}
