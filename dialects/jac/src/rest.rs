//! Plain HTTP: accounts, walkers, and the answers at the door of the socket.

mod bearer;
mod body;
mod docs;
mod email;
mod login;
mod mail;
mod openapi;
mod password;
mod register;
mod walker;

use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::{Answer, Call, Credential, Error};

use crate::refusal::detail;
use crate::walker::Routes;

/// The path of the socket.
pub(crate) const SOCKET: &str = "/websocket";

/// The path of the description of all other paths.
const OPENAPI: &str = "/openapi.json";

/// The path of a page that shows it.
const DOCS: &str = "/docs";

/// Does the room answer requests to this path?
pub(crate) fn serves(path: &str, routes: &Routes) -> bool {
    [SOCKET, OPENAPI, DOCS].contains(&path)
        || ["/websocket/", "/user/", "/walker/"].iter().any(|prefix| path.starts_with(prefix))
        || routes.is_absolute(path)
}

/// Is this the path of something about accounts?
pub(crate) fn is_account(path: &str) -> bool {
    path.starts_with("/user/")
}

/// What it makes of a request to a path that it serves.
pub(crate) fn request(request: &Request, routes: &Routes) -> Step {
    let answer: fn(&Request) -> Step = match request.head.path.as_str() {
        "/user/register" => register::answer,
        "/user/login" => login::answer,
        "/user/change_password" => password::answer,
        "/user/forgot_password" => mail::forgot_password,
        "/user/reset_password" => mail::reset_password,
        "/user/verify" => mail::verify,
        "/user/send-verification-code" => mail::send_code,
        DOCS => return Step::Reply(docs::answer(&request.head)),
        OPENAPI => return Step::Reply(openapi::answer(&request.head, routes)),
        _ => return walker::answer(request, routes),
    };
    if request.head.method == "POST" {
        return answer(request);
    }
    Step::Reply(not_allowed("POST"))
}

fn not_allowed(allowed: &str) -> Response {
    detail(405, "Method Not Allowed").with_header("allow", allowed)
}

/// A handshake at any path but the socket's is refused with 403, everything else with 404.
fn nothing_here(head: &Head) -> Response {
    let upgrade = head.header("upgrade").is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"));
    if upgrade && head.path != SOCKET { Response::empty(403) } else { detail(404, "Not Found") }
}

/// Asks what needs no token; a form that could not be read is answered at once.
fn ask_as_anybody(call: Result<Call, Response>, respond: fn(Result<Answer, Error>) -> Response) -> Step {
    match call {
        Err(response) => Step::Reply(response),
        Ok(call) => Step::Ask(Exchange { credential: Credential::None, call, reply: Box::new(respond) }),
    }
}

/// `{"message":"…"}`: the original's own form, beside `FastAPI`'s `detail`.
fn message(status: u16, message: &'static str) -> Response {
    Response::json(status, format!(r#"{{"message":"{message}"}}"#))
}

#[cfg(test)]
mod tests;
