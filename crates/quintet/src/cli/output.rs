//! What a command prints.

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Nobody reads on, as in `quintet user list | head -1`: no reason to complain.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output")]
pub(crate) struct Unread;

/// Prints on standard output. [`Unread`] where the other end of the pipe is closed.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Unread.into()),
        written => written.context("cannot write to standard output"),
    }
}

/// Prints a line on standard output.
pub(crate) fn line(text: impl Display) -> Result<()> {
    print(&format!("{text}\n"))
}

/// Tells a line on standard error; where that is closed, there is nobody to tell.
pub(crate) fn tell(text: impl Display) {
    // One write for the whole line, so that no other process gets in between.
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// Without what would give orders to a terminal: others choose what is said.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A value of the server's as a cell of a table: texts bare and plain, nothing as a dash.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => plain(text),
        other => other.to_string(),
    }
}
