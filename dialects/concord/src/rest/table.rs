//! The routing table.

use quintet_core::Id;
use quintet_core::http::Head;

use crate::refusal::Refusal;
use crate::rest::asked::Asked;
use crate::rest::asking::Asking;
use crate::rest::{channels, chats, images, procedures, reactions, rights, roles, server, threads, tokens, users};

/// How a route reads a request, by how many ids its path has, or a name instead.
pub(super) enum Reader {
    None(fn(&Asking<'_>) -> Result<Asked, Refusal>),
    One(fn(&Asking<'_>, Id) -> Result<Asked, Refusal>),
    Two(fn(&Asking<'_>, Id, Id) -> Result<Asked, Refusal>),
    Named(fn(&Asking<'_>, &str) -> Result<Asked, Refusal>),
}

/// One row of the table.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// Segments; `{id}` stands for a number, `{name}` for a text.
    pub(super) path: &'static str,
    pub(super) reader: Reader,
    /// "Everything else [...] needs a token."
    pub(super) public: bool,
}

const fn route(method: &'static str, path: &'static str, reader: Reader) -> Route {
    Route { method, path, reader, public: false }
}

const fn public(method: &'static str, path: &'static str, reader: Reader) -> Route {
    Route { method, path, reader, public: true }
}

use Reader::{Named, None as Plain, One, Two};

/// Every call there is, in the order of the protocol page; ours at the end.
pub(super) const ROUTES: &[Route] = &[
    public("POST", "/api/tokens", Plain(tokens::log_in)),
    route("GET", "/api/tokens/recycle", Plain(tokens::renew)),
    public("POST", "/api/users/register", Plain(users::register)),
    route("GET", "/api/users", Plain(users::all)),
    route("GET", "/api/users/{id}", One(users::one)),
    route("GET", "/api/self", Plain(users::me)),
    route("POST", users::AVATAR, Plain(users::set_avatar)),
    route("POST", "/api/self/password", Plain(users::set_password)),
    route("GET", "/api/server", Plain(server::get)),
    route("PATCH", "/api/server", Plain(server::not_implemented)),
    route("POST", "/api/server/icon", Plain(server::not_implemented)),
    route("GET", "/api/channels", Plain(channels::all)),
    route("GET", "/api/channels/{id}", One(channels::one)),
    route("POST", "/api/channels", Plain(channels::create)),
    route("DELETE", "/api/channels/{id}", One(channels::delete)),
    route("GET", "/api/images/{id}", One(images::get)),
    route("POST", "/api/channels/{id}/chats", One(chats::post)),
    route("GET", "/api/channels/{id}/chats/latest", One(chats::latest)),
    route("GET", "/api/chats", Plain(chats::list)),
    route("GET", "/api/chats/{id}", One(chats::one)),
    route("PATCH", "/api/chats/{id}", One(chats::edit)),
    route("DELETE", "/api/chats/{id}", One(chats::delete)),
    route("GET", "/api/chats/{id}/reactions", One(reactions::get)),
    route("POST", "/api/chats/{id}/reactions", One(reactions::react)),
    // Ours.
    route("PATCH", "/api/channels/{id}", One(channels::change)),
    route("POST", "/api/chats/{id}/thread", One(threads::start)),
    route("GET", "/api/channels/{id}/threads", One(threads::all)),
    route("GET", "/api/roles", Plain(roles::all)),
    route("POST", "/api/roles", Plain(roles::create)),
    route("DELETE", "/api/roles/{id}", One(roles::delete)),
    route("PUT", "/api/roles/{id}/users/{id}", Two(roles::give)),
    route("DELETE", "/api/roles/{id}/users/{id}", Two(roles::take)),
    route("GET", "/api/rights", Plain(rights::of_server)),
    route("PUT", "/api/rights/users/{id}", One(rights::put_user)),
    route("PUT", "/api/rights/roles/{id}", One(rights::put_role)),
    route("GET", "/api/channels/{id}/rights", One(rights::of_channel)),
    route("PUT", "/api/channels/{id}/rights/users/{id}", Two(rights::put_channel_user)),
    route("PUT", "/api/channels/{id}/rights/roles/{id}", Two(rights::put_channel_role)),
    route("POST", "/api/procedures/{name}", Named(procedures::call)),
];

impl Route {
    /// Reads the request. "A non-numeric path id: 400."
    pub(super) fn ask(&self, asking: &Asking<'_>, ids: [&str; 2]) -> Result<Asked, Refusal> {
        let id = |text: &str| text.parse::<Id>().map_err(|error| Refusal::bad(error.to_string()));
        match self.reader {
            Plain(read) => read(asking),
            One(read) => read(asking, id(ids[0])?),
            Two(read) => read(asking, id(ids[0])?, id(ids[1])?),
            Named(read) => read(asking, ids[0]),
        }
    }
}

/// What is at a path.
pub(super) enum Found<'a> {
    /// A route, with the texts that stand for ids, or for a name.
    Route(&'static Route, [&'a str; 2]),
    /// Routes for other methods: these.
    OtherMethods(String),
    /// Nothing.
    Nothing,
}

impl Found<'_> {
    /// Whether it needs no token.
    pub(super) fn is_public(&self) -> bool {
        matches!(self, Self::Route(route, _) if route.public)
    }
}

/// Finds the route of a request. `HEAD` is `GET` (RFC 9110 section 9.3.2).
pub(super) fn find(head: &Head) -> Found<'_> {
    let method = if head.method == "HEAD" { "GET" } else { &head.method };
    let mut others = Vec::new();
    for route in ROUTES {
        let Some(ids) = captures(route.path, trimmed(&head.path)) else { continue };
        if route.method == method {
            return Found::Route(route, ids);
        }
        others.push(route.method);
        if route.method == "GET" {
            others.push("HEAD");
        }
    }
    if others.is_empty() { Found::Nothing } else { Found::OtherMethods(others.join(", ")) }
}

/// The path without a slash at its end: upstream takes both.
pub(super) fn trimmed(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// What stands for each `{id}` or `{name}` if `path` is of this template.
fn captures<'a>(template: &str, path: &'a str) -> Option<[&'a str; 2]> {
    let mut ids = [""; 2];
    let mut free = ids.iter_mut();
    let mut segments = path.split('/');
    for wanted in template.split('/') {
        let segment = segments.next()?;
        match wanted {
            "{id}" | "{name}" if !segment.is_empty() => *free.next()? = segment,
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_as_many_ids_as_its_reader_takes() {
        for route in ROUTES {
            let taken = match route.reader {
                Plain(_) => 0,
                One(_) => 1,
                Two(_) => 2,
                Named(_) => {
                    assert_eq!(route.path.matches("{name}").count(), 1, "{}", route.path);
                    0
                }
            };
            assert_eq!(route.path.matches("{id}").count(), taken, "{}", route.path);
        }
    }

    #[test]
    fn no_row_stands_twice() {
        let mut rows: Vec<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), ROUTES.len());
    }

    #[test]
    fn the_guide_names_every_row() {
        let guide = include_str!("../../README.md");
        for route in ROUTES {
            let row = format!("`{} {}", route.method, route.path);
            assert!(guide.contains(&row), "README.md lacks {row}`");
        }
    }

    #[test]
    fn paths_match_by_whole_segments() {
        assert_eq!(captures("/api/chats/{id}", "/api/chats/7"), Some(["7", ""]));
        assert_eq!(captures("/api/roles/{id}/users/{id}", "/api/roles/7/users/x"), Some(["7", "x"]));
        for path in ["/api/chats", "/api/chats/", "/api/chats/7/8", "/api/chatsx/7", "api/chats/7", ""] {
            assert_eq!(captures("/api/chats/{id}", path), None, "{path}");
        }
    }
}
