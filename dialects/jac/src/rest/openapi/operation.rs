//! The description of one method at one path of a walker.

use serde_json::{Map, Value, json};

use super::schema::Components;
use super::{invalid, json_content, object};
use crate::walker::{Place, Template, Walker};

/// What is said of it, dressed as its `__specs__` want.
pub(super) fn of_walker(walker: &Walker, way: &Template, method: &str, components: &mut Components) -> Value {
    let mut operation = json!({
        "tags": dressed(walker, "tags", || json!(["Walker APIs"])),
        "summary": dressed(walker, "summary", || json!(&**walker.name())),
        "operationId": id(&way.path(), method),
    });
    let described = || walker.description().map(|text| json!(text));
    if let Some(description) = walker.dress("description").cloned().or_else(described) {
        operation["description"] = description;
    }
    let parameters = parameters(walker, way, components);
    let body = body(walker, way, components);
    operation["responses"] = responses(walker, !parameters.is_empty() || body.is_some());
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = body {
        operation["requestBody"] = body;
    }
    if walker.needs_user() {
        operation["security"] = json!([{"HTTPBearer": []}]);
    }
    if let Some(deprecated) = walker.dress("deprecated") {
        operation["deprecated"] = deprecated.clone();
    }
    if let Some(extra) = walker.dress("openapi_extra") {
        merge(&mut operation, extra);
    }
    operation
}

fn dressed(walker: &Walker, key: &str, otherwise: impl FnOnce() -> Value) -> Value {
    walker.dress(key).cloned().unwrap_or_else(otherwise)
}

/// The path in letters, digits and underscores, and the method: unique, as the two are.
fn id(path: &str, method: &str) -> String {
    let path = path.trim_start_matches('/');
    let letters = path.chars().map(|sign| if sign.is_alphanumeric() { sign } else { '_' });
    format!("{}_{method}", letters.collect::<String>())
}

fn parameters(walker: &Walker, way: &Template, components: &mut Components) -> Vec<Value> {
    let schema_of = |name: &str, components: &mut Components| {
        let field = walker.fields().and_then(|fields| fields.get(name));
        field.map_or_else(|| json!({"type": "string"}), |field| components.field(walker.name(), name, field))
    };
    let mut parameters = Vec::new();
    for name in way.variables() {
        let schema = schema_of(name, components);
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    if way.has_node() {
        parameters.push(json!({"name": "node", "in": "path", "required": true, "schema": {"type": "string"}}));
    }
    for (name, field) in walker.fields_from(way, Place::Query) {
        let schema = components.field(walker.name(), name, field);
        parameters.push(json!({"name": name, "in": "query", "required": is_required(field), "schema": schema}));
    }
    parameters
}

/// A body is wanted where some field comes from it; where the fields are not known, there may be one.
fn body(walker: &Walker, way: &Template, components: &mut Components) -> Option<Value> {
    if walker.fields().is_none() {
        return Some(json!({"content": json_content(&json!({"type": "object"}))}));
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, field) in walker.fields_from(way, Place::Body) {
        properties.insert(name.clone(), components.field(walker.name(), name, field));
        if is_required(field) {
            required.push(json!(name));
        }
    }
    if properties.is_empty() {
        return None;
    }
    Some(json!({"required": true, "content": json_content(&object(&properties, &required))}))
}

fn is_required(field: &Value) -> bool {
    field.get("required").and_then(Value::as_bool).unwrap_or(false)
}

fn responses(walker: &Walker, validates: bool) -> Value {
    let status = walker.dress("status_code").and_then(Value::as_u64).unwrap_or(200).to_string();
    let description = dressed(walker, "response_description", || json!("Successful Response"));
    let mut responses = json!({status: {"description": description, "content": json_content(&json!({}))}});
    if validates {
        responses["422"] = invalid();
    }
    if let Some(further) = walker.dress("responses") {
        merge(&mut responses, further);
    }
    responses
}

/// Writes the members of an object over those of another, at any depth.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
