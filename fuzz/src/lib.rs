//! A conversation with a room in which the peer says anything at all.
//!
//! The input is read like a conversation file, line by line, so that those files are the seeds: `name > text` is a text frame,
//! `name >binary hex` a binary one, `who METHOD path body` an HTTP request, and every other line a text frame as it stands.

use std::sync::Arc;

use quintet_core::dialect::Dialing;
use quintet_core::federation::desk::Reception;
use quintet_core::federation::host::Reach;
use quintet_core::federation::pen::Hand;
use quintet_core::federation::{Ask, Host, Own, Parcel, ParcelId, Pen, Told, Verified};
use quintet_core::http::{Head, Request, Step};
use quintet_core::procedure::{Catalogue, Outcome, Procedure};
use quintet_core::{Action, Answer, Call, Dialect, Error, Hello, Id, Identity, Input, Session, Ticket, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_763_000_000_000);

/// Plays an input against a room. The room must not panic, and must speak text frames of valid UTF-8 only.
pub fn converse(room: &dyn Dialect, input: &[u8]) {
    Peer::knock(room, input.first().copied().unwrap_or_default()).play(room, input);
}

/// As [`converse`], with a house that the room has called.
pub fn call(room: &dyn Dialect, input: &[u8]) {
    Peer::called(room, input.first().copied().unwrap_or_default()).play(room, input);
}

/// A house that runs no procedures.
pub struct NoProcedures;

impl Catalogue for NoProcedures {
    fn find(&self, _: &str) -> Option<Arc<Procedure>> {
        None
    }

    fn with_interface(&self, _: &str) -> Vec<Arc<Procedure>> {
        Vec::new()
    }
}

struct Peer {
    session: Option<Box<dyn Session>>,
    /// Who it is when it has shown that.
    who: Identity,
    /// Decides how the hall answers, so that both its moods are met.
    mood: u8,
}

impl Peer {
    fn knock(room: &dyn Dialect, mood: u8) -> Self {
        let headers = vec![("sec-websocket-protocol".into(), "pub.versia.websockets.v1".into())];
        let headers = if room.name() == "versia" { headers } else { Vec::new() };
        let head = Head { method: "GET".into(), path: room.sockets()[0].into(), headers, ..Head::default() };
        let who = if room.name() == "worker" { Identity::Worker("w".into()) } else { Identity::User(Id::EVERYONE) };
        let identity = if mood & 1 == 0 { Ok(Identity::Public) } else { Ok(who.clone()) };
        let mut actions = Vec::new();
        let hello = Hello { head: &head, identity, fresh: [1, 2], now: NOW };
        let session = room.open(hello, &mut actions).ok();
        Self::begin(session, who, mood, actions)
    }

    fn called(room: &dyn Dialect, mood: u8) -> Self {
        let host = Host::parse("peer.example", Reach::Net).expect("it is spelled in the one way");
        let (endpoint, subprotocol) = ("wss://peer.example/.versia/ws", Some("pub.versia.websockets.v1"));
        let mut actions = Vec::new();
        let call = Dialing { host: &host, endpoint, subprotocol, fresh: [1, 2], now: NOW };
        let session = room.dial(call, &mut actions).ok();
        Self::begin(session, Identity::Instance(host.shared()), mood, actions)
    }

    fn begin(session: Option<Box<dyn Session>>, who: Identity, mood: u8, actions: Vec<Action>) -> Self {
        let mut peer = Self { session, who, mood };
        peer.obey(actions);
        peer
    }

    fn play(&mut self, room: &dyn Dialect, input: &[u8]) {
        for line in input.split(|byte| *byte == b'\n') {
            match std::str::from_utf8(line) {
                Ok(text) => self.act(room, text),
                Err(_) => self.hear(Input::Binary(line)),
            }
        }
    }

    fn act(&mut self, room: &dyn Dialect, line: &str) {
        let words = line.split_once(' ').map_or("", |(_, rest)| rest);
        if let Some(text) = words.strip_prefix("> ") {
            return self.hear(Input::Text(text));
        }
        let mut parts = words.splitn(3, ' ');
        let (method, path, body) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        if path.starts_with('/') {
            return self.ask(room, method, path, body);
        }
        self.hear(Input::Text(line));
    }

    fn ask(&mut self, room: &dyn Dialect, method: &str, target: &str, body: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = vec![("content-type".into(), "application/json".into()), ("authorization".into(), "Bearer x".into())];
        let head = Head { method: method.into(), path: path.into(), query: query.into(), headers, ..Head::default() };
        if !room.serves(path) {
            return;
        }
        let step = room.request(Request { head, body: body.to_owned().into() });
        if let Step::Ask(exchange) = step {
            let _ = (exchange.reply)(self.answer());
        }
    }

    fn hear(&mut self, input: Input<'_>) {
        let mut actions = Vec::new();
        if let Some(session) = &mut self.session {
            session.handle(input, NOW, &mut actions);
        }
        self.obey(actions);
    }

    fn obey(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(frame) => assert!(std::str::from_utf8(frame.payload()).is_ok(), "a text frame that is no text"),
                Action::Authenticate(ticket, _) if self.mood & 16 == 0 => {
                    self.reply(ticket, Ok(Answer::Identity(self.who.clone())));
                }
                Action::Authenticate(ticket, _) => self.reply(ticket, Ok(Answer::Identity(Identity::Public))),
                Action::Subscribe(ticket, _) => self.reply(ticket, Ok(Answer::Subscribed { readable: self.mood & 2 == 0 })),
                Action::Publish(ticket, ..) if self.mood & 4 == 0 => self.reply(ticket, Err(Error::forbidden("not here"))),
                Action::Publish(ticket, ..) => self.reply(ticket, Ok(Answer::Done)),
                Action::Call(ticket, Call::Invoke(call)) if self.mood & 2 == 0 => {
                    self.reply(ticket, Ok(Answer::Outcome(Outcome::ok(call.payload))));
                }
                Action::Offer(ticket, ..) => {
                    let answer = self.answer();
                    self.reply(ticket, answer);
                }
                Action::Call(ticket, Call::Federation(ask)) => {
                    let answer = self.consider(*ask);
                    self.reply(ticket, answer);
                }
                Action::Carry(ticket, _) => {
                    self.reply(ticket, Ok(Answer::Done));
                    (1..3).for_each(|id| self.hear(Input::Parcel(parcel(id))));
                }
                Action::Call(ticket, _) => {
                    let answer = self.answer();
                    self.reply(ticket, answer);
                }
                Action::Unsubscribe(_) | Action::Drain | Action::Result(..) | Action::Deadline(_) => {}
                Action::Hold | Action::Release(_) | Action::Positions(_) => {}
                Action::Receipt(..) | Action::CloseAfter(..) | Action::IdleAfter(_) => {}
                Action::Close(..) => self.session = None,
            }
        }
    }

    /// What another house says is believed, in one mood; who gets that far is worth the most.
    fn consider(&mut self, ask: Ask) -> Result<Answer, Error> {
        let told = match ask {
            Ask::Pen => Told::Pen(Pen::new(Arc::new(Scrawl))),
            Ask::Verify(signed, _) if self.mood & 4 == 0 => Told::Verified(Box::new(Verified {
                signer: signed.signer,
                signed_at: signed.signed_at,
                digest: [0; 32],
                known: self.mood & 128 != 0,
                signature: "".into(),
            })),
            Ask::Receive(..) | Ask::Accept(..) if self.mood & 64 != 0 => Told::Received(Reception::Taken, None),
            _ => return self.answer(),
        };
        Ok(Answer::Federation(told))
    }

    fn reply(&mut self, ticket: Ticket, answer: Result<Answer, Error>) {
        self.hear(Input::Answer(ticket, answer));
    }

    fn answer(&mut self) -> Result<Answer, Error> {
        self.mood = self.mood.rotate_left(1);
        if self.mood & 8 == 0 { Ok(Answer::Done) } else { Err(Error::not_found("no such thing")) }
    }
}

/// Signs without a key.
struct Scrawl;

impl Hand for Scrawl {
    fn sign(&self, _: &Own, _: &[u8]) -> [u8; 64] {
        [7; 64]
    }

    fn public(&self, _: &Own) -> [u8; 32] {
        [7; 32]
    }
}

fn parcel(id: u64) -> Arc<Parcel> {
    Arc::new(Parcel {
        id: ParcelId(id),
        signature: id.to_string(),
        signed_at: "1763000000".into(),
        signed_by: "house.example".into(),
        text: "{}".into(),
    })
}
