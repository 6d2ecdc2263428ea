//! `GET` of a resource, in the format that the client wants.

use quintet_core::http::{Head, Response, Step};
use quintet_core::{Answer, Call, Document, Error, Origin};
use serde_json::Value;

use super::{ask, uncached};
use crate::format::{self, Format};
use crate::proof::request_url;
use crate::reading::{self, PATH, Reading, SETUP};

pub(super) fn get(head: &Head, origin: &Origin) -> Result<Step, Error> {
    let format = format::chosen(head);
    let mut reading = read(head, origin)?;
    if matches!(&reading, Reading::Ask(call, _) if matches!(**call, Call::AcceptInvite { .. })) && is_idle(head, origin)
    {
        // Whoever only looks is shown the invite itself.
        let bare = Head { query: String::new(), ..head.clone() };
        reading = read(&bare, origin)?;
    }
    // "It insists that `@id` be the inner subject or absent" (section 15).
    let nameless = head.path == PATH && !head.query.is_empty();
    Ok(match reading {
        Reading::Known(resource) => Step::Reply(answer(format, resource, &[], nameless)),
        Reading::Ask(mut call, told) => {
            if let Call::Document(query) = &mut *call {
                query.described = format.wants_terms();
            }
            ask(head, origin, *call, move |said| {
                let terms = match &said {
                    Answer::Document(described) => described.terms.clone(),
                    _ => Vec::new(),
                };
                Ok(answer(format, told(said)?, &terms, nameless))
            })
        }
    })
}

fn read(head: &Head, origin: &Origin) -> Result<Reading, Error> {
    let head = Head { path: format::without_extension(head).to_owned(), ..head.clone() };
    reading::read(&request_url(&head, origin), origin)
}

/// Whether nobody has asked for anything to happen: "do not act on HEAD or prefetches"; nor for what another site's page merely shows or leads
/// to. Clients on other sites ask with `fetch`, which browsers tell as `cors`; but the first invite of a house, which is open to whoever is on
/// its own machine, is open to no other site in that one's browser, nor under another name of that machine, which a page elsewhere could have made up.
fn is_idle(head: &Head, origin: &Origin) -> bool {
    let says = |name, word: &str| head.header(name).is_some_and(|value| value.to_ascii_lowercase().contains(word));
    let elsewhere = ["cross-site", "same-site"].iter().any(|site| says("sec-fetch-site", site));
    head.method == "HEAD"
        || ["purpose", "sec-purpose", "x-purpose", "x-moz"].iter().any(|name| says(name, "prefetch"))
        || elsewhere && (!says("sec-fetch-mode", "cors") || says("sec-fetch-mode", "no-cors") || head.path == SETUP)
        || head.path == SETUP && !is_at_home(head, origin)
}

/// Whether a request came by the name of this house, or by one that every machine has for itself.
fn is_at_home(head: &Head, origin: &Origin) -> bool {
    let Some(host) = head.header("host") else { return true };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|digit| digit.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    origin.0.split_once("://").is_some_and(|(_, own)| own == host)
        || ["localhost", "127.0.0.1", "[::1]"].contains(&name)
}

fn answer(format: Format, mut resource: Value, terms: &[Document], nameless: bool) -> Response {
    if let (true, Value::Object(members)) = (nameless, &mut resource) {
        members.shift_remove("@id");
    }
    let body = format.print(&resource, terms).into();
    uncached(Response { status: 200, content_type: Some(format.media_type()), headers: format.headers(), body })
}
