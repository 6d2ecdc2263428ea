//! What a webhook answered, as an outcome or an error.

use bytes::Bytes;
use http::StatusCode;
use quintet_core::depth::is_too_deep;
use quintet_core::error::FieldError;
use quintet_core::limits::JSON_DEPTH;
use quintet_core::procedure::Outcome;
use quintet_core::{Error, Kind};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The body of an error. What is not of this form says nothing.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Refusal {
    message: Option<String>,
    status: Option<u16>,
    field_errors: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    field: String,
    error: String,
}

/// Translates an answer to the procedure of this name.
pub(super) fn read(name: &str, status: StatusCode, body: &Bytes) -> Result<Outcome, Error> {
    match status.as_u16() {
        200..=299 if body.iter().all(u8::is_ascii_whitespace) => Ok(outcome(status, RawValue::NULL.to_owned())),
        200..=299 => match serde_json::from_slice::<Box<RawValue>>(body) {
            Ok(payload) if is_too_deep(payload.get()) => {
                Err(unusable(format!("{name} answered JSON that is nested more than {JSON_DEPTH} deep")))
            }
            Ok(payload) => Ok(outcome(status, payload)),
            Err(error) => Err(unusable(format!("{name} answered something that is no JSON")).because(error)),
        },
        400..=599 => Err(refusal(status, body)),
        other => Err(unusable(format!("{name} answered with status {other}, which is no answer"))),
    }
}

/// The error for an answer that cannot be used: 502.
pub(super) fn unusable(public: String) -> Error {
    Error::unavailable(public).with_status(502)
}

fn outcome(status: StatusCode, payload: Box<RawValue>) -> Outcome {
    Outcome { status: status.as_u16(), payload }
}

fn refusal(status: StatusCode, body: &Bytes) -> Error {
    let Refusal { message, status: own, field_errors } = serde_json::from_slice(body).unwrap_or_default();
    let status = own.and_then(|own| StatusCode::from_u16(own).ok()).filter(|own| is_error(*own)).unwrap_or(status);
    let kind = Kind::of_status(status.as_u16());
    let message = message.filter(|message| !message.is_empty()).unwrap_or_else(|| kind.neutral().to_owned());
    let fields = field_errors.into_iter().map(|Field { field, error }| FieldError { field, error }).collect();
    Error::new(kind, message).with_status(status.as_u16()).with_fields(fields)
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<(u16, String), (u16, String, usize)> {
        let status = StatusCode::from_u16(status).unwrap();
        read("add", status, &Bytes::copy_from_slice(body.as_bytes()))
            .map(|outcome| (outcome.status, outcome.payload.get().to_owned()))
            .map_err(|error| (error.status(), error.public().to_owned(), error.fields().len()))
    }

    #[test]
    fn answers_become_outcomes_and_errors() {
        let good = |status, text: &str| Ok((status, text.to_owned()));
        let bad = |status, text: &str, fields| Err((status, text.to_owned(), fields));
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let (deep, too_deep) = (nested(JSON_DEPTH), nested(JSON_DEPTH + 1));
        let table = [
            (200, &*deep, good(200, &deep)),
            (200, &too_deep, bad(502, "add answered JSON that is nested more than 128 deep", 0)),
            (200, "{\"a\": 1.0}", good(200, "{\"a\": 1.0}")),
            (201, " 3 ", good(201, "3")),
            (204, "", good(204, "null")),
            (200, " \n", good(200, "null")),
            (200, "<html>", bad(502, "add answered something that is no JSON", 0)),
            (200, "1 2", bad(502, "add answered something that is no JSON", 0)),
            (302, "1", bad(502, "add answered with status 302, which is no answer", 0)),
            (409, r#"{"message":"Note is locked"}"#, bad(409, "Note is locked", 0)),
            (400, r#"{"message":"bad","status":418,"more":1}"#, bad(418, "bad", 0)),
            (400, r#"{"message":"bad","status":200}"#, bad(400, "bad", 0)),
            (400, r#"{"message":"x","fieldErrors":[{"field":"id","error":"id is required"}]}"#, bad(400, "x", 1)),
            (500, "Traceback: secrets", bad(500, "internal error", 0)),
            (404, r#"{"message":7}"#, bad(404, "not found", 0)),
            (503, r#"{"message":""}"#, bad(503, "not available at the moment", 0)),
            (599, "", bad(599, "internal error", 0)),
        ];
        for (status, body, expected) in table {
            assert_eq!(answer(status, body), expected, "{status} {body}");
        }
    }
}
