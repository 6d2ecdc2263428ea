//! Another house, on paper: a room whose federation is spelled in a few words, and what is fetched by URL.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use ed25519_dalek::{Signer as _, SigningKey};
use parking_lot::Mutex;
use quintet_core::federation::host::Reach;
use quintet_core::federation::inquiry::{Fetch, Fetched, Step};
use quintet_core::federation::note::Audience;
use quintet_core::federation::telling::{Letterhead, Posting, Tale, Telling, What};
use quintet_core::federation::{
    Address, Ask, Deed, Federation, Finding, Form, Host, Incoming, Inquiry, Own, Parcel, PeerProfile, Question,
    Receipt, Signed, Signer, Target, Told, UserProfile, Verified,
};
use quintet_core::http::{Head, Request, Response};
use quintet_core::identity::Secret;
use quintet_core::{
    Action, Answer, Call, Credential, Dialect, Error, Event, Frame, Hello, Id, Limits, Origin, Session, Timestamp,
};
use quintet_hub::federation::carrier::{Carrier, Dialed, Posted};
use quintet_hub::{Caller, Rules};
use tokio::sync::Semaphore;

use crate::house::{House, PASSWORD, house, public, rules};
use crate::troubled::Trouble;

/// A host by name.
pub(crate) fn host(name: &str) -> Host {
    Host::parse(name, Reach::Net).unwrap()
}

/// A user of another house, as it is named there.
pub(crate) fn address(house: &str, user: &str) -> Address {
    Address { host: host(house), form: Form::Uri, key: format!("https://{house}/{user}").into() }
}

/// The key of a house or user: the same for the same name and round.
pub(crate) fn key(name: &str, round: u8) -> SigningKey {
    let mut seed = [round; 32];
    seed.iter_mut().zip(name.bytes()).for_each(|(seed, byte)| *seed ^= byte);
    SigningKey::from_bytes(&seed)
}

/// What is at a URL.
#[derive(Clone)]
pub(crate) enum Served {
    /// Whoever has this key.
    Key([u8; 32]),
    /// A note.
    Note(Box<Incoming>),
    /// Nothing.
    Missing,
    /// No answer.
    Down,
}

/// Everything that can be fetched, and how often it was.
pub(crate) struct Net {
    pages: Mutex<HashMap<String, Served>>,
    fetched: AtomicUsize,
    /// Each fetch waits for one of these.
    pub(crate) gate: Semaphore,
}

impl Net {
    pub(crate) fn serve(&self, url: &str, served: Served) {
        self.pages.lock().insert(url.to_owned(), served);
    }

    /// Lets a house or user have its key of this round.
    pub(crate) fn serve_key(&self, url: &str, round: u8) {
        self.serve(url, Served::Key(key(url, round).verifying_key().to_bytes()));
    }

    /// How often users and notes were fetched since this was last asked. Houses are asked by whoever has something to send, too.
    pub(crate) fn fetches(&self) -> usize {
        self.fetched.swap(0, Ordering::Relaxed)
    }

    fn page(&self, url: &str) -> Served {
        self.pages.lock().get(url).cloned().unwrap_or(Served::Missing)
    }
}

/// What fetches from it: what is at a URL comes as it is, beside the bytes.
struct Wire(Arc<Net>);

#[async_trait]
impl Carrier for Wire {
    async fn fetch(&self, url: &str, _: Vec<(&'static str, String)>) -> Result<Fetched, Error> {
        let is_of_house = url.matches('/').count() == 2;
        self.0.fetched.fetch_add(usize::from(!is_of_house), Ordering::Relaxed);
        self.0.gate.acquire().await.unwrap().forget();
        self.0.gate.add_permits(1);
        let status = match self.0.page(url) {
            Served::Down => return Err(Error::unavailable("no answer")),
            Served::Missing => 404,
            Served::Key(_) | Served::Note(_) => 200,
        };
        Ok(Fetched { url: url.to_owned(), status, content_type: None, body: Vec::new() })
    }

    async fn post(&self, _: Posting) -> Result<Posted, Error> {
        Err(Error::unavailable("nothing is posted"))
    }

    async fn dial(&self, _: &Host, _: &str) -> Result<Dialed, Error> {
        Err(Error::unavailable("nobody is dialed"))
    }
}

struct Asking {
    question: Question,
    net: Arc<Net>,
}

impl Asking {
    fn url(&self) -> String {
        match &self.question {
            Question::Peer(host) => format!("https://{host}"),
            Question::User(address) | Question::Group(address) | Question::Note(address) => address.key.to_string(),
            Question::Named { name, host } => format!("https://{host}/{name}"),
            Question::At(url) => url.clone(),
        }
    }

    fn read(&self) -> Result<Finding, Error> {
        match (&self.question, self.net.page(&self.url())) {
            (Question::Peer(host), Served::Key(key)) => Ok(Finding::Peer(Box::new(peer(host, key)))),
            (Question::User(address), Served::Key(key)) => Ok(Finding::User(Box::new(profile(address, key)))),
            (Question::Named { name, host }, Served::Key(key)) => {
                Ok(Finding::User(Box::new(profile(&address(host.as_str(), name), key))))
            }
            (Question::At(url), Served::Key(key)) => match named(url) {
                Target::Remote(address) => Ok(Finding::User(Box::new(profile(&address, key)))),
                Target::Own(_) => Err(Error::bad_message("of the asker's own")),
            },
            (Question::Note(_) | Question::At(_), Served::Note(note)) => Ok(Finding::Note(note)),
            _ => Err(Error::bad_message("something else")),
        }
    }
}

impl Inquiry for Asking {
    fn step(&mut self, fetched: Option<Result<Fetched, Error>>) -> Step {
        match fetched {
            None => Step::Fetch(Fetch { url: self.url(), accept: "text/plain", signed: true }),
            Some(Err(error)) => Step::Done(Err(error)),
            Some(Ok(fetched)) if fetched.status == 404 => Step::Done(Err(Error::not_found("not there"))),
            Some(Ok(_)) => Step::Done(self.read()),
        }
    }
}

/// What a URL names: `https://a.example/user/4097`, or whatever of another house.
fn named(url: &str) -> Target {
    let path = url.trim_start_matches("https://");
    let (house, rest) = path.split_once('/').unwrap_or((path, ""));
    let id = || rest.rsplit('/').next().and_then(|id| id.parse().ok()).and_then(Id::new);
    match (house, rest.split('/').next(), id()) {
        ("a.example", Some("user"), Some(id)) => Target::Own(Own::User(id)),
        ("a.example", Some("note"), Some(id)) => Target::Own(Own::Note(id)),
        ("a.example", Some("room"), Some(id)) => Target::Own(Own::Room(id)),
        ("a.example", ..) => Target::Own(Own::Unknown),
        _ => Target::Remote(Address { host: host(house), form: Form::Uri, key: url.into() }),
    }
}

fn peer(host: &Host, key: [u8; 32]) -> PeerProfile {
    let (host, software) = (host.clone(), "Paper 1".to_owned());
    PeerProfile { host, forms: vec![Form::Uri], software, key, shared_inbox: None, endpoint: None }
}

fn profile(address: &Address, key: [u8; 32]) -> UserProfile {
    UserProfile {
        address: address.clone(),
        group: address.key.contains("group"),
        username: address.key.rsplit('/').next().unwrap().to_owned(),
        display_name: None,
        bio: None,
        key: Some(key),
        inbox: None,
        text: "{}".into(),
    }
}

/// The words of the room: reactions are `like`s and `reaction`s, all else a `thing`.
struct Tongue {
    host: Host,
    net: Arc<Net>,
}

impl Federation for Tongue {
    fn host(&self) -> Option<&Host> {
        Some(&self.host)
    }

    fn inquire(&self, question: Question) -> Box<dyn Inquiry> {
        Box::new(Asking { question, net: Arc::clone(&self.net) })
    }

    fn tell(&self, tale: &Tale<'_>, form: Form) -> Option<Telling> {
        let What::Reacted { by, reaction, .. } = &tale.what else {
            let signer = Own::House;
            return Some(Telling { kind: "thing", signer, form, text: format!("{:?}", tale.what) });
        };
        let kind = if *reaction == "❤" { "like" } else { "reaction" };
        let signer = Own::User(*by);
        Some(Telling { kind, signer, form, text: format!("{:?}", tale.what) })
    }

    fn letterhead(&self, _: &PeerProfile, _: Option<&str>, telling: &Telling, _: Timestamp) -> Letterhead {
        Letterhead { text: telling.text.clone(), signed_by: String::new() }
    }

    fn posting(&self, _: &PeerProfile, _: Option<&str>, _: Form, parcel: &Parcel) -> Posting {
        Posting { url: String::new(), headers: Vec::new(), body: parcel.text.to_string() }
    }

    fn receipt(&self, status: u16, _: &[(String, String)], _: &[u8]) -> Receipt {
        Receipt::of(status)
    }

    fn sign_fetch(&self, fetch: &Fetch, _: Timestamp) -> Letterhead {
        Letterhead { text: fetch.url.clone(), signed_by: self.host.to_string() }
    }

    fn headers(&self, letterhead: &Letterhead, _: Timestamp, _: &[u8; 64]) -> Vec<(&'static str, String)> {
        vec![("signed-by", letterhead.signed_by.clone())]
    }

    fn audience(&self, kept: &quintet_core::federation::desk::Kept) -> Option<Audience> {
        kept.text.contains("private").then_some(Audience::Mentioned)
    }

    fn target(&self, text: &str) -> Result<Target, Error> {
        if text.starts_with("https://") { Ok(named(text)) } else { Err(Error::bad_message("this is no URL")) }
    }

    fn spell(&self, target: &Target) -> String {
        match target {
            Target::Remote(address) => address.key.to_string(),
            Target::Own(own) => format!("{own:?}"),
        }
    }
}

struct Room(Arc<Tongue>);

impl Dialect for Room {
    fn name(&self) -> &'static str {
        "paper"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[]
    }

    fn serves(&self, _: &str) -> bool {
        false
    }

    fn message_bytes(&self) -> usize {
        0
    }

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, _: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::not_found("nobody opens this"))
    }

    fn render(&self, _: &Event, _: &Origin) -> Option<Frame> {
        None
    }

    fn federation(&self) -> Option<Arc<dyn Federation>> {
        Some(Arc::clone(&self.0) as _)
    }

    fn request(&self, _: Request) -> quintet_core::http::Step {
        quintet_core::http::Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _: &Head, _: &Error) -> Response {
        Response::empty(404)
    }
}

/// A house at `a.example` that speaks with everybody, and the net around it.
pub(crate) struct Abroad {
    pub(crate) house: House,
    pub(crate) net: Arc<Net>,
}

impl Abroad {
    pub(crate) async fn new() -> Self {
        let open = quintet_hub::federation::Rules { open: true, ..Default::default() };
        Self::with(Limits::default(), Rules { federation: open, ..rules() }).await
    }

    pub(crate) async fn with(limits: Limits, rules: Rules) -> Self {
        Self::build(async |rooms| House::founded(limits, rules, Some(Secret::new(PASSWORD)), rooms).await).await
    }

    /// As [`Abroad::new`], where the correspondence fails now and then.
    pub(crate) async fn troubled(trouble: Arc<Trouble>) -> Self {
        let open = quintet_hub::federation::Rules { open: true, ..Default::default() };
        let rules = Rules { federation: open, ..rules() };
        Self::build(async |rooms| House::troubled(rules, rooms, trouble).await).await
    }

    async fn build(house: impl AsyncFnOnce(Vec<Arc<dyn Dialect>>) -> House) -> Self {
        let gate = Semaphore::new(Semaphore::MAX_PERMITS / 2);
        let net = Arc::new(Net { pages: Mutex::default(), fetched: AtomicUsize::new(0), gate });
        let tongue = Arc::new(Tongue { host: host("a.example"), net: Arc::clone(&net) });
        let rooms: Vec<Arc<dyn Dialect>> = vec![Arc::new(Room(tongue))];
        let house = house(rooms).await;
        house.hub.federation().unwrap().begin(&house.hub, Arc::new(Wire(Arc::clone(&net))));
        Self { house, net }
    }

    /// A message that a user of another house signs now, with its key of this round.
    pub(crate) fn signed(&self, who: &Address, round: u8, text: &str) -> Signed {
        let signature = key(&who.key, round).sign(text.as_bytes()).to_bytes();
        let signer = Signer::User(who.clone());
        Signed { signer, signed_at: self.house.now(), signature, texts: vec![text.to_owned()], once: true }
    }

    pub(crate) async fn ask(&self, who: &Caller, ask: Ask) -> Result<Told, Error> {
        match self.house.ask(who, Call::Federation(Box::new(ask))).await {
            Ok(Answer::Federation(told)) => Ok(told),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        }
    }

    /// As [`Abroad::ask`], by nobody in particular.
    pub(crate) async fn ask_owned(&self, ask: Ask) -> Result<Told, Error> {
        self.ask(&public(), ask).await
    }

    /// As [`Abroad::ask`], by the house itself.
    pub(crate) async fn ask_as_house(&self, ask: Ask) -> Result<Told, Error> {
        self.ask(&house(), ask).await
    }

    pub(crate) async fn verify(&self, signed: Signed) -> Result<Verified, Error> {
        self.ask(&public(), Ask::Verify(Box::new(signed), None)).await.map(verified)
    }
}

pub(crate) fn verified(told: Told) -> Verified {
    match told {
        Told::Verified(verified) => *verified,
        other => panic!("{other:?}"),
    }
}

/// An entity that somebody made now.
pub(crate) fn entity(abroad: &Abroad, actor: &Address, name: &str, deed: Deed) -> Arc<Incoming> {
    let transient = !matches!(deed, Deed::Note(_));
    Arc::new(Incoming {
        form: actor.form,
        kind: "Thing".into(),
        name: Some(Address { key: format!("{} {name}", actor.key).into(), ..actor.clone() }),
        transient,
        actor: Some(actor.clone()),
        created_at: abroad.house.now(),
        deed,
        text: format!("{{\"name\":\"{name}\"}}").into(),
    })
}

/// What a note says.
pub(crate) fn said(content: &str, audience: Audience) -> Deed {
    Deed::Note(Box::new(quintet_core::federation::incoming::Said {
        content: content.into(),
        audience,
        mentions: Vec::new(),
        replies_to: None,
        quotes: None,
    }))
}
