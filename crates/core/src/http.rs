//! HTTP as the rooms see it: a request as plain data, and the call that it stands for.

use std::borrow::Cow;

use bytes::Bytes;

use crate::call::{Answer, Call};
use crate::error::Error;
use crate::identity::Credential;

/// Everything of a request but its body.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// In capitals: `GET`, `POST` … `HEAD` is answered as `GET` would be, but changes nothing; its body is not sent.
    pub method: String,
    /// As sent, without the query; not decoded.
    pub path: String,
    /// What follows the `?`; empty where there is none. May hold a secret: never log it.
    pub query: String,
    /// Names in lower case, values as text; others are left out.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The first header of this name (given in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The query's pairs, decoded (`+` is a space), in order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_bytes())
    }

    /// The last value of a query parameter.
    pub fn query_last(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value).last()
    }
}

/// A request with its body.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Everything before the body.
    pub head: Head,
    /// The body; empty where there is none.
    pub body: Bytes,
}

/// What goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The `Content-Type`; `None` for an empty body.
    pub content_type: Option<&'static str>,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// A response without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Bytes::new() }
    }

    /// A JSON response.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, content_type: Some("application/json"), headers: Vec::new(), body: body.into() }
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What a room makes of a request.
pub enum Step {
    /// It knows the answer already.
    Reply(Response),
    /// It asks the hall first.
    Ask(Exchange),
}

/// How an answer, or an error, becomes a response.
pub type Reply = Box<dyn FnOnce(Result<Answer, Error>) -> Response + Send>;

/// A request that waits for the hall.
pub struct Exchange {
    /// Who asks. A token that does not hold makes the reply an `Unauthenticated` error, without the call being made.
    pub credential: Credential,
    /// What is asked.
    pub call: Call,
    /// What to make of the answer.
    pub reply: Reply,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_the_last_value_counts() {
        let head = Head { query: "a=1&channel_id=x+y%2F&a=2".into(), ..Head::default() };
        assert_eq!(head.query_last("a").as_deref(), Some("2"));
        assert_eq!(head.query_last("channel_id").as_deref(), Some("x y/"));
        assert_eq!(head.query_last("b"), None);
    }
}
