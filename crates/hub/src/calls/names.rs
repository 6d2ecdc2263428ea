//! Names and texts: what a text must be like before it is kept.

use quintet_core::{Error, Limits};

/// A name of something: not blank, in one line, of at most `limits.name_bytes`. `BadMessage` otherwise.
pub(super) fn check_name(what: &str, name: &str, limits: &Limits) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::bad_message(format!("the {what} is empty")));
    }
    if name.len() as u64 > limits.name_bytes {
        return Err(Error::bad_message(format!("the {what} is longer than {} bytes", limits.name_bytes)));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::bad_message(format!("the {what} has control characters in it")));
    }
    Ok(())
}

/// A text that may be anything but too long. `TooLarge` otherwise.
pub(super) fn check_size(what: &str, text: &str, bytes_max: u64) -> Result<(), Error> {
    if text.len() as u64 > bytes_max {
        return Err(Error::too_large(format!("the {what} is longer than {bytes_max} bytes")));
    }
    Ok(())
}

/// A text that says something. `BadMessage` if it is empty, `TooLarge` if it is too long.
pub(super) fn check_text(what: &str, text: &str, bytes_max: u64) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::bad_message(format!("the {what} is empty")));
    }
    check_size(what, text, bytes_max)
}

#[cfg(test)]
mod tests {
    use quintet_core::Kind;

    use super::*;

    #[test]
    fn names_are_short_lines_with_something_in_them() {
        let limits = Limits { name_bytes: 6, ..Limits::default() };
        let table = [
            ("ann", true),
            ("a b", true),
            ("ann@x", true),
            ("éééé", false),
            ("", false),
            (" \u{a0}", false),
            ("1234567", false),
            ("a\nb", false),
            ("a\0b", false),
            ("\u{9b}x", false),
        ];
        for (name, good) in table {
            assert_eq!(check_name("name", name, &limits).is_ok(), good, "{name:?}");
        }
    }

    #[test]
    fn texts_are_bounded_in_bytes() {
        assert!(check_text("chat", "éé", 4).is_ok());
        assert_eq!(check_text("chat", "ééa", 4).unwrap_err().kind(), Kind::TooLarge);
        assert_eq!(check_text("chat", "", 4).unwrap_err().kind(), Kind::BadMessage);
        assert!(check_size("description", "", 4).is_ok());
    }
}
