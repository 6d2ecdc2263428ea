//! Texts: the words in a document's values, by which it is looked for.
//!
//! URLs are references, not words: a word of an address would find every document of a class, or below a parent.

use quintet_core::Properties;
use serde_json::Value;

/// Every text in a document, at any depth.
pub(crate) fn of(properties: &Properties) -> Vec<&str> {
    let mut texts = Vec::new();
    properties.values().for_each(|value| gather(value, &mut texts));
    texts
}

/// Whether there is any text in a value.
pub(crate) fn has_any(value: &Value) -> bool {
    match value {
        Value::String(text) => !is_url(text),
        Value::Array(items) => items.iter().any(has_any),
        Value::Object(members) => members.values().any(has_any),
        _ => false,
    }
}

fn gather<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if !is_url(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(members) => members.values().for_each(|member| gather(member, texts)),
        _ => {}
    }
}

fn is_url(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_gathered_at_any_depth_without_addresses() {
        let Value::Object(properties) = json!({
            "https://p.example/a": "one",
            "https://p.example/b": ["two", 7, { "c": "three", "d": "https://u.example/four" }],
            "https://p.example/e": "https://u.example/five",
            "https://p.example/f": "https://u.example is down",
        }) else {
            unreachable!()
        };
        assert_eq!(of(&properties), ["one", "two", "three", "https://u.example is down"]);
        let with_texts: Vec<_> = properties.values().map(has_any).collect();
        assert_eq!(with_texts, [true, true, false, true]);
    }
}
