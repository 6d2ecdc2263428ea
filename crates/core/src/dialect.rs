//! The contract between rooms and hall.
//!
//! A room is pure: it is told what a peer said and what time it is, and tells what is to be done. It never waits.

use std::sync::Arc;
use std::time::Duration;

use crate::call::{Answer, Call};
use crate::error::Error;
use crate::event::{Body, Event};
use crate::federation::{Federation, Host, Parcel, ParcelId, Receipt};
use crate::frame::Frame;
use crate::http::{Head, Request, Response, Step};
use crate::identity::{Credential, Identity};
use crate::limits::Limits;
use crate::procedure::{Offer, Order, OrderId, Outcome};
use crate::time::Timestamp;
use crate::topic::{Pattern, Topic};

/// A room: one wire language. The hall knows it only as this.
pub trait Dialect: Send + Sync + 'static {
    /// The dialect's name in metrics, logs and `via`: `concord`, `jac` …
    fn name(&self) -> &'static str;

    /// The exact paths at which it takes WebSocket connections.
    fn sockets(&self) -> &'static [&'static str];

    /// Does it answer plain HTTP requests to this path?
    fn serves(&self, path: &str) -> bool;

    /// Whether a path is this room's also where another room serves it, too: what its clients sign and post is not for whoever chose the
    /// same path later.
    fn keeps(&self, _path: &str) -> bool {
        false
    }

    /// Of the sub-protocols that a peer offers at one of [`Dialect::sockets`], the one to be spoken. `None` answers without any.
    fn subprotocol(&self, _offered: &[&str]) -> Option<&'static str> {
        None
    }

    /// The sub-protocols that it speaks, the best first: what it offers where it calls another house ([`Dialect::dial`]). A room that is
    /// [guarded](Dialect::is_guarded) and speaks any lets nobody in who offers none of them.
    fn subprotocols(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where several rooms share a socket's path: whether a peer that begins with this message speaks this language.
    fn recognizes(&self, _first: &Input<'_>) -> bool {
        false
    }

    /// The largest message that a peer may send over a socket, after reassembly, in bytes; more closes it with 1009.
    fn message_bytes(&self) -> usize;

    /// The largest body of a request like this one, in bytes; more is refused with 413.
    fn body_bytes(&self, _head: &Head, limits: &Limits) -> usize {
        limits.body_bytes_size()
    }

    /// Whether a peer that is faster than its rates is told so ([`Input::Refused`]), and what it said is not done. Otherwise it
    /// waits: what it says stays unread until its rates allow it, and nothing of it is lost.
    fn tells_haste(&self) -> bool {
        false
    }

    /// Whether programs that answer calls may be its peers. A worker's token is nobody's login elsewhere.
    fn takes_workers(&self) -> bool {
        false
    }

    /// What a peer that knocks at a socket shows. Checked before [`Dialect::open`], which is told the result.
    fn credential(&self, head: &Head) -> Credential;

    /// A peer knocked. `Err` is answered through [`Dialect::refusal`], before the upgrade.
    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error>;

    /// Says `event` in this language, or `None` if it has no word for it. Shared by every listener, so it takes no session.
    fn render(&self, event: &Event, origin: &Origin) -> Option<Frame>;

    /// What a peer that asked for positions ([`Action::Positions`]) hears behind an event that it heard, so that it can come back to there.
    fn position(&self, _event: &Event, _origin: &Origin) -> Option<Frame> {
        None
    }

    /// The half of federation that a room knows, where its peers are other houses.
    fn federation(&self) -> Option<Arc<dyn Federation>> {
        None
    }

    /// Another house let us in at its socket: the session that speaks for us there. What it is answered with is as of [`Dialect::open`].
    fn dial(&self, _call: Dialing<'_>, _actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::internal("this room calls nobody"))
    }

    /// Whether somebody may come in before it has shown who it is. Asked for the sockets of an address, and for all, where a room bounds them.
    fn is_guarded(&self) -> bool {
        false
    }

    /// A plain HTTP request to a path that [`Dialect::serves`].
    fn request(&self, request: Request) -> Step;

    /// The one place where an error becomes this language's HTTP response.
    fn refusal(&self, head: &Head, error: &Error) -> Response;
}

/// A peer at the door.
pub struct Hello<'a> {
    /// Its request.
    pub head: &'a Head,
    /// Who it is: `Public` where it showed nothing, `Err(Unauthenticated)` where what it showed does not hold.
    pub identity: Result<Identity, Error>,
    /// Fresh randomness, for names that the room makes: two of them.
    pub fresh: [u128; 2],
    /// What time it is.
    pub now: Timestamp,
}

/// A house that was called.
pub struct Dialing<'a> {
    /// Which.
    pub host: &'a Host,
    /// At which URL.
    pub endpoint: &'a str,
    /// The sub-protocol that it agreed to.
    pub subprotocol: Option<&'a str>,
    /// Fresh randomness, for names that the room makes: two of them.
    pub fresh: [u128; 2],
    /// What time it is.
    pub now: Timestamp,
}

/// A peer's protocol state.
pub trait Session: Send {
    /// Takes what happened, and says what is to be done, in order. Never waits; never panics, whatever the peer sent.
    fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>);

    /// Whether what the peer says next waits for the answers to calls under way; then nothing is read until they have come.
    fn waits(&self) -> bool {
        false
    }
}

/// What can happen to a session.
#[derive(Debug)]
pub enum Input<'a> {
    /// The peer sent a text message (valid UTF-8).
    Text(&'a str),
    /// The peer sent a binary message.
    Binary(&'a [u8]),
    /// A message was not taken, for reasons of the house (a rate limit); the peer is to be told, in the room's form.
    Refused(Error),
    /// The answer to an action with a ticket. `Authenticate`, `Subscribe`, `Offer` and `Publish` are answered before the next input.
    Answer(Ticket, Result<Answer, Error>),
    /// Somebody called a procedure that this session offers: its peer is to answer. [`Action::Result`] gives the result.
    Order(OrderId, Box<Order>),
    /// Nobody waits for this result any more.
    Cancel(OrderId),
    /// Something for the house that this peer is: to be sent, and answered with [`Action::Receipt`]. Never more at once than it carries.
    Parcel(Arc<Parcel>),
    /// The hall wants this connection to another house closed; the room knows with which code.
    Part(Parting),
}

/// Ties an answer to what was asked; the session chooses the number and may use one for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u32);

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Send a frame to this peer.
    Send(Frame),
    /// Become somebody else. `Answer::Identity`, or `Unauthenticated` with nothing changed. [`Credential::None`] becomes public.
    Authenticate(Ticket, Credential),
    /// Listen. `Answer::Subscribed`, or `TooMany` subscriptions.
    Subscribe(Ticket, Pattern),
    /// Listen no longer.
    Unsubscribe(Pattern),
    /// Say something that is not kept. `Answer::Done`, or why it was refused.
    Publish(Ticket, Vec<Topic>, Body),
    /// Ask the hall. Answered later, once.
    Call(Ticket, Call),
    /// Keep back what is heard from now on, until [`Action::Release`].
    Hold,
    /// Let out what was kept back, but for the events of these topics up to these offsets: the peer has them already.
    Release(Vec<(Topic, u64)>),
    /// Whether this peer hears [`Dialect::position`] too.
    Positions(bool),
    /// Run these procedures from now on, all or none of them. `Answer::Done`; `Conflict` if somebody else runs one of them, `Forbidden` for who is no worker.
    ///
    /// Offering again replaces what was offered before. `calls` is how many the peer takes at once, in all.
    Offer(Ticket, Vec<Offer>, u32),
    /// Take no more orders. Those under way are finished.
    Drain,
    /// The result of an order; nothing happens if nobody waits for it any more.
    Result(OrderId, Result<Outcome, Error>),
    /// Carry parcels to the house that the peer is, from now on. `Answer::Done`; `Forbidden` for who is no house, or blocked.
    Carry(Ticket, Carriage),
    /// What the peer says of a parcel; nothing happens if nobody waits for it any more.
    Receipt(ParcelId, Receipt),
    /// Close the connection with 1008 unless this is called again within that time, with `None` for no end.
    Deadline(Option<Duration>),
    /// As [`Action::Deadline`], with a close code and reason of the room's own. The later one counts.
    CloseAfter(Duration, u16, &'static str),
    /// Whether this connection is to be closed (1000) when nothing but pings was heard or said for that long.
    IdleAfter(Option<Duration>),
    /// End the connection with a WebSocket close code and reason.
    Close(u16, String),
}

/// Why the hall closes a connection to another house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// There are newer ones, and too many.
    Displaced,
    /// An operator does not want it.
    Blocked,
    /// It did not give a receipt in time.
    Unanswered,
}

/// What a connection to another house carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carriage {
    /// Parcels without a receipt.
    pub window: u32,
    /// Size of an entity; larger ones go another way.
    pub entity_bytes: u64,
    /// Size of the whole message of a parcel.
    pub frame_bytes: u64,
    /// Time for a receipt; then the connection is closed, and what it carried goes another way.
    pub patience: Duration,
}

/// Where this server is reached from outside: `https://example.org`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);
