//! A peer's protocol state: who it is, where it listens, and which of its questions are under way.
//!
//! A client and a worker have the same one; a worker may say more.

mod calling;
mod entering;
mod listening;
mod questions;
mod working;

use std::collections::HashSet;
use std::sync::Arc;

use quintet_core::error::FieldError;
use quintet_core::{Action, Answer, Error, Hello, Identity, Input, Pattern, Session, Ticket, Timestamp};

use self::questions::{Asked, Question, Questions};
use crate::wire::command::{Command, trimmed};
use crate::wire::return_address::{ERROR, ReturnAddress};
use crate::{House, refusal};

/// The payload of whatever was done and has no other.
const SUCCESS: &str = r#"{"success":true}"#;

/// Through which door a peer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// A client.
    Room,
    /// A program that answers calls.
    Workers,
}

impl Entrance {
    /// The dialect's name.
    pub(crate) const fn dialect(self) -> &'static str {
        match self {
            Self::Room => "flamigo",
            Self::Workers => "worker",
        }
    }

    /// Whether this is the door for somebody.
    fn welcomes(self, who: &Identity) -> bool {
        match self {
            Self::Room => matches!(who, Identity::User(_)),
            Self::Workers => matches!(who, Identity::Worker(_)),
        }
    }
}

/// Whether somebody who showed this, or nothing, may knock at the workers' entrance.
pub(crate) fn check_at_the_door(who: Result<&Identity, &Error>) -> Result<(), Error> {
    match who {
        Ok(Identity::Public) => Ok(()),
        Ok(who) if Entrance::Workers.welcomes(who) => Ok(()),
        Ok(_) => Err(entering::wrong_door(Entrance::Workers)),
        Err(error) => Err(Error::unauthenticated(error.public())),
    }
}

/// One socket.
pub(crate) struct FlamigoSession {
    house: Arc<House>,
    entrance: Entrance,
    /// Under which it hears what is said to it alone.
    name: Arc<str>,
    /// Whether it has shown who it is.
    known: bool,
    /// How often it failed to.
    failures: u64,
    /// What it listens to by its own wish.
    patterns: HashSet<Pattern>,
    questions: Questions,
}

impl FlamigoSession {
    /// A peer comes in. It is told nothing yet: there is no greeting.
    pub(crate) fn begin(house: Arc<House>, entrance: Entrance, hello: &Hello<'_>, actions: &mut Vec<Action>) -> Self {
        let mut session = Self {
            house,
            entrance,
            name: format!("c-{:032x}", hello.fresh[0]).into(),
            known: false,
            failures: 0,
            patterns: HashSet::new(),
            questions: Questions::default(),
        };
        match &hello.identity {
            Ok(who) if entrance.welcomes(who) => session.settle_in(actions),
            _ => session.hurry(actions),
        }
        session
    }

    fn hear(&mut self, input: &Input<'_>, actions: &mut Vec<Action>) {
        let Some(text) = trimmed(input) else {
            let error = Error::bad_message("send JSON in UTF-8");
            return self.refuse(&ReturnAddress::unknown(), &error, actions);
        };
        let (command, whole) = Command::read(&text);
        if let Err(error) = whole.and_then(|()| self.act(&command, actions)) {
            self.refuse(&ReturnAddress::of(&command), &error, actions);
        }
    }

    /// Does what a command says, after the checks of section 3 in their order.
    fn act(&mut self, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        if command.lacks_topic() {
            return Err(Error::invalid(vec![FieldError::required("topic")]));
        }
        let topic = command.topic().ok_or_else(|| Error::invalid(vec![FieldError::failed("topic", "text")]))?;
        if !self.known && topic != entering::TOPIC {
            return Err(refusal::unauthorized());
        }
        match (topic.split_once("::"), self.entrance) {
            (Some(("app", name)), _) => self.call(name, command, actions),
            (Some(("worker", name)), Entrance::Workers) => self.work(name, command, actions),
            (_, Entrance::Workers) if topic == ERROR => working::fail(command, actions),
            _ => Err(refusal::out_of_scope()),
        }
    }

    /// What belongs to the socket itself is done here, everything else by the hall.
    fn call(&mut self, name: &str, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        match name {
            "websocket:auth" => self.enter(command, actions),
            "topic:subscribe" => self.subscribe(command, actions),
            "topic:unsubscribe" => self.unsubscribe(command, actions),
            "topic:publish" => self.publish(command, actions),
            "room:join" => self.join(command, actions),
            "connection:get" => {
                self.confirm(&ReturnAddress::of(command), &format!(r#"{{"id":"{}"}}"#, self.name), actions);
                Ok(())
            }
            _ => self.invoke(name, command, actions),
        }
    }

    /// Notes what an answer will be about.
    fn ask(&mut self, command: &Command<'_>, asked: Asked) -> Ticket {
        let to = ReturnAddress::of(command);
        // A worker may call what it runs itself: it must be heard meanwhile.
        let overlap = command.overlap || self.entrance == Entrance::Workers;
        self.questions.ask(Question { to, asked, overlap })
    }

    fn answered(&mut self, ticket: Ticket, answer: Result<Answer, Error>, actions: &mut Vec<Action>) {
        let Some(Question { to, asked, overlap }) = self.questions.take(ticket) else { return };
        let told = match (asked, answer) {
            (Asked::Identity, answer) => self.entered(answer, actions),
            (Asked::Listening { pattern, room }, answer) => self.listening(pattern, room, answer, actions),
            (Asked::Joining, Ok(Answer::Room(room))) => {
                let asked = self.joined(&room);
                let pattern = asked.pattern.clone();
                let ticket = self.questions.ask(Question { to, asked: Asked::Joined(asked), overlap });
                return actions.push(Action::Subscribe(ticket, pattern));
            }
            (Asked::Joined(joined), answer) => {
                self.listening(joined.pattern, Some(joined.room), answer, actions).map(|_| joined.told.into())
            }
            (Asked::Outcome, Ok(Answer::Outcome(outcome))) => Ok(calling::told(outcome)),
            (Asked::Nothing, Ok(_)) => Ok(SUCCESS.into()),
            (_, Err(error)) => Err(error),
            (_, Ok(_)) => Err(Error::internal("the hall answered something else than was asked")),
        };
        match told {
            Ok(payload) => self.confirm(&to, &payload, actions),
            Err(error) => self.refuse(&to, &error, actions),
        }
    }

    /// Replies that something was done. To workers only where they asked for a reply.
    fn confirm(&self, to: &ReturnAddress, payload: &str, actions: &mut Vec<Action>) {
        if self.entrance == Entrance::Room || to.is_correlated() {
            actions.push(Action::Send(to.success(payload)));
        }
    }

    fn refuse(&self, to: &ReturnAddress, error: &Error, actions: &mut Vec<Action>) {
        actions.push(Action::Send(to.failure(&refusal::payload(error, self.house.options.debug))));
    }
}

impl Session for FlamigoSession {
    fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        match input {
            Input::Text(_) | Input::Binary(_) => self.hear(&input, actions),
            Input::Refused(error) => self.refuse(&ReturnAddress::unknown(), &error, actions),
            Input::Answer(ticket, answer) => self.answered(ticket, answer, actions),
            Input::Order(id, order) => actions.push(working::order(id, &order, now)),
            Input::Cancel(id) => actions.push(working::cancel(id)),
            Input::Parcel(_) | Input::Part(_) => {}
        }
    }

    /// "Commands of one connection strictly one after the other" (section 2.5), unless it asked for overlap.
    fn waits(&self) -> bool {
        self.questions.hold_up()
    }
}

#[cfg(test)]
mod tests;
