#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod address;
mod json;
mod refusal;
mod render;
mod rest;
mod session;
mod validation;
mod walker;
mod wire;

use std::sync::Arc;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::procedure::Catalogue;
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Limits, Origin, Session, limits};

use walker::Routes;

/// The largest message, in bytes.
const MESSAGE_BYTES: usize = 16_777_216;

/// The Jac Cloud room.
#[derive(Clone)]
pub struct Jac {
    targets: usize,
    routes: Arc<Routes>,
}

impl Jac {
    /// A room whose events name at most `publish_targets` others ([`quintet_core::Limits::publish_targets`]).
    /// Walkers are the procedures of the catalogue.
    pub fn new(publish_targets: usize, walkers: Arc<dyn Catalogue>) -> Self {
        Self { targets: publish_targets, routes: Arc::new(Routes::new(walkers)) }
    }
}

impl Dialect for Jac {
    fn name(&self) -> &'static str {
        "jac"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[rest::SOCKET]
    }

    fn serves(&self, path: &str) -> bool {
        rest::serves(path, &self.routes)
    }

    /// The original's default (`UV_WS_MAX_SIZE`).
    fn message_bytes(&self) -> usize {
        MESSAGE_BYTES
    }

    /// A walker's context may be as large by HTTP as over the socket.
    fn body_bytes(&self, head: &Head, limits: &Limits) -> usize {
        if rest::is_account(&head.path) {
            return limits.body_bytes_size();
        }
        limits::size(limits.message_bytes).min(MESSAGE_BYTES).max(limits.body_bytes_size())
    }

    fn credential(&self, head: &Head) -> Credential {
        session::at_the_door(head)
    }

    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(session::JacSession::begin(&hello, self.targets, Arc::clone(self.routes.catalogue()), actions)))
    }

    fn render(&self, event: &Event, _origin: &Origin) -> Option<Frame> {
        render::render(event)
    }

    fn request(&self, request: Request) -> Step {
        rest::request(&request, &self.routes)
    }

    fn refusal(&self, _head: &Head, error: &Error) -> Response {
        refusal::response(error)
    }
}
