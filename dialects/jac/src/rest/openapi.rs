//! `GET /openapi.json`: the description of the walkers' paths, and of those of accounts (`OpenAPI` 3.1).

mod account;
mod operation;
mod schema;

use std::collections::BTreeMap;

use quintet_core::http::{Head, Response};
use serde_json::{Map, Value, json};

use self::schema::Components;
use super::not_allowed;
use crate::walker::{Routes, Walker, ways};

/// What is asked for at the path of the description.
pub(super) fn answer(head: &Head, routes: &Routes) -> Response {
    if !matches!(head.method.as_str(), "GET" | "HEAD") {
        return not_allowed("GET, HEAD");
    }
    let description = routes.description(|walkers| description(walkers).to_string());
    Response::json(200, description.as_bytes().to_vec())
}

/// The same walkers give the same text: paths, methods and schemas are sorted.
fn description(walkers: &[Walker]) -> Value {
    let mut components = Components::default();
    let mut paths: BTreeMap<String, BTreeMap<String, Value>> = account::paths().collect();
    for walker in walkers.iter().filter(|walker| shown(walker)) {
        for way in ways(walker) {
            // Of two walkers with one path and method the first is called, so the first is described.
            let operations = paths.entry(way.path()).or_default();
            for method in walker.http_methods() {
                let method = method.to_ascii_lowercase();
                operations
                    .entry(method)
                    .or_insert_with_key(|method| operation::of_walker(walker, &way, method, &mut components));
            }
        }
    }
    paths.retain(|_, operations| !operations.is_empty());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Quintet", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {
            "schemas": components.schemas(),
            "securitySchemes": {"HTTPBearer": {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn shown(walker: &Walker) -> bool {
    walker.dress("include_in_schema") != Some(&Value::Bool(false))
}

/// A JSON body with this schema.
fn json_content(schema: &Value) -> Value {
    json!({"application/json": {"schema": schema}})
}

/// An object's schema, from its fields' and the names of those that must be there.
fn object(properties: &Map<String, Value>, required: &[Value]) -> Value {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The answer to what does not validate.
fn invalid() -> Value {
    let schema = json!({"$ref": "#/components/schemas/HTTPValidationError"});
    json!({"description": "Validation Error", "content": json_content(&schema)})
}

#[cfg(test)]
mod tests;
