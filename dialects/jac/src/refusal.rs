//! Refusals: the one place where an error becomes a frame or a response.

use quintet_core::http::Response;
use quintet_core::{Error, Kind};
use serde::Serialize;

use crate::validation::{self, Entry, Page};
use crate::wire;

/// What every `walker` event gets until the house runs walkers: none is exposed.
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
    detail(error.kind().status(), text)
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
