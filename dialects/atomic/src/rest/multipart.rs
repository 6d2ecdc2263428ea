//! `multipart/form-data` (RFC 7578), as browsers, Node and curl write it.
//!
//! Our own, as the whole body is at hand and bounded already: files are slices of it, and nothing is copied.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use quintet_core::Error;
use quintet_core::document::Upload;

/// Bytes of the headers of one part.
const HEADERS: usize = 8_192;

/// "Boundary delimiters … must be no longer than 70 characters" (RFC 2046, section 5.1.1).
const BOUNDARY: usize = 70;

/// The boundary that a `Content-Type` gives.
pub(super) fn boundary(content_type: &str) -> Result<String, Error> {
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(Error::bad_message("files are sent as multipart/form-data"));
    }
    let boundary = parameter(parameters, "boundary").unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if boundary.is_empty() || boundary.len() > BOUNDARY || !boundary.bytes().all(fits) || boundary.ends_with(' ') {
        return Err(Error::bad_message("the Content-Type of the request names no boundary of 1 to 70 characters"));
    }
    Ok(boundary.into_owned())
}

/// The parts that are files, in order. `BadMessage` for what is no such body, `TooLarge` for more parts than `most`.
pub(super) fn files(body: &Bytes, boundary: &str, most: usize) -> Result<Vec<Upload>, Error> {
    let delimiter = format!("\r\n--{boundary}");
    let mut files = Vec::new();
    let mut at = first(body, &delimiter)?;
    for _ in 0..=most {
        let Some(start) = at else { return Ok(files) };
        let headers = find(&body[start..body.len().min(start + HEADERS)], b"\r\n\r\n")
            .ok_or_else(|| wrong("a part has no end of its headers"))?;
        let part = Part::read(&body[start..start + headers])?;
        let content = start + headers + 4;
        let (end, next) = delimited(body, content, delimiter.as_bytes())?;
        files.extend(part.file(body.slice(content..end)));
        at = next;
    }
    Err(Error::too_large(format!("an upload has at most {most} parts")))
}

/// Where the first part's headers begin: at the body's first line. `None` if the body ends there.
fn first(body: &[u8], delimiter: &str) -> Result<Option<usize>, Error> {
    // Some begin with the line break that belongs to the delimiter.
    let skipped = if body.starts_with(b"\r\n") { 2 } else { 0 };
    let line = &delimiter.as_bytes()[2..];
    let after = body[skipped..].starts_with(line).then(|| after_delimiter(body, skipped + line.len())).flatten();
    after.ok_or_else(|| wrong("the body does not begin with its boundary"))
}

/// Where the content that begins here ends, and where the next part's headers begin.
fn delimited(body: &[u8], content: usize, delimiter: &[u8]) -> Result<(usize, Option<usize>), Error> {
    // The line break before a delimiter belongs to it, also where the content is empty.
    let mut from = content.saturating_sub(2);
    while let Some(found) = find(&body[from..], delimiter) {
        let end = from + found;
        if let Some(next) = after_delimiter(body, end + delimiter.len()) {
            return Ok((end.max(content), next));
        }
        // A line that merely begins like it.
        from = end + 1;
    }
    Err(wrong("a part has no end"))
}

/// Where a text that begins with a carriage return stands first. It is compared at each of those only: nothing is read over and over.
fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + bytes[from..].iter().position(|byte| *byte == b'\r')?;
        if bytes[at..].starts_with(text) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// What follows a delimiter: `Some(None)` at the end of all parts, `Some(Some(headers))` before a part, `None` where it was none.
#[expect(clippy::option_option, reason = "private, and each of the three is said once")]
fn after_delimiter(body: &[u8], at: usize) -> Option<Option<usize>> {
    let rest = &body[at..];
    if rest.starts_with(b"--") {
        return Some(None);
    }
    // "Transport padding" may follow (RFC 2046, section 5.1.1).
    let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    rest[padding..].starts_with(b"\r\n").then_some(Some(at + padding + 2))
}

/// What the headers of a part say.
#[derive(Default)]
struct Part {
    filename: Option<String>,
    media_type: Option<String>,
}

impl Part {
    fn read(headers: &[u8]) -> Result<Self, Error> {
        let headers = std::str::from_utf8(headers).map_err(|_| wrong("the headers of a part are no UTF-8"))?;
        let mut part = Self::default();
        let mut is_form_data = false;
        for line in headers.split("\r\n") {
            let (name, value) = line.split_once(':').ok_or_else(|| wrong("a header of a part has no colon"))?;
            match name.trim_end().to_ascii_lowercase().as_str() {
                "content-disposition" => {
                    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
                    is_form_data = kind.trim().eq_ignore_ascii_case("form-data");
                    part.filename = filename(parameters);
                }
                "content-type" => part.media_type = media_type(value),
                "content-transfer-encoding" if !is_plain(value) => {
                    return Err(wrong("a part is encoded: send its bytes as they are"));
                }
                _ => {}
            }
        }
        if is_form_data { Ok(part) } else { Err(wrong("a part has no Content-Disposition: form-data")) }
    }

    /// A part without a filename is a field; browsers send an empty one where no file was chosen.
    fn file(self, bytes: Bytes) -> Option<Upload> {
        let name = self.filename.filter(|name| !name.is_empty())?;
        Some(Upload { name, media_type: self.media_type, bytes })
    }
}

fn is_plain(encoding: &str) -> bool {
    ["binary", "8bit", "7bit"].iter().any(|plain| encoding.trim().eq_ignore_ascii_case(plain))
}

/// `application/octet-stream` says nothing.
fn media_type(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty() && !value.eq_ignore_ascii_case("application/octet-stream")).then(|| value.to_owned())
}

/// The file's name, without the folders that some clients put before it. `filename*` only where there is no other: RFC 7578 forbids it.
fn filename(parameters: &str) -> Option<String> {
    let plain = parameter(parameters, "filename").map(|name| unescaped(&name));
    let name = plain.or_else(|| {
        let extended = parameter(parameters, "filename*")?;
        let (charset, rest) = extended.split_once('\'')?;
        let (_, name) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| percent_decode_str(name).decode_utf8_lossy().into_owned())
    })?;
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    Some(name.chars().filter(|c| !c.is_control()).collect())
}

/// What browsers escape in a quoted name (the HTML standard, "multipart form data"), and curl before 7.81.
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n").replace("\\\"", "\"")
}

/// A parameter `name=value` or `name="value"`, as it is written. Its name's letter case does not count.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut rest = parameters;
    while !rest.trim_start_matches([' ', '\t', ';']).is_empty() {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        let (key, after) = rest.split_once('=')?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted)?,
            None => after.split_once(';').map_or((after.trim_end(), ""), |(value, next)| (value.trim_end(), next)),
        };
        if key.trim_end().eq_ignore_ascii_case(name) {
            return Some(Cow::Borrowed(value));
        }
        rest = next;
    }
    None
}

/// A quoted value ends at a quote before `;` or the end: browsers leave a backslash as it is, so that it escapes nothing for certain.
fn quoted_value(quoted: &str) -> Option<(&str, &str)> {
    quoted.match_indices('"').find_map(|(at, _)| {
        let next = quoted[at + 1..].trim_start_matches([' ', '\t']);
        (next.is_empty() || next.starts_with(';')).then_some((&quoted[..at], next))
    })
}

fn wrong(why: &str) -> Error {
    Error::bad_message(format!("the multipart body cannot be read: {why}"))
}

#[cfg(test)]
mod tests;
