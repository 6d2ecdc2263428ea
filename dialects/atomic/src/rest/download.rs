//! `GET /download/…`: the bytes of a file (atomic-data.md, section 15.6).

use quintet_core::document::Download;
use quintet_core::http::{Head, Response, Step};
use quintet_core::{Answer, Call, Error, Origin, Subject};

use super::range::{self, Range};
use super::{ask, disposition, uncached, unexpected};
use crate::format::Format;
use crate::proof::request_url;
use crate::reading::{DOWNLOAD, Parameters};
use crate::refusal;

/// Of the image parameters only the width is followed: `f` and `q` ask for another encoding, and get the file's own.
pub(super) fn get(head: &Head, origin: &Origin) -> Result<Step, Error> {
    let path = head.path.strip_prefix(DOWNLOAD).unwrap_or_default();
    let file = Subject::at(origin, &format!("/{path}"));
    let call = Call::Download { file, width: width(&Parameters::parse(&head.query))? };
    // A client that has a part of another version wants the whole; there is nothing to tell versions by.
    let range = head.header("range").filter(|_| head.header("if-range").is_none()).map(str::to_owned);
    let url = request_url(head, origin);
    Ok(ask(head, origin, call, move |answer| match answer {
        Answer::Download(file) => Ok(send(*file, range.as_deref(), &url)),
        other => Err(unexpected(&other)),
    }))
}

fn width(parameters: &Parameters) -> Result<Option<u32>, Error> {
    let wrong = || Error::bad_message("w must be a whole number of pixels, 1 or more");
    match parameters.number("w").map_err(|_| wrong())? {
        None => Ok(None),
        Some(0) => Err(wrong()),
        Some(width) => u32::try_from(width).map(Some).map_err(|_| wrong()),
    }
}

fn send(file: Download, range: Option<&str>, url: &str) -> Response {
    let length = file.bytes.len();
    let (status, bytes, part) = match range::read(range, length) {
        Range::Whole => (200, file.bytes, None),
        Range::Part(part) => {
            let told = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            (206, file.bytes.slice(part), Some(told))
        }
        Range::Outside => {
            let error = Error::bad_message(format!("the range lies outside of the file's {length} bytes"));
            let refused = refusal::with_status(url, 416, &error, Format::JsonAd);
            return refused.with_header("content-range", format!("bytes */{length}"));
        }
    };
    let response = Response { status, content_type: None, headers: Vec::new(), body: bytes }
        .with_header("content-type", media_type(file.media_type))
        .with_header("content-disposition", disposition::inline(&file.name))
        .with_header("accept-ranges", "bytes")
        // Anybody may upload: browsers are not to guess a type, and what is shown is not to act.
        .with_header("x-content-type-options", "nosniff")
        .with_header("content-security-policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'");
    let response = uncached(response);
    match part {
        Some(part) => response.with_header("content-range", part),
        None => response,
    }
}

/// The type as its owner says, if it can stand in a header and is one. Of `multipart`, browsers would read the parts as documents of their own,
/// to which the headers above do not speak.
fn media_type(said: String) -> String {
    let essence = said.split(';').next().unwrap_or_default().trim();
    let is_token = |word: &str| !word.is_empty() && word.bytes().all(is_token_byte);
    let is_type = essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    let is_text = said.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_many = essence.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/"));
    if is_type && is_text && !is_many { said } else { "application/octet-stream".to_owned() }
}

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_a_type_or_unknown() {
        for (said, told) in [
            ("image/png", "image/png"),
            ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
            ("image/svg+xml", "image/svg+xml"),
            ("", "application/octet-stream"),
            ("png", "application/octet-stream"),
            ("a/b\r\nx: y", "application/octet-stream"),
            ("a/b; é", "application/octet-stream"),
            ("a b/c", "application/octet-stream"),
        ] {
            assert_eq!(media_type(said.to_owned()), told, "{said:?}");
        }
    }
}
