//! One side of a socket, and the hall behind it: with real keys, but without a clock and a disk.

use std::collections::VecDeque;
use std::sync::Arc;

use ed25519_dalek::{Signer as _, SigningKey};
use quintet_core::dialect::{Carriage, Dialing};
use quintet_core::federation::desk::Reception;
use quintet_core::federation::host::Reach;
use quintet_core::federation::pen::Hand;
use quintet_core::federation::{Ask, Host, Own, Parcel, ParcelId, Pen, Receipt, Signed, Signer, Told, Verified};
use quintet_core::http::Head;
use quintet_core::identity::Credential;
use quintet_core::{Action, Answer, Call, Error, Hello, Identity, Input, Limits, Origin, Session, Ticket, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::house::House;
use crate::{Options, SUBPROTOCOL, session, signing};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_729_241_807_000);

/// A side, and everything that it did.
pub(super) struct Side {
    pub(super) session: Box<dyn Session>,
    pub(super) now: Timestamp,
    pub(super) sent: VecDeque<String>,
    pub(super) closed: Option<(u16, String)>,
    pub(super) limit: Option<(u64, u16)>,
    pub(super) idle: Option<u64>,
    pub(super) carriage: Option<Carriage>,
    pub(super) receipts: Vec<(ParcelId, Receipt)>,
    /// Entities that the store was given, in order.
    pub(super) taken: Vec<String>,
    /// Who it talks to, once that is known.
    pub(super) identity: Option<String>,
    /// Whether questions wait until somebody answers them.
    pub(super) is_slow: bool,
    pub(super) asked: Vec<(Ticket, Ask)>,
    /// What every check of a signature ends with.
    pub(super) trouble: Option<fn() -> Error>,
    /// What every attempt to become somebody ends with.
    pub(super) bouncer: Option<fn() -> Error>,
    /// What the store says.
    pub(super) verdict: Option<fn() -> Error>,
    /// Whether everything was accepted before.
    pub(super) knows_all: bool,
    host: String,
}

/// The key of whoever is called that, a host or a user.
pub(super) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&Sha256::digest(name).into())
}

struct Signs(String);

impl Hand for Signs {
    fn sign(&self, _: &Own, text: &[u8]) -> [u8; 64] {
        key(&self.0).sign(text).to_bytes()
    }

    fn public(&self, _: &Own) -> [u8; 32] {
        key(&self.0).verifying_key().to_bytes()
    }
}

pub(super) fn host(name: &str) -> Host {
    Host::parse(name, Reach::Net).unwrap()
}

fn house(name: &str) -> Arc<House> {
    let options = Options { enabled: true, reach: Reach::Net, ..Options::default() };
    let limits = Limits { peer_window: 4, peer_window_bytes: 300_000, ..Limits::default() };
    Arc::new(House::new(&Origin(format!("https://{name}")), &limits, options))
}

/// A message as anybody could write it: signed with the key of `signer`, for a method and a path.
pub(super) fn message(signer: &str, target: &str, at: Timestamp, entity: &str) -> String {
    let (method, path) = target.split_once(' ').unwrap();
    let at = at.seconds().to_string();
    let text = signing::text(method, path, &at, entity.as_bytes());
    let key = key(signer.strip_prefix("instance ").unwrap_or(signer));
    let signature = signing::spell_signature(&key.sign(text.as_bytes()).to_bytes());
    json!({ "signature": signature, "signed_at": at, "signed_by": signer, "entity": entity }).to_string()
}

impl Side {
    pub(super) fn accepting(name: &str) -> Self {
        Self::accepting_slowly(name, false)
    }

    pub(super) fn accepting_slowly(name: &str, is_slow: bool) -> Self {
        let headers = vec![("sec-websocket-protocol".into(), format!("other, {SUBPROTOCOL}"))];
        let head = Head { headers, ..Head::default() };
        let mut actions = Vec::new();
        let hello = Hello { head: &head, identity: Ok(Identity::Public), fresh: [0xaaaa << 100, 2], now: NOW };
        let session = session::accept(&house(name), &hello, &mut actions).unwrap();
        Self::new(name, session, is_slow, actions)
    }

    pub(super) fn dialing(name: &str, peer: &str) -> Self {
        Self::dialing_slowly(name, peer, false)
    }

    pub(super) fn dialing_slowly(name: &str, peer: &str, is_slow: bool) -> Self {
        let endpoint = format!("wss://{peer}/.versia/ws");
        let mut actions = Vec::new();
        let host = host(peer);
        let call = Dialing {
            host: &host,
            endpoint: &endpoint,
            subprotocol: Some(SUBPROTOCOL),
            fresh: [0xdddd << 100, 2],
            now: NOW,
        };
        let session = session::dial(&house(name), &call, &mut actions).unwrap();
        Self::new(name, session, is_slow, actions)
    }

    fn new(name: &str, session: Box<dyn Session>, is_slow: bool, actions: Vec<Action>) -> Self {
        let mut side = Self {
            session,
            now: NOW,
            sent: VecDeque::new(),
            closed: None,
            limit: None,
            idle: None,
            carriage: None,
            receipts: Vec::new(),
            taken: Vec::new(),
            identity: None,
            is_slow,
            asked: Vec::new(),
            trouble: None,
            bouncer: None,
            verdict: None,
            knows_all: false,
            host: name.to_owned(),
        };
        side.obey(actions);
        side
    }

    pub(super) fn hear(&mut self, text: &str) {
        self.tell(Input::Text(text));
    }

    pub(super) fn tell(&mut self, input: Input<'_>) {
        let mut actions = Vec::new();
        self.session.handle(input, self.now, &mut actions);
        self.obey(actions);
    }

    /// Answers the question in this place of those that wait.
    pub(super) fn answer(&mut self, place: usize) {
        let (ticket, ask) = self.asked.remove(place);
        let answer = self.consider(ask);
        self.tell(Input::Answer(ticket, answer));
    }

    pub(super) fn next_json(&mut self) -> Value {
        serde_json::from_str(&self.sent.pop_front().expect("something was sent")).unwrap()
    }

    /// Statuses of all receipts that it sent, with whether they name a message.
    pub(super) fn statuses(&mut self) -> Vec<u64> {
        let frames: Vec<Value> = self.sent.drain(..).map(|text| serde_json::from_str(&text).unwrap()).collect();
        frames.iter().map(|frame| frame["status"].as_u64().unwrap_or_default()).collect()
    }

    fn obey(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(frame) => self.sent.push_back(String::from_utf8(frame.payload().to_vec()).unwrap()),
                Action::Call(ticket, Call::Federation(ask)) if self.is_slow => self.asked.push((ticket, *ask)),
                Action::Call(ticket, Call::Federation(ask)) => {
                    let answer = self.consider(*ask);
                    self.tell(Input::Answer(ticket, answer));
                }
                Action::Authenticate(ticket, Credential::Peer(verified)) => {
                    let name = verified.signer.host().shared();
                    let answer =
                        self.bouncer.map_or(Ok(Answer::Identity(Identity::Instance(name.clone()))), |no| Err(no()));
                    self.identity = Some(name.to_string());
                    self.tell(Input::Answer(ticket, answer));
                }
                Action::Carry(ticket, carriage) => {
                    self.carriage = Some(carriage);
                    self.tell(Input::Answer(ticket, Ok(Answer::Done)));
                }
                Action::Receipt(id, receipt) => self.receipts.push((id, receipt)),
                Action::CloseAfter(time, code, _) => self.limit = Some((time.as_secs(), code)),
                Action::Deadline(None) => self.limit = None,
                Action::IdleAfter(time) => self.idle = time.map(|time| time.as_secs()),
                Action::Close(code, reason) => self.closed = Some((code, reason)),
                other => panic!("not expected: {other:?}"),
            }
        }
    }

    fn consider(&mut self, ask: Ask) -> Result<Answer, Error> {
        let told = match ask {
            Ask::Pen => Told::Pen(Pen::new(Arc::new(Signs(self.host.clone())))),
            Ask::Verify(signed, _) => Told::Verified(Box::new(self.verify(&signed)?)),
            Ask::Receive(_, incoming) => {
                self.taken.push(incoming.text.to_string());
                if let Some(verdict) = self.verdict {
                    return Err(verdict());
                }
                Told::Received(Reception::Taken, None)
            }
            other => panic!("not expected: {other:?}"),
        };
        Ok(Answer::Federation(told))
    }

    fn verify(&self, signed: &Signed) -> Result<Verified, Error> {
        if let Some(trouble) = self.trouble {
            return Err(trouble());
        }
        let name = match &signed.signer {
            Signer::User(address) => &*address.key,
            Signer::Instance(host, _) => host.as_str(),
        };
        let key = key(name).verifying_key();
        let holds = |text: &String| key.verify_strict(text.as_bytes(), &signed.signature.into()).is_ok();
        if !signed.texts.iter().any(holds) {
            return Err(Error::unauthenticated("signature is not valid"));
        }
        Ok(Verified {
            signer: signed.signer.clone(),
            signed_at: signed.signed_at,
            digest: [0; 32],
            known: self.knows_all,
            signature: signing::spell_signature(&signed.signature).into(),
        })
    }
}

/// Carries frames between two sides until both are silent.
pub(super) fn converse(one: &mut Side, other: &mut Side) {
    while !(one.sent.is_empty() && other.sent.is_empty()) {
        if let Some(text) = one.sent.pop_front() {
            other.hear(&text);
        }
        if let Some(text) = other.sent.pop_front() {
            one.hear(&text);
        }
    }
}

/// A parcel of a user of `host` for another house's shared inbox.
pub(super) fn parcel(id: u64, user: &str, entity: &str) -> Arc<Parcel> {
    let message: Value = serde_json::from_str(&message(user, "post /inbox", NOW, entity)).unwrap();
    let text = |name: &str| message[name].as_str().unwrap().to_owned();
    Arc::new(Parcel {
        id: ParcelId(id),
        signature: text("signature"),
        signed_at: text("signed_at"),
        signed_by: text("signed_by"),
        text: entity.into(),
    })
}
