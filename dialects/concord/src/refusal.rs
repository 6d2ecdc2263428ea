//! The one way from an error to what a Concord peer is told, as a frame or as an HTTP response.

use quintet_core::http::Response;
use quintet_core::{Answer, Error, Frame, Kind};

use crate::wire;
use crate::wire::procedure::{FieldError, Payload};
use crate::wire::refusal::ErrorBody;
use crate::wire::server_message::ServerMessage;

/// What a peer is told when something is not done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
    /// What is wrong with fields of a payload; of procedures only.
    fields: Vec<FieldError>,
    /// What an `Allow` header names; with 405 only.
    allow: Option<String>,
}

impl Refusal {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), fields: Vec::new(), allow: None }
    }

    /// 400: the request cannot be understood, or not done as it stands.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// 401: the endpoint needs a token and there is none.
    pub(crate) fn no_token() -> Self {
        Self::new(401, "no token: log in at POST /api/tokens, then send Authorization: Bearer <token>")
    }

    /// 404: nothing is at this path.
    pub(crate) fn no_such_path() -> Self {
        Self::new(404, "no such path")
    }

    /// 405: the path exists, for other methods.
    pub(crate) fn wrong_method(allow: String) -> Self {
        Self { allow: Some(allow), ..Self::new(405, "method not allowed here: use one that the Allow header names") }
    }

    /// 415: the body is of a type that is not taken here.
    pub(crate) fn wrong_type(expected: &str) -> Self {
        Self::new(415, format!("unsupported content type: send {expected}"))
    }

    /// 501: Concord names the call, nobody has ever implemented it.
    pub(crate) fn not_implemented() -> Self {
        Self::new(501, "not implemented")
    }

    /// What an answer comes to that is no success: an error as it is, an answer to another question as our own fault.
    pub(crate) fn unexpected(answer: Result<Answer, Error>) -> Self {
        match answer {
            Err(error) => Self::from(&error),
            Ok(_) => Self::from(&Error::internal("the hall answered another question")),
        }
    }

    /// "An additive `{ "type": "error", "status": 400, "message": "…" }` sent to the offender only".
    pub(crate) fn frame(&self) -> Frame {
        self.frame_to(None)
    }

    /// The same as the answer to a call with this `ref`.
    pub(crate) fn frame_to(&self, reference: Option<&Payload>) -> Frame {
        let Self { status, message, fields, .. } = self;
        Frame::text(&wire::json(&ServerMessage::Error { status: *status, message, reference, field_errors: fields }))
    }

    /// "Always a JSON object with `status`, `error`, `message`, `path`; and no `Basic` challenge".
    pub(crate) fn response(self, path: &str) -> Response {
        let error = reason(self.status);
        let body = ErrorBody { status: self.status, error, message: &self.message, path, field_errors: &self.fields };
        let mut response = Response::json(self.status, wire::json(&body));
        if self.status == Kind::Unauthenticated.status() {
            response = response.with_header("www-authenticate", "Bearer");
        }
        match self.allow {
            Some(methods) => response.with_header("allow", methods),
            None => response,
        }
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let fields = error.fields().iter().map(FieldError::from).collect();
        Self { fields, ..Self::new(error.status(), error.public()) }
    }
}

/// The reason phrase of a status (RFC 9110 section 15); of one that only procedures use, that of its class.
const fn reason(status: u16) -> &'static str {
    match status {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        418 => "I'm a teapot",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        400..=499 => "Bad Request",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_frame_and_its_body() {
        for (kind, status, reason) in [
            (Kind::BadMessage, 400, "Bad Request"),
            (Kind::Unauthenticated, 401, "Unauthorized"),
            (Kind::Forbidden, 403, "Forbidden"),
            (Kind::NotFound, 404, "Not Found"),
            (Kind::Conflict, 409, "Conflict"),
            (Kind::TooLarge, 413, "Content Too Large"),
            (Kind::Stale, 422, "Unprocessable Content"),
            (Kind::TooMany, 429, "Too Many Requests"),
            (Kind::Internal, 500, "Internal Server Error"),
            (Kind::Unavailable, 503, "Service Unavailable"),
            (Kind::Slow, 503, "Service Unavailable"),
        ] {
            let error = Error::new(kind, "say \"why\"");
            let frame = format!(r#"{{"type":"error","status":{status},"message":"say \"why\""}}"#);
            assert_eq!(Refusal::from(&error).frame().payload(), frame.as_bytes());
            let response = Refusal::from(&error).response("/api/x");
            assert_eq!((response.status, response.content_type), (status, Some("application/json")));
            let body = format!(r#"{{"status":{status},"error":"{reason}","message":"say \"why\"","path":"/api/x"}}"#);
            assert_eq!(response.body, body);
        }
    }

    #[test]
    fn only_401_challenges_and_only_405_names_methods() {
        let headers = |refusal: Refusal| refusal.response("/").headers;
        assert_eq!(headers(Refusal::no_token()), [("www-authenticate", "Bearer".to_owned())]);
        assert_eq!(headers(Refusal::wrong_method("POST".into())), [("allow", "POST".to_owned())]);
        for other in [Refusal::bad("x"), Refusal::no_such_path(), Refusal::wrong_type("x"), Refusal::not_implemented()]
        {
            assert_eq!(headers(other), []);
        }
    }

    #[test]
    fn an_inner_cause_stays_inside() {
        let refusal = Refusal::unexpected(Err(Error::internal("disk on fire")));
        assert_eq!(refusal, Refusal::new(500, "internal error"));
        assert_eq!(Refusal::unexpected(Ok(Answer::Done)), refusal);
    }
}
