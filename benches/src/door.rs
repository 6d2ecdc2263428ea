//! How one connection is opened: the way in, and what is said before it counts as ready.

use std::borrow::Cow;

/// The language on the wire once the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// WebSocket messages.
    WebSocket,
    /// HTTP requests and answers on a connection that is kept open.
    Http,
}

/// The way into a server.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) wire: Wire,
    pub(crate) path: String,
    /// Whole header lines, each with its line end.
    pub(crate) headers: String,
    /// The first message, if one is needed.
    pub(crate) say: Option<Cow<'static, str>>,
    /// Ready when a message that contains this has come.
    pub(crate) expect: Option<&'static str>,
}

impl Door {
    /// A WebSocket at `path`, ready after the upgrade.
    pub(crate) fn socket(path: impl Into<String>) -> Self {
        Self { wire: Wire::WebSocket, path: path.into(), headers: String::new(), say: None, expect: None }
    }

    /// A plain HTTP connection, ready when it is connected.
    pub(crate) fn http() -> Self {
        Self { wire: Wire::Http, ..Self::socket("") }
    }

    /// Shows a bearer token.
    pub(crate) fn token(mut self, token: &str) -> Self {
        self.headers = format!("Authorization: Bearer {token}\r\n");
        self
    }

    /// Says `text` first.
    pub(crate) fn say(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.say = Some(text.into());
        self
    }

    /// Waits for a message that contains `text`.
    pub(crate) fn expect(mut self, text: &'static str) -> Self {
        self.expect = Some(text);
        self
    }
}
