//! The schemas that others refer to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Schemas by name.
#[derive(Debug)]
pub(super) struct Components(BTreeMap<String, Value>);

/// Where a schema that stands alone keeps those that it refers to.
const LOCAL: &str = "#/$defs/";

impl Default for Components {
    /// Those of what does not validate.
    fn default() -> Self {
        let location = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
        let entry = json!({
            "type": "object",
            "properties": {
                "loc": {"type": "array", "items": location},
                "msg": {"type": "string"},
                "type": {"type": "string"},
            },
            "required": ["loc", "msg", "type"],
        });
        let items = json!({"$ref": "#/components/schemas/ValidationError"});
        let error = json!({"type": "object", "properties": {"detail": {"type": "array", "items": items}}});
        Self(BTreeMap::from([("ValidationError".into(), entry), ("HTTPValidationError".into(), error)]))
    }
}

impl Components {
    /// All of them, by name.
    pub(super) fn schemas(self) -> BTreeMap<String, Value> {
        self.0
    }

    /// The schema of a walker's field. What it keeps for itself (`$defs`) is moved to where this document keeps such things.
    pub(super) fn field(&mut self, walker: &str, name: &str, field: &Value) -> Value {
        let mut schema = field.get("schema").cloned().unwrap_or_else(|| json!({}));
        let prefix = format!("{}.{}.", plain(walker), plain(name));
        let kept = schema.as_object_mut().and_then(|schema| schema.remove("$defs"));
        for (name, mut definition) in kept.as_ref().and_then(Value::as_object).cloned().into_iter().flatten() {
            point(&mut definition, &prefix);
            self.0.insert(format!("{prefix}{}", plain(&name)), definition);
        }
        point(&mut schema, &prefix);
        schema
    }
}

/// Lets all references to kept schemas point to this document's.
fn point(value: &mut Value, prefix: &str) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        if let Some(name) = reference.strip_prefix(LOCAL) {
                            *reference = format!("#/components/schemas/{prefix}{}", plain(name));
                        }
                    }
                    value => point(value, prefix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, prefix)),
        _ => {}
    }
}

/// A name in the signs that `OpenAPI` allows (its section 4.8.7).
fn plain(name: &str) -> String {
    name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect()
}
