//! A request's head, as the rooms see it.

use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};
use quintet_core::http::Head;

/// Everything but the body, as plain data. Headers that are no text are left out.
pub(crate) fn head_of<B>(request: &Request<B>) -> Head {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), std::str::from_utf8(value.as_bytes()).ok()?.to_owned()))
    };
    Head {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().iter().filter_map(text).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_kept_as_it_was_sent() {
        let request = Request::post("http://example.org/a%20b?x=%2F")
            .header("X-One", "1")
            .header("x-bytes", &b"\xff"[..])
            .header("x-name", "Zoë")
            .body(())
            .unwrap();
        let head = head_of(&request);
        assert_eq!((head.method.as_str(), head.path.as_str(), head.query.as_str()), ("POST", "/a%20b", "x=%2F"));
        assert_eq!(head.headers, [("x-one".to_owned(), "1".to_owned()), ("x-name".to_owned(), "Zoë".to_owned())]);
    }
}
