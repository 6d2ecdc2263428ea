//! What another house answers, as far as it is believed.

use http::{Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use quintet_core::Error;
use quintet_core::federation::Host;

/// `Forbidden` for whoever sends us elsewhere.
pub(super) fn refuse_redirect(host: &Host, status: StatusCode) -> Result<(), Error> {
    if status.is_redirection() {
        return Err(Error::forbidden(format!("{host} answers with a redirect, which is not followed")));
    }
    Ok(())
}

/// The media type, where it can be read.
pub(super) fn content_type<B>(response: &Response<B>) -> Option<String> {
    let value = response.headers().get(header::CONTENT_TYPE)?;
    value.to_str().ok().map(str::to_owned)
}

/// The headers whose values are texts.
pub(super) fn headers<B>(response: &Response<B>) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
    };
    response.headers().iter().filter_map(text).collect()
}

/// `Forbidden` for what is no JSON, or is packed though that was not asked for.
pub(super) fn must_be_plain_json<B>(host: &Host, response: &Response<B>) -> Result<(), Error> {
    if !content_type(response).is_some_and(|kind| is_json(&kind)) {
        return Err(Error::forbidden(format!("{host} answers with something that is not JSON")));
    }
    let is_packed = |value: &header::HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if response.headers().get_all(header::CONTENT_ENCODING).iter().any(is_packed) {
        return Err(Error::forbidden(format!("{host} packs its answer, which was not asked for")));
    }
    Ok(())
}

/// `application/json`, or what is JSON by its suffix (RFC 6839, section 3.1).
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// The body. `Forbidden` for more than `largest` bytes.
pub(super) async fn body(host: &Host, response: Response<Incoming>, largest: usize) -> Result<Vec<u8>, Error> {
    match Limited::new(response.into_body(), largest).collect().await {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Error::forbidden(format!("{host} answers with more than {largest} bytes")))
        }
        Err(error) => Err(Error::unavailable(format!("{host} broke off its answer")).because(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_media_type() {
        for kind in
            ["application/json", "Application/JSON; charset=utf-8", "application/jrd+json", "application/ld+json"]
        {
            assert!(is_json(kind), "{kind}");
        }
        for kind in ["", "text/html", "text/json", "application/jsonp", "application/json-seq", "text/x+json", "json"] {
            assert!(!is_json(kind), "{kind}");
        }
    }
}
