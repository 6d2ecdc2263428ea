//! `GET /docs`: a page that shows the description. It loads nothing from elsewhere.

use quintet_core::http::{Head, Response};

use super::not_allowed;

const PAGE: &str = include_str!("docs.html");

/// Only this server is talked to, and what the page shows is never markup.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is asked for at the path of the page.
pub(super) fn answer(head: &Head) -> Response {
    if !matches!(head.method.as_str(), "GET" | "HEAD") {
        return not_allowed("GET, HEAD");
    }
    let page = Response { content_type: Some("text/html; charset=utf-8"), ..Response::json(200, PAGE) };
    page.with_header("content-security-policy", POLICY)
}
