//! Proofs: how an agent shows that it holds its key, in every place where clients put one (atomic-data.md, section 7).
//!
//! What is signed is always `<URL> <milliseconds>`. What the URL may be is checked here, so that a proof made for another server or
//! another purpose does not hold; the signature and its age are the hall's to check.

mod claim;
mod headers;
mod session;

use quintet_core::http::Head;
use quintet_core::{Credential, Error, Origin};

pub(crate) use claim::{Claim, Refused};

/// What the upgrade of a socket is signed for.
const UPGRADE: &str = "ws";

/// What a plain request shows: `Authorization`, else the `x-atomic-*` headers, else the cookie.
pub(crate) fn of_request(head: &Head, origin: &Origin) -> Credential {
    let url = request_url(head, origin);
    session::bearer(head, origin, &url)
        .or_else(|| headers::shown(head, origin, &url))
        .or_else(|| session::cookie(head, origin, &url).filter(|_| !is_forged(head, origin)))
        .unwrap_or(Credential::None)
}

/// Whether a page of another site may have sent a request that changes something: a browser adds its cookies by itself. Clients on other sites
/// sign their requests. What is read is not for such a page to see, by the rules for other origins.
fn is_forged(head: &Head, origin: &Origin) -> bool {
    let foreign = |name, ours: &[&str]| head.header(name).is_some_and(|value| !ours.contains(&value));
    let changes = !matches!(head.method.as_str(), "GET" | "HEAD");
    changes && (foreign("origin", &[&origin.0]) || foreign("sec-fetch-site", &["same-origin", "none"]))
}

/// What the upgrade of a socket shows. A browser adds its cookies by itself, whoever opens the socket, so they do not count.
pub(crate) fn at_the_door(head: &Head, origin: &Origin) -> Credential {
    session::bearer(head, origin, UPGRADE).or_else(|| headers::shown(head, origin, UPGRADE)).unwrap_or(Credential::None)
}

/// What `AUTHENTICATE` shows: a proof for any URL of this origin, with the scheme of a socket or of a page.
pub(crate) fn on_socket(json: &str, origin: &Origin) -> Result<Credential, Refused> {
    let claim = Claim::parse(json)?;
    if !claim.is_for_socket(origin) {
        return Err(Refused::Broken(format!(
            "the requestedSubject must be a URL of this server, such as {}/ws",
            origin.0.replacen("http", "ws", 1)
        )));
    }
    claim.prove(origin, false).map(|proof| Credential::Proof(Box::new(proof)))
}

/// `BadMessage` where some of the `x-atomic-*` headers are there, but not all.
pub(crate) fn complete(head: &Head) -> Result<(), Error> {
    headers::missing(head).map_or(Ok(()), |why| Err(Error::bad_message(why)))
}

/// The URL of a request as its client wrote it: the origin, the path and the query as sent. The root has no slash.
pub(crate) fn request_url(head: &Head, origin: &Origin) -> String {
    match (head.path.as_str(), head.query.as_str()) {
        ("/", "") => origin.0.clone(),
        (path, "") => format!("{}{path}", origin.0),
        (path, query) => format!("{}{path}?{query}", origin.0),
    }
}

#[cfg(test)]
mod tests;
