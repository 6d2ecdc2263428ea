//! Names of files: their place among the documents, and what they seem to be.

/// How much of a file's name stands in its path.
const NAME_BYTES: usize = 128;

/// Media types by the end of a name.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("avif", "image/avif"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("ogg", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// The path of a file's document: `/files/<ms>-<name>`, with a hyphen for everything that a URL would have to escape.
pub(super) fn path(millis: i64, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let name: String = name.chars().map(plain).take(NAME_BYTES).collect();
    format!("/files/{millis}-{name}")
}

/// The media type that was given, or that the name's end tells.
pub(super) fn media_type(given: Option<&str>, name: &str) -> String {
    if let Some(given) = given.map(str::trim).filter(|given| is_media_type(given)) {
        return given.to_owned();
    }
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let known = MEDIA_TYPES.iter().find(|(known, _)| Some(*known) == end.as_deref());
    known.map_or("application/octet-stream", |(_, media_type)| media_type).to_owned()
}

/// Something that can stand in a header: `type/subtype`, with or without parameters.
fn is_media_type(text: &str) -> bool {
    let printable = text.len() <= 255 && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let essence = text.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    printable && essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_needs_no_escapes() {
        assert_eq!(path(7, "my photo (1).png"), "/files/7-my-photo--1-.png");
        assert_eq!(path(7, "../é/%2F?x#y"), "/files/7-..----2F-x-y");
        assert_eq!(path(7, &"a".repeat(500)).len(), "/files/7-".len() + NAME_BYTES);
    }

    #[test]
    fn a_media_type_is_given_or_guessed() {
        let table = [
            (Some("image/png"), "x.txt", "image/png"),
            (Some("text/plain; charset=utf-8"), "x", "text/plain; charset=utf-8"),
            (Some("text/plain\r\nx: y"), "x.PNG", "image/png"),
            (Some("nonsense"), "x.pdf", "application/pdf"),
            (Some("/"), "x", "application/octet-stream"),
            (None, "a.b.jpg", "image/jpeg"),
            (None, "jpg", "application/octet-stream"),
        ];
        for (given, name, expected) in table {
            assert_eq!(media_type(given, name), expected, "{given:?} {name}");
        }
    }
}
