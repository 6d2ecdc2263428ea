//! A peer's protocol state: who it is, where it listens, and what it is still to be told.

mod address;
mod credential;
mod walker;

use std::collections::BTreeMap;
use std::sync::Arc;

use quintet_core::procedure::Catalogue;
use quintet_core::{
    Action, Answer, Credential, Error, Frame, Hello, Id, Identity, Input, Kind, Session, Ticket, Timestamp, Topic,
};

pub(crate) use credential::{at_the_door, in_event};
pub(crate) use walker::reported;

use crate::json::{self, Value};
use crate::wire::connection::Connection;
use crate::wire::event::Event;
use crate::wire::{Told, write};
use crate::{address::Channel, address::root_id, refusal};

/// What an answer is about.
mod ticket {
    use quintet_core::Ticket;

    /// Listening as this client.
    pub(super) const CLIENT: Ticket = Ticket(0);
    /// Listening in the channel.
    pub(super) const CHANNEL: Ticket = Ticket(1);
    /// Listening as the user.
    pub(super) const ROOT: Ticket = Ticket(2);
    /// Becoming the user of a token.
    pub(super) const ENTER: Ticket = Ticket(3);
    /// Becoming the public user.
    pub(super) const LEAVE: Ticket = Ticket(4);
    /// Telling others.
    pub(super) const NOTICE: Ticket = Ticket(5);
    /// Saying something in a room.
    pub(super) const CHAT: Ticket = Ticket(6);
    // From 8 on: walkers (`super::walker::Wanted`).
}

/// One socket.
pub(crate) struct JacSession {
    client_id: Arc<str>,
    channel_id: String,
    channel: Channel,
    /// The user whose root the socket is bound to; [`Id::PUBLIC`] for nobody's.
    user: Id,
    /// The channel is a room that the peer may not read.
    forbidden: bool,
    /// Answers that a connection event waits for.
    awaited: u32,
    /// Why something is not listened to; told after the connection event that waits.
    complaints: Vec<Error>,
    /// [`quintet_core::Limits::publish_targets`].
    targets: usize,
    /// What a walker event can name.
    walkers: Arc<dyn Catalogue>,
}

impl JacSession {
    /// A peer comes in. The connection event follows when all that it listens to is in place.
    pub(crate) fn begin(
        hello: &Hello<'_>,
        targets: usize,
        walkers: Arc<dyn Catalogue>,
        actions: &mut Vec<Action>,
    ) -> Self {
        let [client, channel] = hello.fresh.map(|fresh| format!("{}:{fresh:032x}", hello.now.seconds()));
        let asked = hello.head.query_last("channel_id").filter(|asked| !asked.is_empty());
        let channel_id = asked.map_or(channel, Into::into);
        let mut session = Self {
            client_id: client.into(),
            channel: Channel::of(&channel_id),
            channel_id,
            // A token that does not hold is not refused: the socket is the public user's.
            user: user_of(hello.identity.as_ref().unwrap_or(&Identity::Public)),
            forbidden: false,
            awaited: 0,
            complaints: Vec::new(),
            targets,
            walkers,
        };
        session.listen(ticket::CLIENT, Topic::client(&session.client_id), actions);
        session.listen(ticket::ROOT, Topic::user(session.user), actions);
        // Last, because a busy channel should find the connection event already sent.
        session.listen(ticket::CHANNEL, session.channel.topic(&session.channel_id), actions);
        session
    }

    fn listen(&mut self, ticket: Ticket, topic: Topic, actions: &mut Vec<Action>) {
        self.awaited += 1;
        actions.push(Action::Subscribe(ticket, topic.into()));
    }

    fn hear(&mut self, text: &str, now: Timestamp, actions: &mut Vec<Action>) {
        let compact = match json::compact(text) {
            Ok(compact) => compact,
            Err(malformed) => return say(&refusal::raised(&malformed.line(text)), actions),
        };
        match Event::read(Value::of(&compact), self.targets) {
            Ok(event) => self.act(event, now, actions),
            Err(problems) => say(&refusal::invalid(&problems), actions),
        }
    }

    fn act(&mut self, event: Event<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        match event {
            Event::Connection => self.introduce(actions),
            Event::Walker(run) => walker::run(self, run, actions),
            Event::Address(address) => address::send(&address, now, actions),
            Event::ChangeUser { token } => actions.push(match in_event(token.as_deref()) {
                Credential::None => Action::Authenticate(ticket::LEAVE, Credential::None),
                shown => Action::Authenticate(ticket::ENTER, shown),
            }),
        }
    }

    fn answered(&mut self, ticket: Ticket, answer: Result<Answer, Error>, actions: &mut Vec<Action>) {
        if let Some(wanted) = walker::Wanted::of(ticket) {
            return wanted.tell(&answer, actions);
        }
        match (ticket, answer) {
            (ticket::CLIENT | ticket::CHANNEL | ticket::ROOT, answer) => self.listening(ticket, answer, actions),
            (_, Ok(Answer::Identity(identity))) => self.become_user(user_of(&identity), actions),
            // A token that does not hold leaves nobody in particular, whoever it was before.
            (ticket::ENTER, Err(_)) => actions.push(Action::Authenticate(ticket::LEAVE, Credential::None)),
            (ticket::LEAVE, _) => self.introduce(actions),
            // Who or what is not there hears nothing; nobody is told.
            (ticket::NOTICE, Err(error)) if error.kind() == Kind::NotFound => {}
            (_, Err(error)) => say(&refusal::refused(&error), actions),
            (_, Ok(_)) => {}
        }
    }

    fn listening(&mut self, ticket: Ticket, answer: Result<Answer, Error>, actions: &mut Vec<Action>) {
        self.awaited = self.awaited.saturating_sub(1);
        let readable = matches!(answer, Ok(Answer::Subscribed { readable: true }));
        if ticket == ticket::CHANNEL {
            self.forbidden = !readable && self.channel != Channel::Free;
        }
        self.complaints.extend(answer.err());
        if self.awaited == 0 {
            self.tell(actions);
        }
    }

    fn become_user(&mut self, user: Id, actions: &mut Vec<Action>) {
        if user != self.user {
            actions.push(Action::Unsubscribe(Topic::user(self.user).into()));
            self.user = user;
            self.listen(ticket::ROOT, Topic::user(user), actions);
        }
        self.introduce(actions);
    }

    /// Sends the connection event; for a room, after asking whether it may be read by now.
    fn introduce(&mut self, actions: &mut Vec<Action>) {
        if self.channel != Channel::Free {
            self.listen(ticket::CHANNEL, self.channel.topic(&self.channel_id), actions);
        } else if self.awaited == 0 {
            self.tell(actions);
        }
    }

    fn tell(&mut self, actions: &mut Vec<Action>) {
        let data = Connection {
            client_id: &self.client_id,
            root_id: root_id(self.user),
            channel_id: &self.channel_id,
            rooms: self.forbidden.then_some((&*self.channel_id, "forbidden")).into_iter().collect::<BTreeMap<_, _>>(),
        };
        say(&write(&Told { kind: "connection", data }), actions);
        for complaint in self.complaints.drain(..) {
            say(&refusal::refused(&complaint), actions);
        }
    }
}

impl Session for JacSession {
    fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        match input {
            Input::Text(text) => self.hear(text, now, actions),
            Input::Binary(_) => say(&refusal::raised(refusal::BINARY), actions),
            Input::Refused(error) => say(&refusal::refused(&error), actions),
            Input::Answer(ticket, answer) => self.answered(ticket, answer, actions),
            Input::Order(..) | Input::Cancel(_) | Input::Parcel(_) | Input::Part(_) => {}
        }
    }

    /// "Frames of one socket are handled strictly one after another": a chat is on the disk before the next one is read.
    fn waits(&self) -> bool {
        true
    }
}

fn user_of(identity: &Identity) -> Id {
    identity.user().unwrap_or(Id::PUBLIC)
}

fn say(text: &str, actions: &mut Vec<Action>) {
    actions.push(Action::Send(Frame::text(text)));
}

#[cfg(test)]
mod tests;
