//! The description of some walkers.

use super::*;
use crate::walker::tests::walker;

fn described(walkers: &[(&str, Value)]) -> Value {
    description(&walkers.iter().map(|(name, spec)| walker(name, spec)).collect::<Vec<_>>())
}

fn field(required: bool, schema: &Value) -> Value {
    json!({"required": required, "schema": schema})
}

#[test]
fn a_walker_has_an_operation_for_each_path_and_method() {
    let told = described(&[
        (
            "roll",
            json!({"fields": {"sides": field(true, &json!({"type": "integer"})), "n": field(false, &json!({"default": 1}))}}),
        ),
        (
            "read",
            json!({"methods": ["get", "websocket", "put"], "entry_type": "ROOT", "auth": false, "path": "by/{x}", "fields": {}}),
        ),
        ("live", json!({"methods": ["websocket"]})),
        ("bare", json!({"path": "/bare", "entry_type": "NODE", "openapi": {"include_in_schema": false}})),
    ]);
    let mut operations = Vec::new();
    for (path, methods) in told["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            operations.push(format!("{method} {path}"));
        }
    }
    let wanted = [
        "post /user/change_password",
        "post /user/forgot_password",
        "post /user/login",
        "post /user/register",
        "post /user/reset_password",
        "post /user/send-verification-code",
        "post /user/verify",
        "get /walker/read/by/{x}",
        "put /walker/read/by/{x}",
        "post /walker/roll",
        "post /walker/roll/{node}",
    ];
    assert_eq!(operations, wanted);
    let body = json!({
        "type": "object",
        "properties": {"sides": {"type": "integer"}, "n": {"default": 1}},
        "required": ["sides"],
    });
    let ok = json!({"description": "Successful Response", "content": {"application/json": {"schema": {}}}});
    assert_eq!(
        told["paths"]["/walker/roll/{node}"]["post"],
        json!({
            "tags": ["Walker APIs"],
            "summary": "roll",
            "operationId": "walker_roll__node__post",
            "parameters": [{"name": "node", "in": "path", "required": true, "schema": {"type": "string"}}],
            "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
            "responses": {"200": ok, "422": invalid()},
            "security": [{"HTTPBearer": []}],
        })
    );
    assert_eq!(
        told["paths"]["/walker/read/by/{x}"]["get"],
        json!({
            "tags": ["Walker APIs"],
            "summary": "read",
            "operationId": "walker_read_by__x__get",
            "parameters": [{"name": "x", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": ok, "422": invalid()},
        })
    );
}

#[test]
fn operations_are_dressed() {
    let openapi = json!({
        "tags": ["dice"], "summary": "Rolls", "description": "a die", "status_code": 201, "response_description": "rolled",
        "deprecated": true, "responses": {"404": {"description": "no die"}}, "openapi_extra": {"x-a": {"b": 1}, "summary": "Rolls!"},
    });
    let told = described(&[("roll", json!({"openapi": openapi, "entry_type": "ROOT", "fields": {}}))]);
    let operation = &told["paths"]["/walker/roll"]["post"];
    assert_eq!(
        *operation,
        json!({
            "tags": ["dice"], "summary": "Rolls!", "operationId": "walker_roll_post", "description": "a die",
            "responses": {
                "201": {"description": "rolled", "content": {"application/json": {"schema": {}}}},
                "404": {"description": "no die"},
            },
            "security": [{"HTTPBearer": []}], "deprecated": true, "x-a": {"b": 1},
        })
    );
}

#[test]
fn fields_stand_where_they_come_from() {
    let schema = json!({"type": "string"});
    let fields = json!({"id": field(true, &schema), "q": field(true, &schema), "b": field(false, &schema), "no": field(true, &schema)});
    let spec =
        json!({"path": "/things/{id}", "as_query": ["q"], "excluded": ["no"], "fields": fields, "entry_type": "ROOT"});
    let told = described(&[("thing", spec)]);
    let operation = &told["paths"]["/things/{id}"]["post"];
    let places: Vec<_> = operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["in"], one["name"]))
        .collect();
    assert_eq!(places, [r#""path" "id""#, r#""query" "q""#]);
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(*body, json!({"type": "object", "properties": {"b": {"type": "string"}}}));
}

#[test]
fn kept_schemas_move() {
    let schema = json!({
        "$ref": "#/$defs/Die", "$defs": {"Die": {"properties": {"of": {"items": {"$ref": "#/$defs/Side é"}}}}, "Side é": {"enum": [1]}},
    });
    let told = described(&[("roll", json!({"entry_type": "ROOT", "fields": {"die": field(true, &schema)}}))]);
    let body = &told["paths"]["/walker/roll"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["die"], json!({"$ref": "#/components/schemas/roll.die.Die"}));
    let schemas = &told["components"]["schemas"];
    assert_eq!(schemas["roll.die.Die"]["properties"]["of"]["items"]["$ref"], "#/components/schemas/roll.die.Side__");
    assert_eq!(schemas["roll.die.Side__"], json!({"enum": [1]}));
}
