//! Refusals: the one place where an error becomes a payload or a response (flamigo.md, section 4).

use std::error::Error as StdError;

use quintet_core::http::Response;
use quintet_core::{Error, Kind};
use serde::Serialize;

use crate::wire;

/// What a peer that is nobody is told, whatever it asks.
pub(crate) fn unauthorized() -> Error {
    Error::unauthenticated("unauthorized")
}

/// What a topic is told that is neither `app::…` nor of the workers' entrance.
pub(crate) fn out_of_scope() -> Error {
    Error::forbidden("the command scope is invalid")
}

/// The payload of the `error` topic: the superset of both generations.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refusal<'a> {
    message: &'a str,
    status: u16,
    #[serde(rename = "type")]
    class: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    field_errors: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    error: &'a str,
}

/// An error as a payload. `debug` adds its causes.
pub(crate) fn payload(error: &Error, debug: bool) -> String {
    let status = error.status();
    let message = if error.public().is_empty() { Kind::of_status(status).neutral() } else { error.public() };
    let field_errors = error.fields().iter().map(|wrong| Field { field: &wrong.field, error: &wrong.error }).collect();
    let trace = debug.then(|| trace(error));
    wire::write(&Refusal { message, status, class: class(status), field_errors, trace })
}

/// An error as a response, to who is refused before the upgrade.
pub(crate) fn response(error: &Error) -> Response {
    Response::json(error.status(), payload(error, false))
}

/// The second generation's word for a status.
fn class(status: u16) -> &'static str {
    match status {
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        400..=499 => "bad_request",
        _ => "server_error",
    }
}

fn trace(error: &Error) -> String {
    let mut trace = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        trace.push_str(": ");
        trace.push_str(&inner.to_string());
        cause = inner.source();
    }
    trace
}

#[cfg(test)]
mod tests {
    use quintet_core::error::FieldError;

    use super::*;

    #[test]
    fn every_kind_has_its_status_and_word() {
        for (kind, status, class) in [
            (Kind::BadMessage, 400, "bad_request"),
            (Kind::Unauthenticated, 401, "unauthorized"),
            (Kind::Forbidden, 403, "forbidden"),
            (Kind::NotFound, 404, "not_found"),
            (Kind::Conflict, 409, "conflict"),
            (Kind::TooLarge, 413, "bad_request"),
            (Kind::Stale, 422, "bad_request"),
            (Kind::TooMany, 429, "bad_request"),
            (Kind::Internal, 500, "server_error"),
            (Kind::Unavailable, 503, "server_error"),
            (Kind::Slow, 503, "server_error"),
        ] {
            let wanted = format!(r#"{{"message":"no \"x\"","status":{status},"type":"{class}"}}"#);
            assert_eq!(payload(&Error::new(kind, "no \"x\""), false), wanted);
        }
        let teapot = Error::bad_message("no coffee").with_status(418);
        assert_eq!(payload(&teapot, false), r#"{"message":"no coffee","status":418,"type":"bad_request"}"#);
    }

    #[test]
    fn causes_are_shown_in_debug_mode_only() {
        let error = || Error::internal("listing notes: deadline exceeded");
        assert_eq!(payload(&error(), false), r#"{"message":"internal error","status":500,"type":"server_error"}"#);
        assert!(
            payload(&error(), true)
                .ends_with(r#","trace":"internal: internal error: listing notes: deadline exceeded"}"#)
        );
        assert!(!String::from_utf8_lossy(&response(&error()).body).contains("notes"));
    }

    #[test]
    fn fields_are_told_and_an_empty_message_is_filled() {
        let error = Error::invalid(vec![FieldError::required("topic")]);
        assert_eq!(
            payload(&error, false),
            r#"{"message":"topic is required","status":400,"type":"bad_request","fieldErrors":[{"field":"topic","error":"topic is required"}]}"#
        );
        assert!(payload(&Error::new(Kind::Conflict, ""), false).starts_with(r#"{"message":"conflict","#));
    }
}
