//! Sessions with other servers, on sockets that they or we opened (versia.md, section 2): first a handshake, then messages and receipts both ways.

mod handshake;
mod hello;
mod inbound;
mod outbound;
mod talk;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use quintet_core::dialect::Dialing;
use quintet_core::federation::{Ask, Host, Told, Verified};
use quintet_core::{Action, Answer, Call, Credential, Error, Hello, Input, Kind, Session, Ticket, Timestamp};

use self::handshake::{Handshake, Outcome};
use self::talk::Talk;
use crate::house::House;
use crate::{SOCKET, SUBPROTOCOL, signing};

/// [`Ask::Pen`], for our half of the handshake.
const PEN: Ticket = Ticket(1);
/// [`Ask::Verify`] of a Hello.
const HELLO: Ticket = Ticket(2);
/// [`Action::Authenticate`], once the peer has shown who it is.
const ENTER: Ticket = Ticket(3);
/// [`Action::Carry`].
const CARRY: Ticket = Ticket(4);
/// Tickets of messages have this bit, and the message's number in the others.
const MESSAGE: u32 = 1 << 31;

/// A failed handshake, or a message before its end (versia.md, section 2.8).
const NOT_GREETED: u16 = 4401;
/// A peer that is not wanted.
const BLOCKED: u16 = 4403;
/// No Hello in time.
const LATE: u16 = 4408;
/// Too many sockets with one peer.
const DISPLACED: u16 = 4409;
/// Nothing but errors.
const USELESS: u16 = 4429;
/// A binary frame.
const NO_TEXT: u16 = 1003;
/// Going away, or no response.
const AWAY: u16 = 1001;

/// A server connects to us.
pub(crate) fn accept(
    house: &Arc<House>,
    hello: &Hello<'_>,
    actions: &mut Vec<Action>,
) -> Result<Box<dyn Session>, Error> {
    let offered = hello.head.headers.iter().filter(|(name, _)| name == "sec-websocket-protocol");
    if !offered.flat_map(|(_, value)| value.split(',')).any(|word| word.trim() == SUBPROTOCOL) {
        return Err(Error::bad_message(format!("offer the sub-protocol {SUBPROTOCOL}")));
    }
    let own = own_host(house)?;
    let handshake = Handshake::accepting(own, SOCKET, hello.fresh[0]);
    Ok(Connection::open(house, handshake, actions))
}

/// We have connected to a server.
pub(crate) fn dial(
    house: &Arc<House>,
    call: &Dialing<'_>,
    actions: &mut Vec<Action>,
) -> Result<Box<dyn Session>, Error> {
    if call.subprotocol != Some(SUBPROTOCOL) {
        return Err(Error::unavailable(format!("the server does not speak {SUBPROTOCOL}")));
    }
    let own = own_host(house)?;
    let path = signing::path_of(call.endpoint);
    let handshake = Handshake::dialing(own, call.host.clone(), path, call.fresh[0]);
    Ok(Connection::open(house, handshake, actions))
}

fn own_host(house: &House) -> Result<Host, Error> {
    house.host.clone().ok_or_else(|| Error::not_found("this server does not federate"))
}

/// A socket with another server.
struct Connection {
    house: Arc<House>,
    stage: Stage,
}

enum Stage {
    /// Nobody is believed yet.
    Greeting(Box<Handshake>),
    /// Both know who the other is.
    Talking(Box<Talk>),
    /// Closed by us.
    Over,
}

impl Connection {
    fn open(house: &Arc<House>, handshake: Handshake, actions: &mut Vec<Action>) -> Box<dyn Session> {
        let time = Duration::from_secs(house.limits.hello_seconds);
        actions.push(Action::CloseAfter(time, LATE, "no Hello in time"));
        actions.push(Action::Call(PEN, ask(Ask::Pen)));
        Box::new(Self { house: Arc::clone(house), stage: Stage::Greeting(Box::new(handshake)) })
    }

    fn greet(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        let Stage::Greeting(handshake) = &mut self.stage else { return };
        let house = &self.house;
        let failed = match input {
            Input::Text(text) => handshake.hear(house, text, now, actions).err().map(|error| (NOT_GREETED, error)),
            Input::Answer(PEN, Ok(Answer::Federation(Told::Pen(pen)))) => {
                handshake.take_pen(house, pen, now, actions);
                None
            }
            Input::Answer(HELLO, Ok(Answer::Federation(Told::Verified(verified)))) => {
                handshake.believe(house, verified, now, actions);
                None
            }
            Input::Answer(ENTER, Ok(_)) => {
                let outcome = handshake.finish(house, now, actions);
                return self.begin(outcome, actions);
            }
            Input::Answer(_, Err(error)) if error.kind() == Kind::Forbidden => Some((BLOCKED, error)),
            Input::Answer(_, Err(error)) | Input::Refused(error) => Some((NOT_GREETED, error)),
            Input::Answer(_, Ok(_)) => Some((NOT_GREETED, Error::internal("an answer of another kind"))),
            // Nothing is carried yet, and nothing was offered.
            _ => None,
        };
        if let Some((code, error)) = failed {
            self.close(code, error.public(), actions);
        }
    }

    /// After the handshake.
    fn begin(&mut self, outcome: Outcome, actions: &mut Vec<Action>) {
        let Outcome::Done { peer, dialed, carriage } = outcome else { return };
        actions.push(Action::Deadline(None));
        if dialed {
            actions.push(Action::IdleAfter(Some(Duration::from_secs(self.house.limits.peer_idle_seconds))));
        }
        actions.push(Action::Carry(CARRY, carriage));
        self.stage = Stage::Talking(Box::new(Talk::new(&self.house, peer)));
    }

    fn close(&mut self, code: u16, reason: &str, actions: &mut Vec<Action>) {
        self.stage = Stage::Over;
        actions.push(Action::Close(code, reason.to_owned()));
    }
}

impl Session for Connection {
    fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        match (&mut self.stage, input) {
            (Stage::Over, _) => {}
            (_, Input::Binary(_)) => self.close(NO_TEXT, "binary frames mean nothing here", actions),
            (_, Input::Part(why)) => {
                let (code, reason) = talk::parting(why);
                self.close(code, reason, actions);
            }
            (Stage::Greeting(_), input) => self.greet(input, now, actions),
            (Stage::Talking(talk), input) => {
                if let Err((code, reason)) = talk.handle(input, now, actions) {
                    self.close(code, &reason, actions);
                }
            }
        }
    }

    fn waits(&self) -> bool {
        match &self.stage {
            Stage::Greeting(handshake) => handshake.waits(),
            Stage::Talking(talk) => talk.waits(),
            Stage::Over => false,
        }
    }
}

fn ask(ask: Ask) -> Call {
    Call::Federation(Box::new(ask))
}

fn enter(verified: Box<Verified>) -> Action {
    Action::Authenticate(ENTER, Credential::Peer(verified))
}
