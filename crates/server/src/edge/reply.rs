//! A room's response, as it goes over the wire.

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};
use quintet_core::http;

use super::content::Content;

/// What the edge answers with.
pub(crate) type Reply = Response<Content>;

/// From a room's plain data. A header that cannot be written is left out; a status that does not exist is our fault.
pub(crate) fn from_plain(plain: http::Response) -> Reply {
    let mut reply = Response::new(Content::from(plain.body));
    *reply.status_mut() = StatusCode::from_u16(plain.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    if let Some(kind) = plain.content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in plain.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    // Keeps browsers from taking an uploaded image for a page.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_keeps_its_headers() {
        let plain = http::Response::json(201, "{}").with_header("x-one", "1").with_header("x-bad", "a\nb");
        let reply = from_plain(plain);
        assert_eq!(reply.status(), 201);
        assert_eq!(reply.headers()["content-type"], "application/json");
        assert_eq!(reply.headers()["x-one"], "1");
        assert_eq!(reply.headers()["x-content-type-options"], "nosniff");
        assert!(!reply.headers().contains_key("x-bad"));
    }
}
