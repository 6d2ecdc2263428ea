//! Datatypes (atomic-data.md, section 13).

use serde_json::Value;

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Datatype {
    /// A URL that begins with `http` or `local:`, or a nested object.
    AtomicUrl,
    /// An array of URLs and objects.
    ResourceArray,
    /// Any text.
    String,
    /// Any text, formatted.
    Markdown,
    /// Lower-case words with hyphens between.
    Slug,
    /// A whole number of 64 bits.
    Integer,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// Milliseconds since the epoch.
    Timestamp,
    /// Any value: that of `uri`, and of whatever datatype is not known.
    Unchecked,
}

/// Those that are checked, with their URLs.
const DATATYPES: [(Datatype, &str); 10] = [
    (Datatype::AtomicUrl, "https://atomicdata.dev/datatypes/atomicURL"),
    (Datatype::ResourceArray, "https://atomicdata.dev/datatypes/resourceArray"),
    (Datatype::String, "https://atomicdata.dev/datatypes/string"),
    (Datatype::Markdown, "https://atomicdata.dev/datatypes/markdown"),
    (Datatype::Slug, "https://atomicdata.dev/datatypes/slug"),
    (Datatype::Integer, "https://atomicdata.dev/datatypes/integer"),
    (Datatype::Float, "https://atomicdata.dev/datatypes/float"),
    (Datatype::Boolean, "https://atomicdata.dev/datatypes/boolean"),
    (Datatype::Date, "https://atomicdata.dev/datatypes/date"),
    (Datatype::Timestamp, "https://atomicdata.dev/datatypes/timestamp"),
];

impl Datatype {
    /// The datatype with this URL; [`Datatype::Unchecked`] for one that is not known.
    pub fn of_url(url: &str) -> Self {
        DATATYPES.iter().find(|(_, named)| *named == url).map_or(Self::Unchecked, |(datatype, _)| *datatype)
    }

    /// Its URL; `None` for [`Datatype::Unchecked`].
    pub fn url(self) -> Option<&'static str> {
        DATATYPES.iter().find(|(datatype, _)| *datatype == self).map(|(_, url)| *url)
    }

    /// Why a value is none of this datatype, in a few words.
    pub fn check(self, value: &Value) -> Result<(), String> {
        if let (Self::ResourceArray, Value::Array(items)) = (self, value) {
            return items.iter().try_for_each(check_item);
        }
        let wrong = || format!("{} where {} is expected", kind(value), self.expected());
        self.takes(value).then_some(()).ok_or_else(wrong)
    }

    fn takes(self, value: &Value) -> bool {
        match self {
            Self::AtomicUrl => value.is_object() || value.as_str().is_some_and(is_url),
            Self::ResourceArray => value.is_array(),
            Self::String | Self::Markdown => value.is_string(),
            Self::Slug => value.as_str().is_some_and(is_slug),
            Self::Integer | Self::Timestamp => value.is_i64(),
            Self::Float => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Date => value.as_str().is_some_and(is_date),
            Self::Unchecked => true,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::AtomicUrl => "a URL that begins with http, or a nested resource,",
            Self::ResourceArray => "an array of URLs",
            Self::String | Self::Markdown => "a string",
            Self::Slug => "a slug (lower-case letters and digits, with single hyphens between)",
            Self::Integer => "an integer of 64 bits",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date (YYYY-MM-DD)",
            Self::Timestamp => "a timestamp (milliseconds, an integer)",
            Self::Unchecked => "anything",
        }
    }
}

fn check_item(item: &Value) -> Result<(), String> {
    let wrong = || format!("{} in an array that takes only URLs and nested resources", kind(item));
    Datatype::AtomicUrl.takes(item).then_some(()).ok_or_else(wrong)
}

/// What a value is, for the peer. Texts are not repeated: they may be long.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("http") || text.starts_with("local:")
}

/// `^[a-z0-9]+(?:-[a-z0-9]+)*$`
fn is_slug(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(is_word)
}

/// `YYYY-MM-DD`, month 01 to 12 and day 01 to 31, whatever the month.
fn is_date(text: &str) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return false };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    digits.iter().all(u8::is_ascii_digit)
        && (*b"01"..=*b"12").contains(&[m1, m2])
        && (*b"01"..=*b"31").contains(&[d1, d2])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A datatype, what it takes and what it does not.
    fn table() -> Vec<(Datatype, Vec<Value>, Vec<Value>)> {
        let url = "http://a.example/x";
        let texts = || vec![json!(""), json!("Café 😀\n"), json!(url)];
        let no_texts = || vec![json!(null), json!(1), json!(true), json!([]), json!({})];
        vec![
            (
                Datatype::AtomicUrl,
                vec![json!(url), json!("https://a.example"), json!("local:x"), json!({}), json!({ "@id": url })],
                vec![json!(null), json!(""), json!("x"), json!("ftp://a.example"), json!(7), json!([url]), json!(true)],
            ),
            (
                Datatype::ResourceArray,
                vec![json!([]), json!([url, { "@id": url }, {}]), json!(["local:x"])],
                vec![json!(null), json!(url), json!({}), json!([1]), json!([null]), json!(["x"]), json!([url, [url]])],
            ),
            (Datatype::String, texts(), no_texts()),
            (Datatype::Markdown, texts(), no_texts()),
            (
                Datatype::Slug,
                vec![json!("a"), json!("is-a"), json!("7"), json!("a1-b2-c3")],
                vec![
                    json!(""),
                    json!("A"),
                    json!("-a"),
                    json!("a-"),
                    json!("a--b"),
                    json!("a_b"),
                    json!("é"),
                    json!(7),
                    json!("a\n"),
                ],
            ),
            (
                Datatype::Integer,
                vec![json!(0), json!(-7), json!(i64::MAX), json!(i64::MIN), json!(9_007_199_254_740_993_i64)],
                vec![json!(0.5), json!(1e21), json!(u64::MAX), json!("7"), json!(null), json!(true), json!([7])],
            ),
            (
                Datatype::Float,
                vec![json!(0.1), json!(1e21), json!(7), json!(-7.5), json!(u64::MAX)],
                vec![json!("0.1"), json!(null), json!(false), json!([0.1]), json!({})],
            ),
            (Datatype::Boolean, vec![json!(true), json!(false)], vec![json!(0), json!("true"), json!(null), json!([])]),
            (
                Datatype::Date,
                vec![json!("2024-01-01"), json!("2023-12-31"), json!("2023-02-31"), json!("0000-10-20")],
                vec![
                    json!("2024-00-01"),
                    json!("2024-13-01"),
                    json!("2024-01-00"),
                    json!("2024-01-32"),
                    json!("2024-1-1"),
                    json!("24-01-01"),
                    json!("2024/01/01"),
                    json!("2024-01-01T00:00:00Z"),
                    json!("2024-0:-01"),
                    json!("２０-01-01"),
                    json!(20_240_101),
                ],
            ),
            (
                Datatype::Timestamp,
                vec![json!(0), json!(1_700_000_000_000_i64)],
                vec![json!(1.5), json!("2024-01-01"), json!(null), json!({})],
            ),
            (Datatype::Unchecked, vec![json!("urn:x:y"), json!(7), json!([1]), json!({})], vec![]),
        ]
    }

    #[test]
    fn each_takes_its_own_values() {
        for (datatype, good, bad) in table() {
            for value in good {
                assert_eq!(datatype.check(&value), Ok(()), "{datatype:?} {value}");
            }
            for value in bad {
                assert!(datatype.check(&value).is_err(), "{datatype:?} {value}");
            }
        }
    }

    #[test]
    fn each_has_one_url() {
        for (datatype, _, _) in table() {
            match datatype.url() {
                Some(url) => assert_eq!(Datatype::of_url(url), datatype),
                None => assert_eq!(datatype, Datatype::Unchecked),
            }
        }
        for url in ["https://atomicdata.dev/datatypes/uri", "http://a.example/colour", ""] {
            assert_eq!(Datatype::of_url(url), Datatype::Unchecked, "{url}");
        }
    }

    #[test]
    fn a_reason_says_what_is_wrong() {
        let why = Datatype::ResourceArray.check(&json!(["http://a.example", 7])).unwrap_err();
        assert_eq!(why, "a number in an array that takes only URLs and nested resources");
        assert_eq!(Datatype::Boolean.check(&json!("yes")).unwrap_err(), "a string where true or false is expected");
    }
}
