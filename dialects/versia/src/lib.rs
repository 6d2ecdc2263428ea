#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod delivery;
mod entity;
mod envelope;
mod house;
mod inquiry;
mod json;
mod media;
mod metadata;
mod moment;
mod naming;
mod receipt;
mod rest;
mod session;
mod signer;
mod signing;
mod telling;
#[cfg(test)]
mod vectors;

use std::sync::Arc;

use quintet_core::dialect::Dialing;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::host::Reach;
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::telling::{Letterhead, Posting};
use quintet_core::federation::{
    Audience, Federation, Form, Host, Inquiry, Parcel, PeerProfile, Question, Receipt, Tale, Target, Telling,
};
use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::limits::size;
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Limits, Origin, Session, Timestamp};

use crate::house::House;

/// Where other servers connect (versia.md, section 2.2).
const SOCKET: &str = "/.versia/ws";
/// The framing that they are to offer there (versia.md, section 2.2).
const SUBPROTOCOL: &str = "pub.versia.websockets.v1";

/// How the room is to behave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether it federates at all.
    pub enabled: bool,
    /// Which servers can be peers.
    pub reach: Reach,
    /// Whether the metadata document has nothing that a strict reader of 0.5 does not know.
    pub strict_metadata: bool,
    /// Whether followers wait until they are let in: users say that of themselves.
    pub manual: bool,
}

/// The Versia room.
#[derive(Clone, Debug)]
pub struct Versia {
    house: Arc<House>,
}

impl Versia {
    /// A room at this origin, with these bounds.
    pub fn new(origin: &Origin, limits: &Limits, options: Options) -> Self {
        Self { house: Arc::new(House::new(origin, limits, options)) }
    }
}

impl Dialect for Versia {
    fn name(&self) -> &'static str {
        "versia"
    }

    fn sockets(&self) -> &'static [&'static str] {
        if self.house.host.is_some() { &[SOCKET] } else { &[] }
    }

    fn serves(&self, path: &str) -> bool {
        self.house.host.is_some() && rest::serves(path)
    }

    fn subprotocol(&self, offered: &[&str]) -> Option<&'static str> {
        offered.contains(&SUBPROTOCOL).then_some(SUBPROTOCOL)
    }

    fn subprotocols(&self) -> &'static [&'static str] {
        &[SUBPROTOCOL]
    }

    fn message_bytes(&self) -> usize {
        size(self.house.limits.peer_frame_bytes)
    }

    fn body_bytes(&self, head: &Head, limits: &Limits) -> usize {
        rest::body_bytes(head, limits)
    }

    fn is_guarded(&self) -> bool {
        true
    }

    fn credential(&self, _head: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        session::accept(&self.house, &hello, actions)
    }

    fn federation(&self) -> Option<Arc<dyn Federation>> {
        Some(Arc::new(self.clone()))
    }

    fn dial(&self, call: Dialing<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        session::dial(&self.house, &call, actions)
    }

    /// Peers hear parcels, which are signed for each of them, and no events.
    fn render(&self, _event: &Event, _origin: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, request: Request) -> Step {
        rest::request(&self.house, &request)
    }

    fn refusal(&self, head: &Head, error: &Error) -> Response {
        rest::refusal(head, error)
    }
}

impl Federation for Versia {
    fn host(&self) -> Option<&Host> {
        self.house.host.as_ref()
    }

    fn inquire(&self, question: Question) -> Box<dyn Inquiry> {
        inquiry::begin(&self.house, question)
    }

    fn tell(&self, tale: &Tale<'_>, form: Form) -> Option<Telling> {
        telling::tell(&self.house, tale, form)
    }

    fn letterhead(
        &self,
        peer: &PeerProfile,
        inbox: Option<&str>,
        telling: &Telling,
        signed_at: Timestamp,
    ) -> Letterhead {
        delivery::letterhead(&self.house, peer, inbox, telling, signed_at)
    }

    fn posting(&self, peer: &PeerProfile, inbox: Option<&str>, form: Form, parcel: &Parcel) -> Posting {
        delivery::posting(peer, inbox, form, parcel)
    }

    fn receipt(&self, status: u16, headers: &[(String, String)], body: &[u8]) -> Receipt {
        delivery::receipt(status, headers, body)
    }

    fn sign_fetch(&self, fetch: &Fetch, signed_at: Timestamp) -> Letterhead {
        delivery::sign_fetch(&self.house, fetch, signed_at)
    }

    fn headers(
        &self,
        letterhead: &Letterhead,
        signed_at: Timestamp,
        signature: &[u8; 64],
    ) -> Vec<(&'static str, String)> {
        delivery::headers(letterhead, signed_at, signature)
    }

    fn audience(&self, kept: &Kept) -> Option<Audience> {
        entity::audience(&self.house, kept)
    }

    fn target(&self, text: &str) -> Result<Target, Error> {
        naming::typed(&self.house, text)
    }

    fn spell(&self, target: &Target) -> String {
        naming::spell_for_people(&self.house, target)
    }
}
