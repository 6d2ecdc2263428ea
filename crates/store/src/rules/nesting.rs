//! What may stand within the values of a commit. `@tomic/lib` throws at anything else, for every listener and every reader.

use quintet_core::Commit;
use quintet_core::error::Error;
use serde_json::Value;

/// `BadMessage` for an array of anything but texts and objects (atomic-data.md, section 13), or an object that is no JSON-AD, at any depth.
pub(super) fn check(commit: &Commit) -> Result<(), Error> {
    commit.set.iter().chain(&commit.push).try_for_each(|(property, value)| {
        check_value(value)
            .map_err(|why| Error::bad_message(format!("Property {property} does not take this value: {why}")))
    })
}

fn check_value(value: &Value) -> Result<(), &'static str> {
    match value {
        Value::Array(items) if !items.iter().all(|item| item.is_string() || item.is_object()) => {
            Err("an array takes only URLs and nested resources")
        }
        Value::Array(items) => items.iter().try_for_each(check_value),
        Value::Object(members) if members.get("@id").is_some_and(|id| !id.is_string()) => {
            Err("the @id of a nested resource must be a string")
        }
        // Clients in JavaScript would not know it for an object.
        Value::Object(members) if members.contains_key("constructor") => {
            Err("no member of a nested resource can be called constructor")
        }
        Value::Object(members) => members.values().try_for_each(check_value),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_such_as_clients_can_parse() {
        let good = [
            json!(7),
            json!("x"),
            json!({ "a": 7, "b": { "c": true } }),
            json!([]),
            json!(["x", { "@id": "http://a.example", "a": ["y", {}] }]),
        ];
        for value in good {
            assert_eq!(check_value(&value), Ok(()), "{value}");
        }
        let bad = [
            json!([7]),
            json!(["x", true]),
            json!([[]]),
            json!({ "a": [7] }),
            json!([{ "a": { "b": ["x", ["y"]] } }]),
            json!({ "@id": 7 }),
            json!([{ "@id": {} }]),
            json!({ "a": { "constructor": "x" } }),
        ];
        for value in bad {
            assert!(check_value(&value).is_err(), "{value}");
        }
    }
}
