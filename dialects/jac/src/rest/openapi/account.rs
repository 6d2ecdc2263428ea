//! The paths of accounts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{invalid, json_content, object};

/// One path: its name, its fields, the status of its success, and whether it is for users.
type Row = (&'static str, &'static str, &'static [&'static str], &'static str, bool);

const TABLE: [Row; 7] = [
    ("/user/change_password", "Change Password", &["old_password", "new_password"], "200", true),
    ("/user/forgot_password", "Forgot Password", &["email"], "200", false),
    ("/user/login", "Login", &["email", "password"], "200", false),
    ("/user/register", "Register", &["email", "password"], "201", false),
    ("/user/reset_password", "Reset Password", &["code", "password"], "200", false),
    ("/user/send-verification-code", "Send Verification Code", &[], "200", true),
    ("/user/verify", "Verify", &["code"], "200", false),
];

/// Every path with its operations.
pub(super) fn paths() -> impl Iterator<Item = (String, BTreeMap<String, Value>)> {
    TABLE.into_iter().map(|row| (row.0.to_owned(), BTreeMap::from([("post".to_owned(), operation(row))])))
}

fn operation((path, summary, fields, status, for_users): Row) -> Value {
    let id: String = path[1..].chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    let mut operation = json!({"tags": ["User APIs"], "summary": summary, "operationId": format!("{id}_post")});
    let mut responses = json!({status: {"description": "Successful Response", "content": json_content(&json!({}))}});
    if !fields.is_empty() {
        let properties: Map<_, _> = fields.iter().map(|field| ((*field).to_owned(), schema(field))).collect();
        let required: Vec<_> = fields.iter().map(|field| json!(field)).collect();
        let content = json_content(&object(&properties, &required));
        operation["requestBody"] = json!({"required": true, "content": content});
        responses["422"] = invalid();
    }
    operation["responses"] = responses;
    if for_users {
        operation["security"] = json!([{"HTTPBearer": []}]);
    }
    operation
}

fn schema(field: &str) -> Value {
    if field == "email" { json!({"type": "string", "format": "email"}) } else { json!({"type": "string"}) }
}
