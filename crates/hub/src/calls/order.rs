//! Order: how documents that are not stored are matched and sorted, by the same rules as those that are.

use std::borrow::Cow;
use std::cmp::Ordering;

use quintet_core::document::Query;
use quintet_core::{Document, Properties};
use serde_json::Value;

/// Whether a document passes a query. Without a property its value must be a URL.
pub(super) fn has(properties: &Properties, query: &Query) -> bool {
    match (&query.property, &query.value) {
        (None, None) => true,
        (Some(property), None) => properties.contains_key(property),
        (Some(property), Some(value)) => properties.get(property).is_some_and(|held| holds(held, value)),
        (None, Some(value)) => value.starts_with("http") && properties.values().any(|held| holds(held, value)),
    }
}

/// Sorts by a property: numbers as numbers, before texts; what has none of it last, whatever the direction; ties by subject.
/// When a document was made is not known here, if it does not say so.
pub(super) fn sort(documents: &mut [Document], property: &str, descending: bool) {
    documents.sort_by(|one, other| {
        let keys = (key(one, property), key(other, property));
        let order = match keys {
            (Some(one), Some(other)) if descending => other.cmp_key(&one),
            (Some(one), Some(other)) => one.cmp_key(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        };
        order.then_with(|| one.subject.cmp(&other.subject))
    });
}

fn holds(held: &Value, value: &str) -> bool {
    let items = if let Value::Array(items) = held { items.as_slice() } else { std::slice::from_ref(held) };
    items.iter().filter_map(text).any(|text| text == value)
}

/// A scalar as text.
fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(_) | Value::Bool(_) => Some(Cow::Owned(value.to_string())),
        _ => None,
    }
}

/// By what a document is sorted.
enum Key<'a> {
    Number(f64),
    Text(Cow<'a, str>),
}

impl Key<'_> {
    fn cmp_key(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

fn key<'a>(document: &'a Document, property: &str) -> Option<Key<'a>> {
    let value = document.properties.get(property)?;
    value.as_f64().map(Key::Number).or_else(|| Some(Key::Text(text(value).unwrap_or_else(|| value.to_string().into()))))
}

#[cfg(test)]
mod tests {
    use quintet_core::{Subject, term};
    use serde_json::json;

    use super::*;

    fn document(path: &str, value: Option<Value>) -> Document {
        let subject = Subject::parse(&format!("http://a.example/{path}")).unwrap();
        let properties = value.map(|value| (term::NAME.to_owned(), value)).into_iter().collect();
        Document { subject, properties }
    }

    #[test]
    fn numbers_come_before_texts_and_what_has_none_comes_last() {
        let values = [
            ("a", None),
            ("b", Some(json!("x"))),
            ("c", Some(json!(10))),
            ("d", Some(json!(9))),
            ("e", Some(json!("x"))),
        ];
        let mut documents: Vec<_> = values.into_iter().map(|(path, value)| document(path, value)).collect();
        let order =
            |documents: &[Document]| documents.iter().map(|one| one.subject.path()[1..].to_owned()).collect::<String>();
        sort(&mut documents, term::NAME, false);
        assert_eq!(order(&documents), "dcbea");
        sort(&mut documents, term::NAME, true);
        assert_eq!(order(&documents), "becda");
    }

    #[test]
    fn values_match_scalars_and_items() {
        let properties = document("x", Some(json!(["http://a.example/y", 7, true]))).properties;
        let query = |property: Option<&str>, value: Option<&str>| Query {
            property: property.map(str::to_owned),
            value: value.map(str::to_owned),
            ..Query::default()
        };
        let table = [
            (None, None, true),
            (Some(term::NAME), None, true),
            (Some(term::PARENT), None, false),
            (Some(term::NAME), Some("7"), true),
            (Some(term::NAME), Some("true"), true),
            (Some(term::NAME), Some("8"), false),
            (None, Some("http://a.example/y"), true),
            (None, Some("7"), false),
        ];
        for (property, value, expected) in table {
            assert_eq!(has(&properties, &query(property, value)), expected, "{property:?} {value:?}");
        }
    }
}
