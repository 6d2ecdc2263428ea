//! Plain HTTP requests (atomic-data.md, section 8).

mod commit;
mod disposition;
mod download;
mod multipart;
mod range;
mod resource;
mod search;
mod upload;

use quintet_core::http::{Exchange, Head, Request, Response, Step};
use quintet_core::{Answer, Call, Credential, Error, Limits, Origin};

use crate::format::{self, Format};
use crate::proof::request_url;
use crate::reading::DOWNLOAD;
use crate::{proof, refusal};

/// What is made of a request.
pub(crate) fn request(request: &Request, origin: &Origin, limits: &Limits) -> Step {
    let head = &request.head;
    let step = match (head.method.as_str(), head.path.as_str()) {
        ("GET" | "HEAD", path) if path.starts_with(DOWNLOAD) => download::get(head, origin),
        ("GET" | "HEAD", "/search") if !head.query.is_empty() => search::get(head, origin, limits),
        ("GET" | "HEAD", _) => resource::get(head, origin),
        ("POST", "/commit") => commit::post(request, origin),
        ("POST", "/upload") => upload::post(request, origin, limits),
        ("POST", _) => {
            return not_allowed(head, origin, "Cannot post here - no Endpoint Post handler found", "GET, HEAD");
        }
        _ => {
            return not_allowed(
                head,
                origin,
                "resources are changed by commits: POST them to /commit",
                "GET, HEAD, POST",
            );
        }
    };
    step.unwrap_or_else(|error| Step::Reply(refuse(head, origin, &error)))
}

/// An error as the answer to a request.
pub(crate) fn refuse(head: &Head, origin: &Origin, error: &Error) -> Response {
    refusal::response(&request_url(head, origin), error, shown(head))
}

fn not_allowed(head: &Head, origin: &Origin, why: &str, allow: &'static str) -> Step {
    let response = refusal::with_status(&request_url(head, origin), 405, &Error::bad_message(why), Format::JsonAd);
    Step::Reply(response.with_header("allow", allow))
}

/// Asks as whoever the request shows; an error of the answer, or in it, is refused.
fn ask(
    head: &Head,
    origin: &Origin,
    call: Call,
    reply: impl FnOnce(Answer) -> Result<Response, Error> + Send + 'static,
) -> Step {
    ask_as(proof::of_request(head, origin), head, origin, call, reply)
}

fn ask_as(
    credential: Credential,
    head: &Head,
    origin: &Origin,
    call: Call,
    reply: impl FnOnce(Answer) -> Result<Response, Error> + Send + 'static,
) -> Step {
    let (url, format) = (request_url(head, origin), shown(head));
    let reply = Box::new(move |answer: Result<_, _>| {
        answer.and_then(reply).unwrap_or_else(|error| refusal::response(&url, &error, format))
    });
    Step::Ask(Exchange { credential, call, reply })
}

/// In which format an error is shown: only what is read is ever looked at by people.
fn shown(head: &Head) -> Format {
    if matches!(head.method.as_str(), "GET" | "HEAD") { format::chosen(head) } else { Format::JsonAd }
}

/// An answer that does not fit its call is our fault.
fn unexpected(answer: &Answer) -> Error {
    Error::internal(format!("an answer that does not fit its call: {answer:?}"))
}

/// Nothing that was read is kept by anybody on the way, and what is read depends on these headers (section 8.1).
fn uncached(response: Response) -> Response {
    response.with_header("cache-control", "no-store, no-cache, must-revalidate, private").with_header(
        "vary",
        "Accept, Authorization, Cookie, X-Atomic-Agent, X-Atomic-Public-Key, X-Atomic-Signature, X-Atomic-Timestamp",
    )
}

#[cfg(test)]
mod tests;
