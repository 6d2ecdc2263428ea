#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod refusal;
mod render;
mod session;
mod topic;
mod wire;
mod worker;

use std::sync::Arc;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::limits::size;
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Input, Limits, Origin, Session};

use crate::session::{Entrance, FlamigoSession};

/// Where Flamigo clients connect (flamigo.md, section 1). Atomic has its sockets there too.
const SOCKET: &str = "/ws";
/// Where workers connect.
const WORKER_SOCKET: &str = "/worker";

/// How the room is to behave where its sources leave a choice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Patterns match topics with as many segments only, as the second generation does, instead of as prefixes.
    pub same_length: bool,
    /// Errors show their causes.
    pub debug: bool,
}

/// What both entrances know of the house.
#[derive(Debug)]
struct House {
    limits: Limits,
    options: Options,
}

/// The Flamigo room.
#[derive(Clone, Debug)]
pub struct Flamigo {
    house: Arc<House>,
}

/// The entrance for workers: programs that answer calls.
#[derive(Clone, Debug)]
pub struct Workers {
    house: Arc<House>,
}

impl Flamigo {
    /// A room with these bounds.
    pub fn new(limits: &Limits, options: Options) -> Self {
        Self { house: Arc::new(House { limits: limits.clone(), options }) }
    }
}

impl Workers {
    /// An entrance with these bounds.
    pub fn new(limits: &Limits, options: Options) -> Self {
        Self { house: Arc::new(House { limits: limits.clone(), options }) }
    }
}

impl Dialect for Flamigo {
    fn name(&self) -> &'static str {
        Entrance::Room.dialect()
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[SOCKET]
    }

    fn serves(&self, _path: &str) -> bool {
        false
    }

    /// Every command is an object; what else may come to this path begins with a letter.
    fn recognizes(&self, first: &Input<'_>) -> bool {
        let bytes = match first {
            Input::Text(text) => text.as_bytes(),
            Input::Binary(bytes) => bytes,
            _ => return false,
        };
        bytes.trim_ascii_start().starts_with(b"{")
    }

    fn message_bytes(&self) -> usize {
        size(self.house.limits.command_bytes)
    }

    /// "No header or query parameter is read": who a peer is, it says in a message.
    fn credential(&self, _head: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(FlamigoSession::begin(Arc::clone(&self.house), Entrance::Room, &hello, actions)))
    }

    fn render(&self, event: &Event, _origin: &Origin) -> Option<Frame> {
        render::render(event)
    }

    fn request(&self, request: Request) -> Step {
        nowhere(&request)
    }

    fn refusal(&self, _head: &Head, error: &Error) -> Response {
        refusal::response(error)
    }
}

impl Dialect for Workers {
    fn name(&self) -> &'static str {
        Entrance::Workers.dialect()
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[WORKER_SOCKET]
    }

    fn serves(&self, _path: &str) -> bool {
        false
    }

    /// The house's own bound: a worker's results are not those of a stranger.
    fn message_bytes(&self) -> usize {
        size(self.house.limits.message_bytes)
    }

    fn takes_workers(&self) -> bool {
        true
    }

    fn credential(&self, head: &Head) -> Credential {
        let Some(header) = head.header("authorization") else { return Credential::None };
        match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Credential::Token(Secret::new(token.trim()))
            }
            _ => Credential::Malformed("show a worker's token as Bearer".into()),
        }
    }

    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        session::check_at_the_door(hello.identity.as_ref())?;
        Ok(Box::new(FlamigoSession::begin(Arc::clone(&self.house), Entrance::Workers, &hello, actions)))
    }

    fn render(&self, event: &Event, _origin: &Origin) -> Option<Frame> {
        render::render(event)
    }

    fn request(&self, request: Request) -> Step {
        nowhere(&request)
    }

    fn refusal(&self, _head: &Head, error: &Error) -> Response {
        refusal::response(error)
    }
}

/// Neither entrance has paths for plain requests.
fn nowhere(request: &Request) -> Step {
    Step::Reply(refusal::response(&Error::not_found(format!("there is nothing at {}", request.head.path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_message_that_is_an_object_is_this_rooms() {
        let room = Flamigo::new(&Limits::default(), Options::default());
        for (input, ours) in [
            (Input::Text("{}"), true),
            (Input::Text(" \r\n\t{"), true),
            (Input::Binary(b"\n{\"topic\":1}"), true),
            (Input::Text("SUBSCRIBE {"), false),
            (Input::Text(""), false),
            (Input::Binary(b"[{}]"), false),
        ] {
            assert_eq!(room.recognizes(&input), ours, "{input:?}");
        }
    }

    #[test]
    fn a_worker_shows_its_token_as_bearer() {
        let room = Workers::new(&Limits::default(), Options::default());
        let shown = |header: Option<&str>| {
            let headers = header.map(|header| ("authorization".to_owned(), header.to_owned())).into_iter().collect();
            room.credential(&Head { headers, ..Head::default() })
        };
        assert_eq!(shown(None), Credential::None);
        assert_eq!(shown(Some("bearer T")), Credential::Token(Secret::new("T")));
        assert!(matches!(shown(Some("Basic T")), Credential::Malformed(_)));
        assert!(matches!(shown(Some("T")), Credential::Malformed(_)));
    }
}
