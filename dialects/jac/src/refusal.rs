//! Refusals: the one place where an error becomes a frame or a response.

use quintet_core::http::Response;
use quintet_core::{Error, Kind};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::validation::{self, Entry, Page};
use crate::walker::{Failure, failure};
use crate::wire;

/// What a `walker` event for a walker that is not exposed gets.
pub(crate) const NO_SUCH_WALKER: &str =
    r#"{"type":"walker","error":"Invalid request! Please use valid walker event!"}"#;

/// What a binary message gets: the original looks for a text in it.
pub(crate) const BINARY: &str = "KeyError: 'text'";

/// `{"error":["…\n"]}`: the last line of the traceback that the original would send.
#[derive(Serialize)]
struct Raised {
    error: [String; 1],
}

/// A frame for something that Python would have raised: exception name and message.
pub(crate) fn raised(line: &str) -> String {
    wire::write(&Raised { error: [format!("{line}\n")] })
}

/// A frame for a reference that is none.
pub(crate) fn not_a_reference(text: &str) -> String {
    raised(&format!("ValueError: [{text}] is not a valid reference!"))
}

/// A frame for an error of the house, under the Python exception that comes closest.
pub(crate) fn refused(error: &Error) -> String {
    raised(&format!("{}: {}", exception(error.kind()), error.public()))
}

/// A frame that lists what is wrong with an event.
pub(crate) fn invalid(entries: &[Entry<'_>]) -> String {
    validation::listed("error", entries, Page::Named)
}

/// `{"type":"walker","error":"…"}`: a walker that was not run, or not to its end.
#[derive(Serialize)]
struct NotRun<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: &'a str,
}

/// A frame for a walker that is refused.
pub(crate) fn not_run(error: &str) -> String {
    wire::write(&NotRun { kind: "walker", error })
}

/// A frame for a walker that is for users only.
pub(crate) fn needs_user(name: &str) -> String {
    not_run(&format!("Event {name} requires to be authenticated!"))
}

/// A frame for an error of a walker; `None` for what is told only to those who want a response.
pub(crate) fn of_walker(error: &Error, response: bool) -> Option<String> {
    match Failure::of(error) {
        Failure::Body(body) => response.then(|| body.get().to_owned()),
        Failure::Invalid(entries) => Some(format!(r#"{{"error":[{}]}}"#, failure::items(&entries, true))),
        Failure::Raised(line) => Some(raised(&line)),
        Failure::Refused => Some(not_run(error.public())),
    }
}

fn exception(kind: Kind) -> &'static str {
    match kind {
        Kind::BadMessage | Kind::Conflict | Kind::TooLarge | Kind::Stale => "ValueError",
        Kind::Unauthenticated | Kind::Forbidden => "PermissionError",
        Kind::NotFound => "LookupError",
        Kind::TooMany | Kind::Internal | Kind::Unavailable | Kind::Slow => "RuntimeError",
    }
}

/// `{"detail":"…"}`: `FastAPI`'s form.
#[derive(Serialize)]
struct Detail<'a> {
    detail: &'a str,
}

/// A response with one sentence.
pub(crate) fn detail(status: u16, detail: &str) -> Response {
    Response::json(status, wire::write(&Detail { detail }))
}

/// A response that lists what is wrong with a request.
pub(crate) fn unprocessable(entries: &[Entry<'_>]) -> Response {
    Response::json(422, validation::listed("detail", entries, Page::Unnamed))
}

/// An error as a response; the two that `FastAPI` has fixed words for get those.
pub(crate) fn response(error: &Error) -> Response {
    let text = match error.kind() {
        Kind::Unauthenticated => "Unauthorized",
        Kind::NotFound => "Not Found",
        _ => error.public(),
    };
    detail(error.status(), text)
}

/// `{"detail":{"error":"…"}}`: how the original says over HTTP that a node may not be entered.
#[derive(Serialize)]
struct Denied<'a> {
    detail: Cause<'a>,
}

#[derive(Serialize)]
struct Cause<'a> {
    error: &'a str,
}

/// `{"errors":["…\n"]}`: what a walker raised.
#[derive(Serialize)]
struct Errors {
    errors: [String; 1],
}

/// An error of a walker as a response.
pub(crate) fn walker_response(error: &Error) -> Response {
    match Failure::of(error) {
        Failure::Body(body) => whole_body(error.status(), body),
        Failure::Invalid(entries) => {
            Response::json(422, format!(r#"{{"detail":[{}]}}"#, failure::items(&entries, false)))
        }
        Failure::Raised(line) => Response::json(500, wire::write(&Errors { errors: [format!("{line}\n")] })),
        Failure::Refused if error.kind() == Kind::Forbidden => {
            Response::json(error.status(), wire::write(&Denied { detail: Cause { error: error.public() } }))
        }
        Failure::Refused => procedure_response(error),
    }
}

/// An error of a procedure that is no walker as a response: what was not found is the procedure's to say.
pub(crate) fn procedure_response(error: &Error) -> Response {
    match error.kind() {
        Kind::Unauthenticated => response(error),
        _ => detail(error.status(), error.public()),
    }
}

/// A response whose body is given; without it where the status allows none (RFC 9110, section 15.3.5).
pub(crate) fn whole_body(status: u16, body: &RawValue) -> Response {
    if matches!(status, 204 | 205 | 304) {
        Response::empty(status)
    } else {
        Response::json(status, body.get().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_line() {
        for (kind, wanted) in [
            (Kind::BadMessage, "ValueError"),
            (Kind::Unauthenticated, "PermissionError"),
            (Kind::Forbidden, "PermissionError"),
            (Kind::NotFound, "LookupError"),
            (Kind::Conflict, "ValueError"),
            (Kind::TooLarge, "ValueError"),
            (Kind::Stale, "ValueError"),
            (Kind::TooMany, "RuntimeError"),
            (Kind::Internal, "RuntimeError"),
            (Kind::Unavailable, "RuntimeError"),
            (Kind::Slow, "RuntimeError"),
        ] {
            let frame = refused(&Error::new(kind, "so \"it\" is"));
            assert_eq!(frame, format!(r#"{{"error":["{wanted}: so \"it\" is\n"]}}"#));
        }
    }

    #[test]
    fn causes_stay_inside() {
        let error = Error::internal("sector 7");
        assert_eq!(refused(&error), r#"{"error":["RuntimeError: internal error\n"]}"#);
        assert_eq!(response(&error), detail(500, "internal error"));
    }

    #[test]
    fn responses_speak_as_fastapi_does() {
        for (error, status, text) in [
            (Error::unauthenticated("token expired"), 401, "Unauthorized"),
            (Error::not_found("no such user"), 404, "Not Found"),
            (Error::too_many("wait a minute"), 429, "wait a minute"),
            (Error::too_large("body over 262144 bytes"), 413, "body over 262144 bytes"),
        ] {
            let response = response(&error);
            assert_eq!(response.status, status);
            assert_eq!(&response.body[..], format!(r#"{{"detail":"{text}"}}"#).as_bytes());
        }
    }
}
