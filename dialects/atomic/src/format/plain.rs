//! Plain JSON: short names as keys, `@id` kept.

use serde_json::{Map, Value};

use super::is_resource;
use super::names::Names;

/// A resource, and what is nested in it, with short names as keys.
pub(super) fn print(value: &Value, names: &Names) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| print(item, names)).collect(),
        Value::Object(object) if is_resource(object) => Value::Object(object_of(object, names)),
        other => other.clone(),
    }
}

/// The members of a resource.
pub(super) fn object_of(object: &Map<String, Value>, names: &Names) -> Map<String, Value> {
    object.iter().map(|(property, value)| (names.key(property).to_owned(), print(value, names))).collect()
}
