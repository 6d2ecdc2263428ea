//! Single values of a payload.

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::value::RawValue;

use crate::Id;

/// A JSON string as text, borrowed where it has no escapes.
pub fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw.get()).ok().map(Cow::Owned) } else { Some(inner.into()) }
}

/// A whole number that fits.
pub fn whole<T: FromStr>(raw: &RawValue) -> Option<T> {
    raw.get().parse().ok()
}

/// A number that names something, or its digits as text.
pub fn id(raw: &RawValue) -> Option<Id> {
    text(raw).unwrap_or(Cow::Borrowed(raw.get())).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn texts_have_their_escapes_resolved() {
        for (json, expected) in [(r#""a""#, Some("a")), (r#""\u0061\n""#, Some("a\n")), ("7", None), ("null", None)] {
            assert_eq!(text(raw(json)).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn whole_numbers_fit() {
        for (json, expected) in [("255", Some(255)), ("256", None), ("-1", None), ("1.0", None), (r#""1""#, None)] {
            assert_eq!(whole::<u8>(raw(json)), expected, "{json}");
        }
    }

    #[test]
    fn ids_are_numbers_or_their_digits() {
        for (json, number) in [
            ("4097", Some(4097)),
            (r#""4097""#, Some(4097)),
            (r#""""#, None),
            ("-1", None),
            ("1.5", None),
            ("9e9", None),
            (r#""+7""#, None),
            (r#""x""#, None),
            ("{}", None),
        ] {
            assert_eq!(id(raw(json)).map(Id::get), number, "{json}");
        }
    }
}
