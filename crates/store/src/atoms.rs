//! Atoms: by what documents are found, as stable 64-bit hashes.
//!
//! A document has one for each property, for each property with a value, and for each URL that is a value. Different things may share an
//! atom, so what is found by one is looked at before it counts ([`has`]).

use std::borrow::Cow;

use quintet_core::document::Properties;
use quintet_core::term;
use serde_json::Value;

/// Bytes of a value that count; longer ones that begin alike share their atom.
const VALUE_BYTES: usize = 1_024;

/// Every atom of a document, in order, each once.
pub(crate) fn of(properties: &Properties) -> Vec<i64> {
    let mut atoms = Vec::with_capacity(properties.len() * 3);
    for (property, value) in properties {
        atoms.push(of_property(property));
        // It is another one after each commit, and nobody looks for it.
        if property != term::LAST_COMMIT {
            for text in texts(value) {
                atoms.push(of_pair(property, &text));
                atoms.extend(is_url(&text).then(|| of_url(&text)));
            }
        }
    }
    atoms.sort_unstable();
    atoms.dedup();
    atoms
}

/// The atoms that find all documents with a property, a value of it, or a URL anywhere. `None` where there is no condition.
///
/// An empty list finds nothing.
pub(crate) fn wanted(property: Option<&str>, value: Option<&str>) -> Option<Vec<i64>> {
    Some(match (property, value) {
        (None, None) => return None,
        (Some(property), Some(value)) if property != term::LAST_COMMIT => vec![of_pair(property, value)],
        (Some(property), _) => vec![of_property(property)],
        (None, Some(value)) if is_url(value) => vec![of_url(value)],
        (None, Some(_)) => Vec::new(),
    })
}

/// Whether a document has a property, a value of it, or a URL anywhere but in its last commit.
pub(crate) fn has(properties: &Properties, property: Option<&str>, value: Option<&str>) -> bool {
    match (property, value) {
        (None, None) => true,
        (Some(property), None) => properties.contains_key(property),
        (Some(property), Some(value)) => properties.get(property).is_some_and(|held| holds(held, value)),
        (None, Some(value)) => {
            is_url(value) && properties.iter().any(|(name, held)| name != term::LAST_COMMIT && holds(held, value))
        }
    }
}

/// What of two ordered lists is in the first only, and in the second only.
pub(crate) fn difference(old: &[i64], new: &[i64]) -> (Vec<i64>, Vec<i64>) {
    let only = |these: &[i64], others: &[i64]| -> Vec<i64> {
        these.iter().filter(|atom| others.binary_search(atom).is_err()).copied().collect()
    };
    (only(old, new), only(new, old))
}

fn holds(held: &Value, value: &str) -> bool {
    texts(held).any(|text| text == value)
}

/// A scalar, or the scalars among the items of an array, as texts.
fn texts(value: &Value) -> impl Iterator<Item = Cow<'_, str>> {
    let items = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
    items.iter().filter_map(|item| match item {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Number(_) | Value::Bool(_) => Some(Cow::Owned(item.to_string())),
        _ => None,
    })
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn of_property(property: &str) -> i64 {
    hash(&[b"p", property.as_bytes()])
}

fn of_pair(property: &str, value: &str) -> i64 {
    hash(&[b"v", property.as_bytes(), &[0], beginning(value)])
}

fn of_url(url: &str) -> i64 {
    hash(&[b"u", beginning(url)])
}

fn beginning(value: &str) -> &[u8] {
    &value.as_bytes()[..value.len().min(VALUE_BYTES)]
}

/// FNV-1a. It stands in databases: never change it without a migration.
fn hash(parts: &[&[u8]]) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().copied().flatten() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(value: Value) -> Properties {
        match value {
            Value::Object(properties) => properties,
            _ => Properties::new(),
        }
    }

    #[test]
    fn hashes_are_those_of_databases_that_exist() {
        // The published test vectors of FNV-1a.
        assert_eq!(hash(&[b""]).cast_unsigned(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(&[b"foo", b"bar"]).cast_unsigned(), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn every_way_to_look_leads_to_an_atom() {
        let long = "x".repeat(VALUE_BYTES + 9);
        let document = properties(json!({
            "https://p.example/n": 7,
            "https://p.example/list": ["a", true, { "nested": "b" }, "http://u.example/x"],
            "https://p.example/long": long,
            term::LAST_COMMIT: "http://a.example/commits/x",
        }));
        let atoms = of(&document);
        let table = [
            (Some("https://p.example/n"), None, true),
            (Some("https://p.example/n"), Some("7"), true),
            (Some("https://p.example/list"), Some("true"), true),
            (Some("https://p.example/list"), Some("b"), false),
            (Some("https://p.example/long"), Some(long.as_str()), true),
            (None, Some("http://u.example/x"), true),
            (None, Some("a"), false),
            (None, Some("http://a.example/commits/x"), false),
            (Some(term::LAST_COMMIT), Some("http://a.example/commits/x"), true),
            (Some("https://p.example/other"), None, false),
        ];
        for (property, value, expected) in table {
            assert_eq!(has(&document, property, value), expected, "{property:?} {value:?}");
            let found = wanted(property, value).unwrap().iter().any(|atom| atoms.binary_search(atom).is_ok());
            assert_eq!(found, expected, "{property:?} {value:?}");
        }
        assert!(!has(&document, Some("https://p.example/long"), Some(&"x".repeat(VALUE_BYTES + 8))));
        assert_eq!(wanted(None, None), None);
    }

    #[test]
    fn only_what_differs_is_written() {
        assert_eq!(difference(&[1, 2, 4], &[2, 3]), (vec![1, 4], vec![3]));
        assert_eq!(difference(&[], &[]), (vec![], vec![]));
    }
}
