//! A peer's protocol state: what it has asked, and what it is still to be told.

mod calls;
mod resumption;
mod roll;
mod turns;
mod verdict;

use std::sync::Arc;

use quintet_core::http::Head;
use quintet_core::limits::size;
use quintet_core::{
    Action, Answer, Call, Error, Frame, Input, Kind, Origin, Session, Subject, Ticket, Timestamp, Topic,
};
use serde_json::Value;

use self::calls::Calls;
use self::resumption::Resumption;
use self::roll::Roll;
use self::turns::{Asked, Turns};
use crate::proof::{self, Refused};
use crate::reading::{self, Reading, SETUP};
use crate::wire::message::{self, Message, Wanted};
use crate::wire::told;
use crate::{House, refusal};

/// What an answer is about, where it is not one of the calls that [`Turns`] numbers.
mod ticket {
    use quintet_core::Ticket;

    /// Listening to one subject.
    pub(super) const HEARING: Ticket = Ticket(0);
    /// Listening to the subjects of a list.
    pub(super) const ROLL: Ticket = Ticket(1);
    /// Listening to the subjects of a `RESUME`.
    pub(super) const RETURNING: Ticket = Ticket(2);
    /// Becoming an agent.
    pub(super) const IDENTITY: Ticket = Ticket(3);
}

/// One socket. Small at rest; its subscriptions are the hall's.
pub(crate) struct AtomicSession {
    house: Arc<House>,
    /// What it asked and is still to be told.
    turns: Turns,
    /// A message that must see what those before it did.
    delayed: Option<Box<str>>,
    /// A list of subjects that is being answered.
    roll: Option<Box<Roll>>,
    /// A `RESUME` that is being answered.
    resumption: Option<Box<Resumption>>,
    /// Procedures that it has called.
    calls: Option<Box<Calls>>,
    /// Whether it was told that it listens to too much; once is enough.
    told_full: bool,
    /// Whether it hears positions.
    positions: bool,
    /// Whether a page of another site opened it.
    elsewhere: bool,
}

impl AtomicSession {
    /// A peer that knocked with this head. It is told nothing yet: there is no greeting.
    pub(crate) fn new(house: Arc<House>, head: &Head) -> Self {
        let elsewhere = head.header("origin").is_some_and(|origin| origin != house.origin.0);
        Self {
            elsewhere,
            house,
            turns: Turns::default(),
            delayed: None,
            roll: None,
            resumption: None,
            calls: None,
            told_full: false,
            positions: false,
        }
    }

    fn hear(&mut self, text: &str, actions: &mut Vec<Action>) {
        let most = size(self.house.limits.connection_subscriptions);
        match Message::read(text, most) {
            Ok(message) if self.must_wait(&message) => self.delayed = Some(text.into()),
            Ok(message) => self.act(message, actions),
            Err(why) => self.say(told::error(&why), actions),
        }
    }

    /// "Frames of one socket must take effect in order": what reads waits for the commits before it, and a commit for what reads before it;
    /// commits do not wait for each other. A `RESUME` waits for everything, so that what it holds back is let out behind its own answer.
    fn must_wait(&self, message: &Message<'_>) -> bool {
        match message {
            Message::Get(_) | Message::SubscribeAll(_) => self.turns.has_commits(),
            Message::Commit(_) => self.turns.has_reads(),
            Message::Resume(_) => !self.turns.is_empty(),
            _ => false,
        }
    }

    /// Says something in its turn.
    fn say(&mut self, frame: Frame, actions: &mut Vec<Action>) {
        self.turns.say(Action::Send(frame), actions);
    }

    fn act(&mut self, message: Message<'_>, actions: &mut Vec<Action>) {
        match message {
            Message::Subscribe(subject) => {
                let topic = topic_of(subject, &self.house.origin);
                actions.extend(topic.map(|topic| Action::Subscribe(ticket::HEARING, topic.into())));
            }
            Message::SubscribeAll(subjects) => self.call_roll(subjects, actions),
            Message::Unsubscribe(subject) => self.forget(subject, actions),
            Message::UnsubscribeAll(subjects) => {
                for subject in &subjects {
                    self.forget(subject, actions);
                }
                self.say(told::unsubscribed(subjects), actions);
            }
            Message::Get(wanted) => self.get(wanted, actions),
            Message::Authenticate(json) => self.authenticate(json, actions),
            Message::Commit(json) => self.commit(json, actions),
            Message::Resume(since) => self.resume(since, actions),
            Message::Call(json) => self.call(json, actions),
        }
    }

    fn forget(&mut self, subject: &str, actions: &mut Vec<Action>) {
        self.told_full = false;
        let topic = topic_of(subject, &self.house.origin);
        actions.extend(topic.map(|topic| Action::Unsubscribe(topic.into())));
    }

    fn call_roll(&mut self, subjects: Vec<String>, actions: &mut Vec<Action>) {
        let (roll, asked) = Roll::call(subjects, &self.house.origin, actions);
        if asked.is_empty() {
            return self.say(told::subscribed(roll.told(Ok(Answer::Done))), actions);
        }
        self.roll = Some(Box::new(roll));
        let ticket = self.turns.ask(Asked::Roll);
        let none_yet = asked.into_iter().map(|subject| (subject, None)).collect();
        actions.push(Action::Call(ticket, Call::Resume(none_yet)));
    }

    fn get(&mut self, wanted: Wanted<'_>, actions: &mut Vec<Action>) {
        match self.read(wanted.url) {
            Ok(Reading::Known(resource)) => self.say(resource_of(wanted.echo, Ok(resource)), actions),
            Ok(Reading::Ask(call, told)) => {
                let ticket = self.turns.ask(Asked::Resource { echo: wanted.echo.into(), told });
                actions.push(Action::Call(ticket, *call));
            }
            Err(error) => self.say(resource_of(wanted.echo, Err(error)), actions),
        }
    }

    /// The first invite of a house is open to whoever is on its own machine, but not to whatever page that one's browser shows.
    fn read(&self, url: &str) -> Result<Reading, Error> {
        let reading = reading::read(url, &self.house.origin)?;
        match &reading {
            Reading::Ask(call, _) if self.elsewhere => match &**call {
                Call::AcceptInvite { invite, .. } if invite.path() == SETUP => {
                    Err(Error::forbidden("this invite is not accepted from pages of other sites"))
                }
                _ => Ok(reading),
            },
            _ => Ok(reading),
        }
    }

    fn authenticate(&mut self, json: &str, actions: &mut Vec<Action>) {
        match proof::on_socket(json, &self.house.origin) {
            Ok(credential) => actions.push(Action::Authenticate(ticket::IDENTITY, credential)),
            Err(Refused::Unreadable(why)) => {
                self.say(told::error(&format!("Invalid AUTHENTICATE JSON: {why}")), actions);
            }
            Err(Refused::Broken(why)) => self.say(told::error(&format!("Authentication failed: {why}")), actions),
        }
    }

    fn commit(&mut self, json: &str, actions: &mut Vec<Action>) {
        match verdict::read(json, &self.house.origin) {
            Ok(unverified) => {
                let signature = (&*unverified.commit.signature).into();
                let ticket = self.turns.ask(Asked::Commit { signature });
                actions.push(Action::Call(ticket, Call::Commit(Box::new(unverified))));
            }
            Err(rejected) => self.say(rejected, actions),
        }
    }

    fn resume(&mut self, since: Vec<(String, String)>, actions: &mut Vec<Action>) {
        let (resumption, asked) = Resumption::begin(since, &self.house.origin, actions);
        self.resumption = Some(Box::new(resumption));
        actions.push(Action::Call(self.turns.ask(Asked::Resume), Call::Resume(asked)));
    }

    fn call(&mut self, json: &str, actions: &mut Vec<Action>) {
        match self.calls.get_or_insert_default().begin(json) {
            Ok(call) => actions.push(call),
            Err(why) => self.say(told::error(&message::invalid("CALL", &why)), actions),
        }
    }

    fn answered(&mut self, ticket: Ticket, answer: Result<Answer, Error>, actions: &mut Vec<Action>) {
        match ticket {
            ticket::HEARING => self.complain(answer.err().as_ref(), actions),
            ticket::ROLL => {
                self.complain(answer.as_ref().err(), actions);
                self.roll.iter_mut().for_each(|roll| roll.listening(answer.is_ok()));
            }
            ticket::RETURNING => {
                self.complain(answer.as_ref().err(), actions);
                self.resumption.iter_mut().for_each(|resumption| resumption.listening(answer.is_ok()));
            }
            ticket::IDENTITY => {
                if let Err(error) = answer {
                    self.say(told::error(&format!("Authentication failed: {}", error.public())), actions);
                }
            }
            ticket if calls::is_call(ticket) => {
                let told = self.calls.as_mut().and_then(|calls| calls.end(ticket, answer));
                actions.extend(told.map(Action::Send));
            }
            ticket => self.call_answered(ticket, answer, actions),
        }
    }

    /// Subscriptions are silent, but one that finds no room would be missed for good: that is told, once.
    fn complain(&mut self, error: Option<&Error>, actions: &mut Vec<Action>) {
        let Some(error) = error.filter(|error| error.kind() == Kind::TooMany) else { return };
        if !std::mem::replace(&mut self.told_full, true) {
            self.say(told::error(error.public()), actions);
        }
    }

    fn call_answered(&mut self, ticket: Ticket, answer: Result<Answer, Error>, actions: &mut Vec<Action>) {
        let Some(asked) = self.turns.take(ticket) else { return };
        let told = self.told(asked, answer);
        self.turns.settle(ticket, told, actions);
        if self.turns.is_empty()
            && let Some(text) = self.delayed.take()
        {
            self.hear(&text, actions);
        }
    }

    /// What an answer makes to be done.
    fn told(&mut self, asked: Asked, answer: Result<Answer, Error>) -> Vec<Action> {
        match asked {
            Asked::Resource { echo, told } => vec![Action::Send(resource_of(&echo, answer.and_then(told)))],
            Asked::Commit { signature } => vec![Action::Send(verdict::on(&signature, answer))],
            Asked::Roll => self.rolled(answer),
            Asked::Resume => self.resumed(answer),
        }
    }

    fn rolled(&mut self, answer: Result<Answer, Error>) -> Vec<Action> {
        let mut actions = complaint(&answer);
        let subscribed = self.roll.take().map(|roll| told::subscribed(roll.told(answer)));
        actions.extend(subscribed.map(Action::Send));
        actions
    }

    fn resumed(&mut self, answer: Result<Answer, Error>) -> Vec<Action> {
        let mut actions = complaint(&answer);
        let Some(resumption) = self.resumption.take() else { return actions };
        // What is sent at once must find room in the queue of a peer that is not reading at this instant.
        let room = size(self.house.limits.queue_bytes) / 2;
        let release = resumption.end(answer, room, &mut actions);
        if !std::mem::replace(&mut self.positions, true) {
            actions.push(Action::Positions(true));
        }
        actions.push(release);
        actions
    }
}

impl Session for AtomicSession {
    fn handle(&mut self, input: Input<'_>, _now: Timestamp, actions: &mut Vec<Action>) {
        match input {
            Input::Text(text) => self.hear(text, actions),
            Input::Binary(_) => self.say(told::error("Binary not supported"), actions),
            Input::Refused(error) => self.say(told::error(error.public()), actions),
            Input::Answer(ticket, answer) => self.answered(ticket, answer, actions),
            Input::Order(..) | Input::Cancel(_) | Input::Parcel(_) | Input::Part(_) => {}
        }
    }

    fn waits(&self) -> bool {
        let limits = &self.house.limits;
        let is_full = || self.turns.is_full(size(limits.connection_calls), size(limits.queue_bytes));
        self.delayed.is_some() || self.roll.is_some() || self.resumption.is_some() || is_full()
    }
}

/// Where the commits of a subject are heard. One with a query or fragment, or of elsewhere, has none.
fn topic_of(subject: &str, origin: &Origin) -> Option<Topic> {
    plain_subject(subject, origin).map(|subject| subject.topic())
}

fn plain_subject(subject: &str, origin: &Origin) -> Option<Subject> {
    Subject::within(subject, origin).filter(|subject| !subject.path().contains(['?', '#']))
}

/// The answer to a `GET`. Its `@id` is what was asked for, letter by letter: clients know the answer by that.
fn resource_of(echo: &str, resource: Result<Value, Error>) -> Frame {
    let mut resource = resource.unwrap_or_else(|error| refusal::resource(echo, &error));
    if let Some(id) = resource.get_mut("@id") {
        *id = echo.into();
    }
    told::resource(&resource)
}

/// That nothing can be said of what was asked, where that is so.
fn complaint(answer: &Result<Answer, Error>) -> Vec<Action> {
    answer.as_ref().err().map(|error| Action::Send(told::error(error.public()))).into_iter().collect()
}

#[cfg(test)]
mod tests;
