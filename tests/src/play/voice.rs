//! Sockets of a script, whoever opened them.

use std::collections::VecDeque;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::client::{Heard, Socket};
use crate::peer::Line;

/// An open socket.
pub(super) struct Voice {
    wire: Wire,
    /// What came while something else was waited for.
    aside: VecDeque<String>,
}

enum Wire {
    /// The script opened it.
    Opened(Box<Socket>),
    /// Between a peer and the house.
    Line(Box<Line>),
}

impl From<Socket> for Voice {
    fn from(socket: Socket) -> Self {
        Self { wire: Wire::Opened(Box::new(socket)), aside: VecDeque::new() }
    }
}

impl From<Line> for Voice {
    fn from(line: Line) -> Self {
        Self { wire: Wire::Line(Box::new(line)), aside: VecDeque::new() }
    }
}

impl Voice {
    pub(super) async fn say(&mut self, text: String) -> Result<()> {
        match &mut self.wire {
            Wire::Opened(socket) => socket.say(text).await,
            Wire::Line(line) => line.say(text).await,
        }
    }

    pub(super) async fn say_binary(&mut self, bytes: Vec<u8>) -> Result<()> {
        match &mut self.wire {
            Wire::Opened(socket) => socket.say_binary(bytes).await,
            Wire::Line(line) => line.say_binary(bytes).await,
        }
    }

    pub(super) async fn leave(&mut self, code: u16) -> Result<()> {
        match &mut self.wire {
            Wire::Opened(socket) => socket.leave(code).await,
            Wire::Line(line) => line.leave(code).await,
        }
    }

    /// The next thing.
    pub(super) async fn hear(&mut self) -> Result<Heard> {
        match self.aside.pop_front() {
            Some(text) => Ok(Heard::Text(text)),
            None => self.hear_new().await,
        }
    }

    /// The next thing, which must be a text.
    pub(super) async fn hear_text(&mut self) -> Result<String> {
        text(self.hear().await?)
    }

    /// The next JSON that is like this; what comes before it is kept for later.
    pub(super) async fn hear_like(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let json = |text: &str| serde_json::from_str::<Value>(text).with_context(|| format!("not JSON: {text}"));
        for (place, text) in self.aside.iter().enumerate() {
            let value = json(text)?;
            if is_wanted(&value) {
                self.aside.remove(place);
                return Ok(value);
            }
        }
        loop {
            let text = text(self.hear_new().await?)?;
            let value = json(&text)?;
            if is_wanted(&value) {
                return Ok(value);
            }
            self.aside.push_back(text);
        }
    }

    async fn hear_new(&mut self) -> Result<Heard> {
        match &mut self.wire {
            Wire::Opened(socket) => socket.hear().await,
            Wire::Line(line) => line.hear().await,
        }
    }
}

fn text(heard: Heard) -> Result<String> {
    match heard {
        Heard::Text(text) => Ok(text),
        other => bail!("expected a text message, got {other:?}"),
    }
}
