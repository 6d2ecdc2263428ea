//! HTTP: what peers ask for and post (versia.md, section 3).

mod collection;
mod entity;
mod inbox;
mod route;
mod seal;
mod signature;
mod webfinger;

use std::sync::Arc;

use quintet_core::federation::desk::{Allowance, Exhibit, Exhibition};
use quintet_core::federation::{Ask, Form, Host, Own, Signed, Told};
use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::limits::size;
use quintet_core::{Answer, Call, Credential, Error, Kind, Limits};

use crate::house::House;
use crate::{media, metadata};
pub(crate) use route::MESSAGING;
use route::Route;
use seal::Seal;

/// Whether this room answers requests to a path.
pub(crate) fn serves(path: &str) -> bool {
    route::is_ours(path)
}

/// The largest body of a request.
pub(crate) fn body_bytes(head: &Head, limits: &Limits) -> usize {
    size(if head.path == MESSAGING { limits.operator_message_bytes } else { limits.entity_bytes })
}

/// Answers a request.
pub(crate) fn request(house: &Arc<House>, request: &Request) -> Step {
    let head = &request.head;
    let Some((host, route)) = house.host.as_ref().and_then(|host| Some((host, Route::of(&head.path)?))) else {
        return Step::Reply(refusal(head, &nothing()));
    };
    if !route.allows(&head.method) {
        let error = Error::bad_message("this method is not for this path").with_status(405);
        return Step::Reply(refusal(head, &error).with_header("allow", route.methods()));
    }
    answer(house, host, route, request).unwrap_or_else(|error| Step::Reply(refusal(head, &error)))
}

fn answer(house: &Arc<House>, host: &Host, route: Route, request: &Request) -> Result<Step, Error> {
    let head = &request.head;
    match route {
        Route::Metadata(form) => Ok(about_house(house, host, head, form)),
        Route::WebFinger => webfinger::get(house, host, head),
        Route::Inbox => inbox::post(house, request),
        Route::Messaging => inbox::message(request),
        Route::Socket => Ok(Step::Reply(to_upgrade(head))),
        Route::Entity(form, own, kind) => entity::get(house, host, head, form, &own, kind),
        Route::List(form, own, list) => collection::get(house, host, head, form, own, list),
    }
}

/// What is said to who asks for the socket's path without a handshake (RFC 9110, section 15.5.22).
fn to_upgrade(head: &Head) -> Response {
    let error = Error::bad_message("this path takes WebSocket connections only, ask for an upgrade").with_status(426);
    refusal(head, &error).with_header("upgrade", "websocket").with_header("connection", "upgrade")
}

/// What the house says of itself. That of 0.6 is never signed (versia.md, section 3.1).
fn about_house(house: &Arc<House>, host: &Host, head: &Head, form: Form) -> Step {
    let seal = Seal::of(house, host, head, form);
    let (house, host) = (Arc::clone(house), host.clone());
    show(head, Exhibit::House, None, move |exhibition| {
        let text = metadata::document(&house, &host, &exhibition, form)?;
        Ok(match form {
            Form::Uri => seal.response(&exhibition, &Own::House, text),
            Form::Reference => said(200, media::VERSIA_TEXT, text),
        })
    })
}

/// Shows something, or says why not.
fn show(
    head: &Head,
    exhibit: Exhibit,
    reader: Option<Signed>,
    reply: impl FnOnce(Exhibition) -> Result<Response, Error> + Send + 'static,
) -> Step {
    ask(head, Ask::Show { exhibit, reader: reader.map(Box::new) }, move |told| match told {
        Told::Shown(exhibition) => reply(*exhibition),
        other => Err(unexpected(&other)),
    })
}

/// Asks the hall as nobody: signatures decide.
fn ask(head: &Head, ask: Ask, reply: impl FnOnce(Told) -> Result<Response, Error> + Send + 'static) -> Step {
    let head = Head { method: head.method.clone(), path: head.path.clone(), ..Head::default() };
    let reply = move |answer: Result<Answer, Error>| {
        let told = answer.and_then(|answer| match answer {
            Answer::Federation(told) => Ok(told),
            other => Err(unexpected(&other)),
        });
        told.and_then(reply).unwrap_or_else(|error| refusal(&head, &error))
    };
    Step::Ask(Exchange { credential: Credential::None, call: Call::Federation(Box::new(ask)), reply: Box::new(reply) })
}

/// An error as a response (versia.md, section 3.4). A 429 says when to come again.
pub(crate) fn refusal(head: &Head, error: &Error) -> Response {
    let mut body = serde_json::json!({ "error": error.public() });
    if !error.fields().is_empty() {
        let fields = error.fields().iter().map(|wrong| (wrong.field.clone(), wrong.error.clone().into()));
        body["details"] = serde_json::Value::Object(fields.collect());
    }
    let media = if route::is_reference(&head.path) { media::VERSIA_TEXT } else { media::JSON_TEXT };
    let response = said(error.status(), media, body.to_string());
    match error.kind() {
        Kind::TooMany => {}
        // A 401 is to name a scheme (RFC 9110, section 15.5.2); that of the three headers has no registered one.
        Kind::Unauthenticated => return response.with_header("www-authenticate", "Versia"),
        _ => return response,
    }
    match error.data().and_then(|data| serde_json::from_str::<Allowance>(data.get()).ok()) {
        Some(allowance) => rated(response, allowance).with_header("retry-after", allowance.reset.max(1).to_string()),
        None => response.with_header("retry-after", "1"),
    }
}

/// Tells a sender what it may still send. No other headers of this kind are allowed (versia.md, section 3.4).
fn rated(response: Response, allowance: Allowance) -> Response {
    response
        .with_header("ratelimit-limit", allowance.limit.to_string())
        .with_header("ratelimit-remaining", allowance.remaining.to_string())
        .with_header("ratelimit-reset", allowance.reset.to_string())
}

fn said(status: u16, media: &'static str, text: String) -> Response {
    Response { content_type: Some(media), ..Response::json(status, text) }
}

/// What there is not and what may not be seen are told alike (versia.md, section 5).
fn nothing() -> Error {
    Error::not_found("nothing is here")
}

/// An answer that does not fit its question is our fault.
fn unexpected(answer: &impl std::fmt::Debug) -> Error {
    Error::internal(format!("an answer that does not fit its question: {answer:?}"))
}

#[cfg(test)]
mod tests;
