//! Requests that need a user: `FastAPI`'s bearer scheme.

use quintet_core::http::{Exchange, Head, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::{Answer, Call, Credential, Error};

use crate::refusal::{self, detail};

/// The token of a request; without one, or with another scheme, a 403.
pub(super) fn credential(head: &Head) -> Result<Credential, Response> {
    let (scheme, token) = head.header("authorization").and_then(|header| header.split_once(' ')).unwrap_or_default();
    if scheme.is_empty() || token.is_empty() {
        return Err(detail(403, "Not authenticated"));
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(detail(403, "Invalid authentication credentials"));
    }
    Ok(Credential::Token(Secret::new(token)))
}

/// Asks the house as the user of a token.
pub(super) fn ask(
    credential: Credential,
    call: Call,
    respond: impl FnOnce(Result<Answer, Error>) -> Response + Send + 'static,
) -> Step {
    Step::Ask(Exchange { credential, call, reply: Box::new(respond) })
}

/// Answers what is wrong with a request, but tells before that whether its token does not hold.
pub(super) fn ask_then(credential: Credential, invalid: Response) -> Step {
    ask(credential, Call::Me, move |answer| match answer {
        Ok(_) => invalid,
        Err(error) => refusal::response(&error),
    })
}
