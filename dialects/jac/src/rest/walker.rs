//! Walkers by HTTP: `/walker/NAME`, `/walker/NAME/NODE`, and paths of their own.

use std::sync::Arc;

use quintet_core::http::{Request, Response, Step};
use quintet_core::procedure::{Claim, Invocation, Procedure};
use quintet_core::{Answer, Call, Credential, Error};
use serde_json::value::RawValue;

use super::{bearer, body, not_allowed, nothing_here};
use crate::json::{Kind, Value};
use crate::refusal;
use crate::session::reported;
use crate::walker::{Filled, Match, Place, Routes, Template, Walker, Words};

/// What is made of a request that may mean a walker.
pub(super) fn answer(request: &Request, routes: &Routes) -> Step {
    let asked = match routes.find(&request.head.method, &request.head.path) {
        Match::Walker(walker, way, filled) => call_walker(request, &walker, &way, filled),
        Match::Procedure(name, procedure) => call_procedure(request, name, &procedure),
        Match::OtherMethods(methods) => Err(not_allowed(&methods.into_iter().collect::<Vec<_>>().join(", "))),
        Match::Nothing => Err(nothing_here(&request.head)),
    };
    asked.unwrap_or_else(Step::Reply)
}

/// As `FastAPI` does it: the body's grammar is looked at first, then the token, then whether there is a body at all.
fn call_walker(request: &Request, walker: &Walker, way: &Template, filled: Filled) -> Result<Step, Response> {
    let context = Context::read(request, walker, way)?;
    let credential = if walker.needs_user() { bearer::credential(&request.head)? } else { Credential::None };
    let payload = match context.payload() {
        Ok(payload) => payload,
        Err(invalid) if walker.needs_user() => return Ok(bearer::ask_then(credential, invalid)),
        Err(invalid) => return Err(invalid),
    };
    let extra = Some(words(request, walker, way, filled).json());
    let call = invoke(Arc::clone(walker.name()), payload, extra);
    Ok(bearer::ask(credential, call, |answer| match answer {
        Ok(Answer::Outcome(outcome)) => refusal::whole_body(outcome.status, &outcome.payload),
        Ok(_) => refusal::response(&Error::internal("a walker was answered with something else")),
        Err(error) => refusal::walker_response(&error),
    }))
}

/// The context of a walker in a request's body.
enum Context {
    /// The walker has no field that comes from there: nobody looks at it.
    Unread,
    /// Nobody says which fields it has: there may be a body.
    Optional(String),
    /// Some field comes from there, so there must be a body, though it may be `{}`.
    Required(String),
}

impl Context {
    fn read(request: &Request, walker: &Walker, way: &Template) -> Result<Self, Response> {
        if walker.fields().is_none() {
            return body::read(request).map(Self::Optional);
        }
        let unread = walker.fields_from(way, Place::Body).next().is_none();
        if unread { Ok(Self::Unread) } else { body::read(request).map(Self::Required) }
    }

    fn payload(&self) -> Result<Box<RawValue>, Response> {
        let json = match self {
            Self::Unread => "{}",
            Self::Optional(json) if Value::of(json).kind() == Kind::Null => "{}",
            Self::Optional(json) | Self::Required(json) => body::fields(json, |_, whole| Some(whole.json()))?,
        };
        raw(json)
    }
}

fn words(request: &Request, walker: &Walker, way: &Template, filled: Filled) -> Words {
    let head = &request.head;
    let mut words = Words::over_http(walker, &head.method, filled.node).with_path(filled.variables);
    for (name, text) in head.query_pairs() {
        let is_field = walker.fields().is_some_and(|fields| fields.contains_key(&*name));
        if is_field && walker.place(way, &name) == Some(Place::Query) {
            words.add_query(&name, text.into_owned());
        }
    }
    words
}

/// A procedure that is no walker is called as one with the defaults would be, with any JSON as its body.
fn call_procedure(request: &Request, name: Arc<str>, procedure: &Procedure) -> Result<Step, Response> {
    let json = body::read(request)?;
    let shown = request.head.header("authorization").is_some();
    let for_users = procedure.offer.claims.iter().any(|claim| matches!(claim, Claim::Authenticated | Claim::Admin));
    let credential = if shown || for_users { bearer::credential(&request.head)? } else { Credential::None };
    let payload = raw(if request.body.is_empty() { "{}" } else { &json })?;
    let call = invoke(name, payload, None);
    Ok(bearer::ask(credential, call, |answer| match answer {
        Ok(Answer::Outcome(outcome)) => Response::json(outcome.status, reported(&outcome)),
        Ok(_) => refusal::response(&Error::internal("a procedure was answered with something else")),
        Err(error) => refusal::procedure_response(&error),
    }))
}

fn invoke(name: Arc<str>, payload: Box<RawValue>, extra: Option<Box<RawValue>>) -> Call {
    Call::Invoke(Box::new(Invocation { name, payload, connection: None, extra }))
}

fn raw(json: &str) -> Result<Box<RawValue>, Response> {
    RawValue::from_string(json.to_owned()).map_err(|_| body::unreadable())
}

#[cfg(test)]
mod tests;
