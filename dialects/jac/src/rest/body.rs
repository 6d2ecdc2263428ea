//! Request bodies, read and validated as `FastAPI` reads and validates them.

use std::borrow::Cow;

use quintet_core::http::{Head, Request, Response};
use serde_json::json;

use super::email;
use crate::json::{self, Kind, Malformed, Value};
use crate::refusal::{detail, unprocessable};
use crate::validation::{Entry, Form, Loc};

/// A body in compact form. Must be JSON: a malformed one is refused before anything else is looked at.
pub(super) fn read(request: &Request) -> Result<String, Response> {
    // FastAPI takes no body for null.
    if request.body.is_empty() {
        return Ok("null".into());
    }
    if !is_json(&request.head) {
        return Ok(json::quoted(&String::from_utf8_lossy(&request.body)));
    }
    // Python takes a byte order mark in front of bytes, though not of a text.
    let bytes = request.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&request.body);
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
    json::compact(text).map_err(|malformed| match malformed {
        Malformed::Syntax { what, at } => json_invalid(what, json::characters_before(text, at)),
        Malformed::Nested | Malformed::Surrogate => unreadable(),
    })
}

/// `application/json`, `application/…+json` or no type at all.
fn is_json(head: &Head) -> bool {
    let Some(content_type) = head.header("content-type") else { return true };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

/// A 400 for a body that is none.
pub(super) fn unreadable() -> Response {
    detail(400, "There was an error parsing the body")
}

fn json_invalid(what: &'static str, at: usize) -> Response {
    let loc = vec![Loc::Name("body"), Loc::Index(at)];
    let entry = Entry::new("json_invalid", loc, "JSON decode error", Value::of("{}")).with(json!({"error": what}));
    unprocessable(&[entry])
}

/// The fields of a body, read by `fields`; or a 422 with everything that is wrong.
pub(super) fn fields<'a, T>(
    body: &'a str,
    fields: impl FnOnce(&mut Form<'a>, Value<'a>) -> Option<T>,
) -> Result<T, Response> {
    let whole = Value::of(body);
    match whole.kind() {
        Kind::Object => {}
        Kind::Null => return Err(refused("missing", "Field required", whole)),
        _ => {
            let msg = "Input should be a valid dictionary or object to extract fields from";
            return Err(refused("model_attributes_type", msg, whole));
        }
    }
    let mut form = Form::new(whole, &["body"]);
    fields(&mut form, whole).ok_or_else(|| unprocessable(&form.problems()))
}

fn refused(kind: &'static str, msg: impl Into<Cow<'static, str>>, whole: Value<'_>) -> Response {
    unprocessable(&[Entry::new(kind, vec![Loc::Name("body")], msg, whole)])
}

/// A 422 for what the house itself does not take, such as a password that is too long.
pub(super) fn value_error(reason: &str) -> Response {
    refused("value_error", format!("Value error, {reason}"), Value::of("{}"))
}

/// An e-mail address that must be there, in its normal form.
pub(super) fn email<'a>(form: &mut Form<'a>, value: Option<Value<'a>>) -> Option<String> {
    let text = form.text("email", value)?;
    match email::normal(&text) {
        Ok(email) => Some(email),
        Err(reason) => {
            let msg = format!("value is not a valid email address: {reason}");
            let entry = Entry::new("value_error", form.place("email"), msg, value?).with(json!({"reason": reason}));
            form.note(entry);
            None
        }
    }
}

/// A password that must be there, and not be empty.
pub(super) fn password<'a>(form: &mut Form<'a>, name: &'static str, value: Option<Value<'a>>) -> Option<Cow<'a, str>> {
    let text = form.text(name, value)?;
    if !text.is_empty() {
        return Some(text);
    }
    let msg = "String should have at least 1 character";
    let entry = Entry::new("string_too_short", form.place(name), msg, value?).with(json!({"min_length": 1}));
    form.note(entry);
    None
}
