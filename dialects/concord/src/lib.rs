#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod address;
mod refusal;
mod render;
mod rest;
mod session;
mod wire;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{
    Action, Credential, Dialect, Error, Event, Frame, Hello, Identity, Limits, Origin, Pattern, dialect, identity,
};

use crate::refusal::Refusal;
use crate::session::{SUBSCRIBED, Session};

/// Where it takes sockets.
const SOCKET: &str = "/client";

/// The Concord dialect: `/client` for sockets, `/api` for REST.
#[derive(Clone, Copy, Debug)]
pub struct Concord {
    /// Chats on one page at the most.
    page_chats: u64,
}

impl Concord {
    /// The largest message over a socket, in bytes: "64 KiB, beyond that the connection is closed".
    pub const MESSAGE_BYTES: usize = 65_536;

    /// The room in a house of these limits; it pages by [`Limits::page_chats`], so that capped pages neither overlap nor leave gaps.
    pub fn new(limits: &Limits) -> Self {
        Self { page_chats: limits.page_chats.max(1) }
    }
}

impl Default for Concord {
    fn default() -> Self {
        Self::new(&Limits::default())
    }
}

impl Dialect for Concord {
    fn name(&self) -> &'static str {
        "concord"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[SOCKET]
    }

    fn serves(&self, path: &str) -> bool {
        path == SOCKET || path == "/api" || path.starts_with("/api/")
    }

    fn message_bytes(&self) -> usize {
        Self::MESSAGE_BYTES
    }

    /// Its `error` has a word for it, 429.
    fn tells_haste(&self) -> bool {
        true
    }

    fn body_bytes(&self, head: &Head, limits: &Limits) -> usize {
        if rest::takes_image(head) { limits.image_bytes_size() } else { limits.body_bytes_size() }
    }

    fn credential(&self, head: &Head) -> Credential {
        head.query_last("token").map_or(Credential::None, |token| Credential::Token(identity::Secret::new(token)))
    }

    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn dialect::Session>, Error> {
        let Identity::User(_) = hello.identity? else {
            return Err(Error::unauthenticated(
                "no token: log in at POST /api/tokens, then open /client?token=<token>",
            ));
        };
        actions.extend(["room", "user"].map(|kind| Action::Subscribe(SUBSCRIBED, Pattern::all(kind))));
        Ok(Box::<Session>::default())
    }

    fn render(&self, event: &Event, _origin: &Origin) -> Option<Frame> {
        render::render(event)
    }

    fn request(&self, request: Request) -> Step {
        if request.head.path == SOCKET {
            return Step::Reply(rest::without_upgrade(&request.head));
        }
        rest::step(request, self.page_chats)
    }

    fn refusal(&self, head: &Head, error: &Error) -> Response {
        Refusal::from(error).response(&head.path)
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::{Id, Kind, Timestamp};

    use super::*;

    fn knock(query: &str, identity: Result<Identity, Error>) -> (Credential, Result<Vec<Action>, Error>) {
        let head = Head { method: "GET".into(), path: "/client".into(), query: query.into(), ..Head::default() };
        let room = Concord::default();
        let hello = Hello { head: &head, identity, fresh: [0; 2], now: Timestamp::from_millis(0) };
        let mut actions = Vec::new();
        let opened = room.open(hello, &mut actions).map(|_| actions);
        (room.credential(&head), opened)
    }

    #[test]
    fn the_token_may_stand_anywhere_and_the_last_one_counts() {
        let token = |text: &str| Credential::Token(identity::Secret::new(text));
        for (query, credential) in [
            ("token=a.b-c_d", token("a.b-c_d")),
            ("v=1&token=t&x", token("t")),
            ("token=old&token=new", token("new")),
            ("token=", token("")),
            ("", Credential::None),
            ("tokens=t", Credential::None),
        ] {
            assert_eq!(knock(query, Ok(Identity::Public)).0, credential, "{query}");
        }
    }

    #[test]
    fn only_users_come_in() {
        for identity in [
            Ok(Identity::Public),
            Ok(Identity::Agent(quintet_core::AgentKey([7; 32]))),
            Ok(Identity::House),
            Err(Error::unauthenticated("the token has expired: log in again")),
        ] {
            assert_eq!(knock("", identity).1.unwrap_err().kind(), Kind::Unauthenticated);
        }
    }

    #[test]
    fn who_comes_in_hears_all_rooms_and_users_and_is_not_greeted() {
        let actions = knock("token=t", Ok(Identity::User(Id::EVERYONE))).1.unwrap();
        let heard: Vec<_> = actions
            .iter()
            .map(|action| match action {
                Action::Subscribe(SUBSCRIBED, pattern) => pattern.path().as_str(),
                other => panic!("unexpected {other:?}"),
            })
            .collect();
        assert_eq!(heard, ["room/*", "user/*"]);
    }

    #[test]
    fn a_refusal_before_the_upgrade_is_json_and_asks_for_a_bearer() {
        let head = Head { path: "/client".into(), query: "token=secret".into(), ..Head::default() };
        let response = Concord::default().refusal(&head, &Error::unauthenticated("the token does not hold"));
        assert_eq!(response.status, 401);
        assert_eq!(response.headers, [("www-authenticate", "Bearer".to_owned())]);
        assert_eq!(
            response.body,
            r#"{"status":401,"error":"Unauthorized","message":"the token does not hold","path":"/client"}"#
        );
    }

    #[test]
    fn only_an_avatar_may_be_as_large_as_an_image() {
        let limits = Limits { body_bytes: 10, image_bytes: 20, ..Limits::default() };
        for (method, path, bytes) in [
            ("POST", "/api/self/avatar", 20),
            ("POST", "/api/self/avatar/", 20),
            ("PUT", "/api/self/avatar", 10),
            ("POST", "/api/server/icon", 10),
            ("POST", "/api/channels", 10),
        ] {
            let head = Head { method: method.into(), path: path.into(), ..Head::default() };
            assert_eq!(Concord::default().body_bytes(&head, &limits), bytes, "{method} {path}");
        }
    }

    #[test]
    fn the_room_serves_what_is_below_api() {
        for (path, served) in
            [("/api", true), ("/api/chats", true), ("/api/", true), ("/apis", false), ("/client", true), ("/", false)]
        {
            assert_eq!(Concord::default().serves(path), served, "{path}");
        }
    }
}
