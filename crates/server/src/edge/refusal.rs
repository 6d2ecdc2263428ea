//! Errors of the house itself, as HTTP responses; each room words its own.

use quintet_core::error::FieldError;
use quintet_core::http::Response;
use quintet_core::{Error, Kind};
use serde::Serialize;

#[derive(Serialize)]
struct Wire<'a> {
    status: u16,
    error: &'a str,
    message: &'a str,
    #[serde(rename = "fieldErrors", skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [Field<'a>],
}

#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    error: &'a str,
}

/// A JSON object with `status`, `error` (the reason phrase) and `message`.
pub(crate) fn response(status: u16, message: &str) -> Response {
    write(status, message, &[])
}

fn write(status: u16, message: &str, fields: &[Field<'_>]) -> Response {
    let known = hyper::StatusCode::from_u16(status).ok();
    let error = known.and_then(|status| status.canonical_reason()).unwrap_or("Error");
    // A struct of texts and a number always has a JSON form.
    let body = serde_json::to_vec(&Wire { status, error, message, fields }).unwrap_or_default();
    Response::json(status, body)
}

/// What an error of the house looks like; where single fields of the request are wrong, `fieldErrors` tells of each.
pub(crate) fn of(error: &Error) -> Response {
    let fields = error.fields().iter().map(|FieldError { field, error }| Field { field, error }).collect::<Vec<_>>();
    let response = write(error.status(), error.public(), &fields);
    if error.kind() == Kind::Unauthenticated { response.with_header("www-authenticate", "Bearer") } else { response }
}

/// Writes what went wrong inside to the log; the peer does not see it.
pub(crate) fn log(error: &Error, path: &str) {
    if error.kind() == Kind::Internal {
        let mut causes = Vec::new();
        let mut next = std::error::Error::source(error);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        tracing::error!(path, cause = causes.join(": "), "a request failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_json_without_its_cause() {
        let error = Error::internal("disk on fire");
        let body = of(&error).body;
        assert_eq!(body, r#"{"status":500,"error":"Internal Server Error","message":"internal error"}"#);
        let invalid = Error::invalid(vec![FieldError::required("id")]).with_status(418);
        let expected = r#"{"status":418,"error":"I'm a teapot","message":"id is required","fieldErrors":[{"field":"id","error":"id is required"}]}"#;
        assert_eq!(of(&invalid).body, expected);
        let refused = of(&Error::unauthenticated("who are you"));
        assert_eq!(refused.headers, [("www-authenticate", "Bearer".to_owned())]);
    }
}
