#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Limits, Origin, Session};

/// How the room is to behave where its sources leave a choice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Patterns match topics with as many segments only, as the second generation does, instead of as prefixes.
    pub same_length: bool,
    /// Errors show their causes.
    pub debug: bool,
}

/// The Flamigo room.
#[derive(Clone, Debug)]
pub struct Flamigo {}

/// The entrance for workers: programs that answer calls.
#[derive(Clone, Debug)]
pub struct Workers {}

impl Flamigo {
    /// A room with these bounds.
    pub fn new(_limits: &Limits, _options: Options) -> Self {
        Self {}
    }
}

impl Workers {
    /// An entrance with these bounds.
    pub fn new(_limits: &Limits, _options: Options) -> Self {
        Self {}
    }
}

impl Dialect for Flamigo {
    fn name(&self) -> &'static str {
        "flamigo"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &["/ws"]
    }

    fn serves(&self, _path: &str) -> bool {
        false
    }

    fn message_bytes(&self) -> usize {
        2_048
    }

    fn credential(&self, _head: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _hello: Hello<'_>, _actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::unavailable("no Flamigo yet"))
    }

    fn render(&self, _event: &Event, _origin: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, _request: Request) -> Step {
        Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _head: &Head, error: &Error) -> Response {
        Response::empty(error.status())
    }
}

impl Dialect for Workers {
    fn name(&self) -> &'static str {
        "worker"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &["/worker"]
    }

    fn serves(&self, _path: &str) -> bool {
        false
    }

    fn message_bytes(&self) -> usize {
        16_777_216
    }

    fn takes_workers(&self) -> bool {
        true
    }

    fn credential(&self, _head: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _hello: Hello<'_>, _actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::unavailable("no workers yet"))
    }

    fn render(&self, _event: &Event, _origin: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, _request: Request) -> Step {
        Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _head: &Head, error: &Error) -> Response {
        Response::empty(error.status())
    }
}
