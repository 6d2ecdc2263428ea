//! Payloads as types: what is wrong is told with the field's name.

use quintet_core::Error;
use quintet_core::error::FieldError;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};

/// What stands for the payload as a whole in complaints.
const WHOLE: &str = "payload";

/// Reads a payload; `BadMessage` that names the first field that is wrong.
pub(super) fn read<T: DeserializeOwned>(payload: &RawValue) -> Result<T, Error> {
    let mut json = serde_json::Deserializer::from_str(payload.get());
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let missing = payload.get() == "null";
        let wrong = if missing { FieldError::required(WHOLE) } else { wrong(error.path(), &error.inner().to_string()) };
        Error::invalid(vec![wrong])
    })
}

/// The complaint about one field. The value itself is never shown: it may be a secret.
fn wrong(path: &Path, message: &str) -> FieldError {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(name) = quoted(message, "missing field ") {
        return FieldError::required(&dotted(path, Some(name)));
    }
    let field = dotted(path, None);
    if message.starts_with("unknown variant ") {
        let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
        let choices: Vec<_> = expected.split('`').skip(1).step_by(2).collect();
        return FieldError::one_of(&field, &choices);
    }
    if message.starts_with("unknown field ") {
        return FieldError::failed(&field, "known-field");
    }
    let typed = ["invalid type: ", "invalid value: ", "invalid length "].iter().any(|start| message.starts_with(start));
    let expected = message.rsplit_once(", expected ").filter(|_| typed).map_or("format", |(_, expected)| expected);
    let fits = !message.starts_with("invalid value: integer ");
    FieldError::failed(&field, rule(expected, fits))
}

/// What was expected, in the words of [`quintet_core::payload`]: callers know nothing of the types of Rust. `fits` is false for a whole number
/// that is too small or too large.
fn rule(expected: &str, fits: bool) -> &str {
    let number =
        expected.strip_prefix(['i', 'u']).is_some_and(|bits| matches!(bits, "8" | "16" | "32" | "64" | "128" | "size"));
    match expected {
        _ if number && !fits => "range",
        _ if number => "whole-number",
        "f32" | "f64" => "number",
        "a string" | "a borrowed string" => "text",
        "a boolean" => "boolean",
        "a sequence" => "array",
        "a map" => "object",
        // The types behind these words have names that are nobody else's business.
        _ if expected.starts_with("struct ") => "object",
        _ if expected.starts_with("tuple struct ") || expected.starts_with("tuple variant ") => "array",
        _ if ["enum ", "unit ", "newtype "].iter().any(|start| expected.starts_with(start)) => "format",
        _ => expected,
    }
}

/// The name in back-quotes behind these words.
fn quoted<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    message.strip_prefix(words)?.strip_prefix('`')?.strip_suffix('`')
}

/// A path, joined by dots, perhaps with one more name at its end.
fn dotted(path: &Path, last: Option<&str>) -> String {
    let names = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    });
    let names: Vec<_> = names.chain(last.map(str::to_owned)).collect();
    if names.is_empty() { WHOLE.to_owned() } else { names.join(".") }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "it is only read")]
    struct Order {
        item_name: String,
        count: u8,
        size: Size,
        #[serde(default)]
        parts: Vec<Part>,
        #[serde(default)]
        at: Option<std::net::IpAddr>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Part {
        id: u64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Large,
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let good = r#""itemName":"x","count":1,"size":"small""#;
        let table = [
            ("null".to_owned(), "payload", "payload is required"),
            ("[]".to_owned(), "payload", "payload failed for object"),
            ("3".to_owned(), "payload", "payload failed for object"),
            (r#"{"count":1,"size":"small"}"#.to_owned(), "itemName", "itemName is required"),
            (r#"{"itemName":7,"count":1}"#.to_owned(), "itemName", "itemName failed for text"),
            (r#"{"itemName":"x","count":300}"#.to_owned(), "count", "count failed for range"),
            (r#"{"itemName":"x","count":"a, expected b"}"#.to_owned(), "count", "count failed for whole-number"),
            (r#"{"size":"huge"}"#.to_owned(), "size", "size must be one of small,large"),
            (r#"{"size":"x`, expected `y"}"#.to_owned(), "size", "size must be one of small,large"),
            (format!(r#"{{{good},"parts":[{{"id":1}},{{}}]}}"#), "parts.1.id", "parts.1.id is required"),
            (format!(r#"{{{good},"parts":[{{"id":-1}}]}}"#), "parts.0.id", "parts.0.id failed for range"),
            (format!(r#"{{{good},"parts":{{}}}}"#), "parts", "parts failed for array"),
            (format!(r#"{{{good},"parts":[{{"id":1.5}}]}}"#), "parts.0.id", "parts.0.id failed for whole-number"),
            (r#"{"size":7}"#.to_owned(), "size", "size failed for format"),
            (format!(r#"{{{good},"at":"secret"}}"#), "at", "at failed for format"),
            (format!(r#"{{{good},"more":1}}"#), "more", "more failed for known-field"),
        ];
        for (json, field, text) in table {
            let raw = RawValue::from_string(json.clone()).unwrap();
            let error = read::<Order>(&raw).unwrap_err();
            let told = FieldError { field: field.to_owned(), error: text.to_owned() };
            assert_eq!((error.status(), error.fields()), (400, &[told][..]), "{json}");
        }
        let raw = RawValue::from_string(format!("{{{good}}}")).unwrap();
        assert_eq!(read::<Order>(&raw).unwrap().count, 1);
    }
}
