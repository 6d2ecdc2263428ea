#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod format;
#[cfg(test)]
mod laws;
mod proof;
mod reading;
mod refusal;
mod render;
mod rest;
mod session;
#[cfg(test)]
mod vectors;
mod wire;

use std::sync::Arc;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::limits::size;
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Input, Limits, Origin, Session};

use crate::session::AtomicSession;

/// Where it takes sockets (atomic-data.md, section 2).
const SOCKET: &str = "/ws";
/// What the paths begin with that no other room may have (atomic-data.md, sections 8 and 14).
const KEPT: [&str; 13] = [
    "agents",
    "all-versions",
    "collections",
    "commit",
    "commits",
    "download",
    "export",
    "import",
    "query",
    "room",
    "search",
    "upload",
    "version",
];
/// The one sub-protocol that the documentation names; clients ask for none.
const SUBPROTOCOL: &str = "AtomicData";
/// What a verb, or the frame of a form's part, may take beside what it carries.
const OVERHEAD: usize = 64 * 1024;
/// How long the subject of a list is taken to be.
const SUBJECT_BYTES: usize = 256;

/// The Atomic room: `/ws` for sockets, every other path for documents. A house has it last, behind the rooms with paths of their own.
#[derive(Clone, Debug)]
pub struct Atomic {
    house: Arc<House>,
}

/// What the room knows of the house.
#[derive(Debug)]
struct House {
    origin: Origin,
    limits: Limits,
}

impl Atomic {
    /// The room in a house of these limits, whose documents stand within `origin`.
    pub fn new(origin: Origin, limits: &Limits) -> Self {
        Self { house: Arc::new(House { origin, limits: limits.clone() }) }
    }

    /// A commit as text: escapes may double it.
    fn commit_bytes(&self) -> usize {
        size(self.house.limits.commit_bytes).saturating_mul(2).saturating_add(OVERHEAD)
    }
}

impl Dialect for Atomic {
    fn name(&self) -> &'static str {
        "atomic"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[SOCKET]
    }

    /// Any path may be that of a document, but for the socket's: there the server itself asks for an upgrade.
    fn serves(&self, path: &str) -> bool {
        path != SOCKET
    }

    /// The endpoints, and the documents that the house makes up. All other paths may be a walker's.
    fn keeps(&self, path: &str) -> bool {
        path.split('/').nth(1).is_some_and(|first| KEPT.contains(&first))
    }

    /// The later, binary protocol is left unanswered, so that its clients fall back or fail at once (section 20).
    fn subprotocol(&self, offered: &[&str]) -> Option<&'static str> {
        offered.contains(&SUBPROTOCOL).then_some(SUBPROTOCOL)
    }

    /// Every verb begins with a capital.
    fn recognizes(&self, first: &Input<'_>) -> bool {
        matches!(first, Input::Text(text) if text.starts_with(|c: char| c.is_ascii_uppercase()))
    }

    /// A commit, or a list of all that one connection may listen to.
    fn message_bytes(&self) -> usize {
        let list = size(self.house.limits.connection_subscriptions).saturating_mul(SUBJECT_BYTES);
        self.commit_bytes().max(list)
    }

    fn body_bytes(&self, head: &Head, limits: &Limits) -> usize {
        match head.path.as_str() {
            "/upload" => size(limits.upload_bytes).saturating_add(OVERHEAD),
            "/commit" => self.commit_bytes(),
            "/import" => size(limits.document_bytes),
            _ => limits.body_bytes_size(),
        }
    }

    fn credential(&self, head: &Head) -> Credential {
        proof::at_the_door(head, &self.house.origin)
    }

    fn open(&self, hello: Hello<'_>, _actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        proof::complete(hello.head)?;
        hello.identity?;
        Ok(Box::new(AtomicSession::new(Arc::clone(&self.house), hello.head)))
    }

    fn render(&self, event: &Event, _origin: &Origin) -> Option<Frame> {
        render::commit(event)
    }

    fn position(&self, event: &Event, _origin: &Origin) -> Option<Frame> {
        render::position(event)
    }

    fn request(&self, request: Request) -> Step {
        match proof::complete(&request.head) {
            Ok(()) => rest::request(&request, &self.house.origin, &self.house.limits),
            Err(error) => Step::Reply(rest::refuse(&request.head, &self.house.origin, &error)),
        }
    }

    fn refusal(&self, head: &Head, error: &Error) -> Response {
        rest::refuse(head, &self.house.origin, error)
    }
}

#[cfg(test)]
mod tests;
