//! `Content-Disposition`: what a file is called when it is kept (RFC 6266).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in an extended value as it is (RFC 8187, section 3.2.1).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Shown in place. Old clients read the plain name, in which whatever is not plain is an underscore.
pub(super) fn inline(name: &str) -> String {
    let plain = |c: char| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | '/') { c } else { '_' };
    let fallback: String = name.chars().map(plain).collect();
    format!("inline; filename=\"{fallback}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_quotes() {
        for (name, expected) in [
            ("a b.png", "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"),
            ("é\"\r\nx: y\\%", "inline; filename=\"____x: y__\"; filename*=UTF-8''%C3%A9%22%0D%0Ax%3A%20y%5C%25"),
            ("", "inline; filename=\"\"; filename*=UTF-8''"),
        ] {
            assert_eq!(inline(name), expected, "{name:?}");
        }
    }
}
