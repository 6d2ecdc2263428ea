//! Errors as Error resources.

use quintet_core::http::Response;
use quintet_core::{Error, Kind, term};
use serde_json::{Value, json};

use crate::format::Format;

/// The Error resource of a URL (atomic-data.md, section 4): `@id`, `isA`, `description`; the description begins with `Unauthorized. ` or
/// `Resource not found. ` where clients look for that.
pub(crate) fn resource(url: &str, error: &Error) -> Value {
    json!({ "@id": url, term::IS_A: [term::ERROR], term::DESCRIPTION: text(error) })
}

/// What a client is told, in a sentence.
pub(crate) fn text(error: &Error) -> String {
    let said = error.public();
    let said = match error.kind() {
        Kind::Unauthenticated | Kind::Forbidden => format!("Unauthorized. {said}"),
        Kind::NotFound => format!("Resource not found. {said}"),
        _ => said.to_owned(),
    };
    // Where an error holds this word, `@tomic/lib` drops the user's edit without a word (section 9.6): it is said by its short name.
    said.replace("previousCommit", "previous-commit")
}

/// The status: "the client only maps 401" where a right is missing, whoever asks (section 8.2); else that of the house.
pub(crate) fn status(kind: Kind) -> u16 {
    match kind {
        Kind::Forbidden => Kind::Unauthenticated.status(),
        kind => kind.status(),
    }
}

/// The answer to a request for a URL. "Body of every error: a JSON-AD Error resource", whatever the client accepts; but a browser, which
/// would keep that as a file, shows a page.
pub(crate) fn response(url: &str, error: &Error, format: Format) -> Response {
    let status = status(error.kind());
    let response = with_status(url, status, error, format);
    if status == 401 { response.with_header("www-authenticate", "Bearer") } else { response }
}

/// The same where HTTP has a status of its own for it.
pub(crate) fn with_status(url: &str, status: u16, error: &Error, format: Format) -> Response {
    let format = if format == Format::Html { format } else { Format::JsonAd };
    let body = format.print(&resource(url, error), &[]).into();
    Response { status, content_type: Some(format.media_type()), headers: format.headers(), body }
        .with_header("cache-control", "no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_resource_has_three_members() {
        let error = Error::not_found("Failed to retrieve locally: 'http://localhost:9883/nope'");
        assert_eq!(
            resource("http://localhost:9883/nope", &error).to_string(),
            concat!(
                r#"{"@id":"http://localhost:9883/nope","https://atomicdata.dev/properties/isA":["https://atomicdata.dev/classes/Error"],"#,
                r#""https://atomicdata.dev/properties/description":"Resource not found. Failed to retrieve locally: 'http://localhost:9883/nope'"}"#
            )
        );
    }

    #[test]
    fn each_kind_has_its_status_and_beginning() {
        let table = [
            (Kind::BadMessage, 400, "why"),
            (Kind::Unauthenticated, 401, "Unauthorized. why"),
            (Kind::Forbidden, 401, "Unauthorized. why"),
            (Kind::NotFound, 404, "Resource not found. why"),
            (Kind::Conflict, 409, "why"),
            (Kind::TooLarge, 413, "why"),
            (Kind::Stale, 422, "why"),
            (Kind::TooMany, 429, "why"),
            (Kind::Internal, 500, "why"),
            (Kind::Unavailable, 503, "why"),
            (Kind::Slow, 503, "why"),
        ];
        assert_eq!(table.len(), Kind::ALL.len());
        for (kind, status, words) in table {
            let error = Error::new(kind, "why");
            let response = response("http://a.example/x", &error, Format::NTriples);
            assert_eq!((response.status, text(&error).as_str()), (status, words), "{kind:?}");
            assert_eq!(response.content_type, Some("application/ad+json"));
            assert_eq!(response.headers.iter().any(|(name, _)| *name == "www-authenticate"), status == 401, "{kind:?}");
        }
    }

    #[test]
    fn a_browser_is_shown_a_page() {
        let response = response("http://a.example/<x>", &Error::not_found("no '<x>'"), Format::Html);
        assert_eq!((response.status, response.content_type), (404, Some("text/html; charset=utf-8")));
        let page = String::from_utf8(response.body.to_vec()).unwrap();
        assert!(page.contains("Resource not found. no") && !page.contains("<x>"), "{page}");
        assert!(response.headers.iter().any(|(name, _)| *name == "content-security-policy"));
    }

    #[test]
    fn no_error_makes_a_client_drop_an_edit() {
        let error = Error::bad_message(format!("Incorrect signature for Commit. {{\"{}\":1}}", term::PREVIOUS_COMMIT));
        assert!(text(&error).ends_with("{\"https://atomicdata.dev/properties/previous-commit\":1}"));
    }
}
