//! REST below `/api`: from a request to a call, and from its answer to a response.

#![expect(clippy::unnecessary_wraps, reason = "all readers of the routing table have one signature")]

mod asked;
mod asking;
mod channels;
mod chats;
mod images;
mod procedures;
mod reactions;
mod rights;
mod roles;
mod server;
mod table;
mod threads;
mod tokens;
mod users;

use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::{Call, Credential};

use crate::refusal::Refusal;
use crate::rest::asked::Asked;
use crate::rest::asking::Asking;
use crate::rest::table::Found;

/// What is to be done about a request; `page_chats` is how many chats a page has at the most.
///
/// A token comes first: whoever has none learns nothing else, not even which paths there are.
pub(crate) fn step(request: Request, page_chats: u64) -> Step {
    let found = table::find(&request.head);
    if found.is_public() {
        return match asked(found, &request, page_chats) {
            Ok(asked) => ask(Credential::None, asked, request.head.path),
            Err(refusal) => Step::Reply(refusal.response(&request.head.path)),
        };
    }
    let Some(token) = bearer(&request.head) else {
        return Step::Reply(Refusal::no_token().response(&request.head.path));
    };
    match asked(found, &request, page_chats) {
        Ok(asked) => ask(token, asked, request.head.path),
        Err(refusal) => refuse(token, refusal, request.head.path),
    }
}

/// What a request at the socket's path is told that asks for no upgrade: "400 (no upgrade headers), 405 (not GET)".
pub(crate) fn without_upgrade(head: &Head) -> Response {
    let refusal = match head.method.as_str() {
        "GET" | "HEAD" => Refusal::bad("this path takes WebSocket connections only: ask for an upgrade"),
        _ => Refusal::wrong_method("GET".to_owned()),
    };
    refusal.response(&head.path)
}

/// Whether the body of such a request is an image.
pub(crate) fn takes_image(head: &Head) -> bool {
    head.method == "POST" && table::trimmed(&head.path) == users::AVATAR
}

fn asked(found: Found<'_>, request: &Request, page_chats: u64) -> Result<Asked, Refusal> {
    let asking = Asking { request, page_chats };
    match found {
        Found::Route(route, ids) => route.ask(&asking, ids),
        Found::OtherMethods(allow) => Err(Refusal::wrong_method(allow)),
        Found::Nothing => Err(Refusal::no_such_path()),
    }
}

fn ask(credential: Credential, asked: Asked, path: String) -> Step {
    let Asked { call, reply } = asked;
    let reply = Box::new(move |answer| reply(answer).unwrap_or_else(|refusal| refusal.response(&path)));
    Step::Ask(Exchange { credential, call, reply })
}

/// Refuses after a look at the token, which goes first where it does not hold.
fn refuse(credential: Credential, refusal: Refusal, path: String) -> Step {
    let reply = Box::new(move |me: Result<_, _>| match me {
        Ok(_) => refusal.response(&path),
        Err(error) => Refusal::from(&error).response(&path),
    });
    Step::Ask(Exchange { credential, call: Call::Me, reply })
}

/// "REST carries it as `Authorization: Bearer <token>`". The scheme's letter case does not count (RFC 9110 section 11.1).
fn bearer(head: &Head) -> Option<Credential> {
    let (scheme, token) = head.header("authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Credential::Token(Secret::new(token.trim())))
}

#[cfg(test)]
mod tests;
