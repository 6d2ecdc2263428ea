//! A question: one call to the server API.

use serde_json::Value;

use super::client::encode;

/// A call to the server API.
pub(crate) struct Question<'a> {
    /// In capitals.
    pub(crate) method: &'static str,
    /// Below `/quintet/v1`, its segments in clear.
    pub(crate) path: &'a [&'a str],
    /// What follows the `?`, encoded; empty where nothing does.
    pub(crate) query: String,
    /// The JSON that is sent along.
    pub(crate) body: Option<String>,
}

impl<'a> Question<'a> {
    /// Asks for something.
    pub(crate) fn get(path: &'a [&'a str]) -> Self {
        Self { method: "GET", path, query: String::new(), body: None }
    }

    /// Asks for a part of something.
    pub(crate) fn query(path: &'a [&'a str], query: String) -> Self {
        Self { query, ..Self::get(path) }
    }

    /// Hands something in.
    pub(crate) fn post(path: &'a [&'a str], body: &Value) -> Self {
        Self::post_text(path, body.to_string())
    }

    /// Hands in JSON, verbatim.
    pub(crate) fn post_text(path: &'a [&'a str], body: String) -> Self {
        Self { method: "POST", body: Some(body), ..Self::get(path) }
    }

    /// Ends something.
    pub(crate) fn delete(path: &'a [&'a str]) -> Self {
        Self { method: "DELETE", ..Self::get(path) }
    }

    /// Sets something.
    pub(crate) fn put(path: &'a [&'a str], body: &Value) -> Self {
        Self { method: "PUT", body: Some(body.to_string()), ..Self::get(path) }
    }

    /// The same, as a user.
    pub(crate) fn acting(self, user: &str) -> Self {
        Self { query: format!("as={}{}", encode(user), self.query), ..self }
    }
}
