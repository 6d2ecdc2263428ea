//! The JSON of the API.

use std::time::Duration;

use quintet_core::depth::is_too_deep;
use quintet_core::http::Response;
use quintet_core::limits::JSON_DEPTH;
use quintet_core::procedure::Report;
use quintet_core::user::Status;
use quintet_core::{Error, Properties, User};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// `POST /users`. One of the two names is needed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddUser {
    pub(super) username: Option<String>,
    pub(super) email: Option<String>,
    pub(super) password: String,
}

/// `PUT /users/{username}/password`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPassword {
    pub(super) password: String,
}

/// `PUT /users/{username}/disabled`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetDisabled {
    pub(super) disabled: bool,
}

/// `POST /tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueToken {
    pub(super) username: String,
    pub(super) ttl_seconds: Option<u64>,
    #[serde(default)]
    pub(super) create: bool,
}

/// `POST /workers/{name}/tokens`; the body may be left out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueWorkerToken {
    pub(super) ttl_seconds: Option<u64>,
}

/// `POST /publish`. Listeners are shown the topic as the name where there is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publish {
    pub(super) topic: String,
    #[serde(default = "null")]
    pub(super) payload: Box<RawValue>,
    pub(super) name: Option<String>,
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

/// `POST /agents/root`. Without a name, the first admin is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RootAgent {
    pub(super) username: Option<String>,
}

/// `POST /documents`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    /// JSON-AD objects, each with its `@id`.
    pub(super) documents: Vec<Properties>,
}

/// A user.
#[derive(Serialize)]
pub(super) struct UserView<'a> {
    id: u64,
    username: &'a str,
    nickname: &'a str,
    disabled: bool,
    online: bool,
    created_at: i64,
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.get(),
            username: &user.username,
            nickname: &user.nickname,
            disabled: user.disabled,
            online: user.status == Status::Online,
            created_at: user.created_at.millis(),
        }
    }
}

/// A token.
#[derive(Serialize)]
pub(super) struct TokenView<'a> {
    pub(super) token: &'a str,
    pub(super) expires_at: i64,
    pub(super) user: UserView<'a>,
}

/// A token for workers.
#[derive(Serialize)]
pub(super) struct WorkerTokenView<'a> {
    pub(super) token: &'a str,
    pub(super) worker: &'a str,
}

/// A procedure, and how it does. Times are milliseconds; of those that were not called yet there are none.
#[derive(Serialize)]
pub(super) struct ProcedureView<'a> {
    name: &'a str,
    kind: &'a str,
    owner: &'a str,
    description: Option<&'a str>,
    claims: Vec<String>,
    idempotent: bool,
    /// What else is to be known to call it, of which kind: `walker`.
    interface: Option<&'a str>,
    runners: u64,
    calls: u64,
    running: u64,
    errors: u64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
}

impl<'a> From<&'a Report> for ProcedureView<'a> {
    fn from(report: &'a Report) -> Self {
        let (offer, owner) = (&report.procedure.offer, &report.procedure.owner);
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        Self {
            name: &offer.name,
            kind: owner.kind(),
            owner: owner.name(),
            description: offer.description.as_deref(),
            claims: offer.claims.iter().map(ToString::to_string).collect(),
            idempotent: offer.idempotent,
            interface: offer.interface.as_ref().map(|interface| &*interface.kind),
            runners: report.runners,
            calls: report.calls,
            running: report.running,
            errors: report.errors,
            p50_ms: report.p50.map(millis),
            p99_ms: report.p99.map(millis),
        }
    }
}

/// The server, as others know it.
#[derive(Serialize)]
pub(super) struct ServerView<'a> {
    pub(super) origin: &'a str,
}

/// An agent with its private key.
#[derive(Serialize)]
pub(super) struct AgentView<'a> {
    pub(super) username: &'a str,
    pub(super) subject: &'a str,
    pub(super) public_key: String,
    pub(super) private_key: String,
}

/// A page of documents.
#[derive(Serialize)]
pub(super) struct Page {
    pub(super) documents: Vec<Box<RawValue>>,
    /// What to ask for the next page; nothing where this one is empty, which ends the export.
    pub(super) next: Option<u64>,
}

/// What became of an import.
#[derive(Default, Serialize)]
pub(super) struct Imported {
    pub(super) imported: u64,
    pub(super) refused: Vec<Refused>,
}

/// A document that was not imported.
#[derive(Serialize)]
pub(super) struct Refused {
    pub(super) subject: String,
    pub(super) reason: String,
}

/// Reads a body. The complaint names the field and its place, but not what stands there: it may be a password.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| {
        let what = error.to_string();
        let unknown = what.starts_with("unknown field") || what.starts_with("missing field");
        let what =
            if unknown { what } else { format!("not as expected at line {} column {}", error.line(), error.column()) };
        Error::bad_message(format!("the request body is no valid JSON for this call: {what}"))
    })
}

/// Any JSON value, as others can read it. `BadMessage` for one that is nested too deep.
pub(super) fn check_depth(value: &RawValue) -> Result<(), Error> {
    if is_too_deep(value.get()) {
        return Err(Error::bad_message(format!("the payload is nested more than {JSON_DEPTH} deep")));
    }
    Ok(())
}

/// Writes a body.
pub(super) fn reply(status: u16, body: &impl Serialize) -> Result<Response, Error> {
    Ok(Response::json(status, serde_json::to_vec(body).map_err(Error::internal)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_name_the_field_but_not_its_content() {
        let complaint = |body: &str| read::<SetPassword>(body.as_bytes()).err().unwrap().public().to_owned();
        assert!(complaint("{}").contains("missing field `password`"));
        assert!(complaint(r#"{"pasword":"hunter2"}"#).contains("unknown field `pasword`, expected `password`"));
        let secret = complaint(r#"{"password":7777777}"#);
        assert!(secret.contains("line 1 column") && !secret.contains("7777777"), "{secret}");
    }
}
