//! Listening and publishing: the topics of the bus (flamigo.md, sections 7 and 9).

use std::borrow::Cow;
use std::sync::Arc;

use quintet_core::limits::size;
use quintet_core::plain::RoomObject;
use quintet_core::{Action, Answer, Body, Call, Error, Id, Pattern, Payload, Room};
use serde::Serialize;

use super::questions::{Asked, Joined};
use super::{FlamigoSession, SUCCESS};
use crate::wire::command::Command;
use crate::wire::return_address::ReturnAddress;
use crate::{topic, wire};

/// What who joins is told of the room.
#[derive(Serialize)]
struct Told<'a> {
    room: RoomObject<'a>,
}

impl FlamigoSession {
    pub(super) fn subscribe(&mut self, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        let text = self.topic_in(command)?;
        topic::check_listening(&text, &self.name)?;
        let pattern = topic::pattern(&text, self.house.options.same_length);
        let asked = Asked::Listening { pattern: pattern.clone(), room: topic::room(&text) };
        actions.push(Action::Subscribe(self.ask(command, asked), pattern));
        Ok(())
    }

    /// A pattern that is not listened to is no error.
    pub(super) fn unsubscribe(&mut self, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        let pattern = topic::pattern(&self.topic_in(command)?, self.house.options.same_length);
        if self.patterns.remove(&pattern) {
            actions.push(Action::Unsubscribe(pattern));
        }
        self.confirm(&ReturnAddress::of(command), SUCCESS, actions);
        Ok(())
    }

    pub(super) fn publish(&mut self, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        let text = self.topic_in(command)?;
        let payload: Arc<str> = Payload::of(command.payload()?).any("payload").get().into();
        let topic = topic::published(&text)?;
        let ticket = self.ask(command, Asked::Nothing);
        actions.push(Action::Publish(ticket, vec![topic], Body::Message { name: text.into(), payload }));
        Ok(())
    }

    pub(super) fn join(&mut self, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        let mut payload = Payload::of(command.payload()?);
        let room = payload.id("roomId");
        let room = payload.all(room)?;
        actions.push(Action::Call(self.ask(command, Asked::Joining), Call::Room(room)));
        Ok(())
    }

    /// A room may be seen: it is to be listened to, as by a subscription to its topic.
    pub(super) fn joined(&self, room: &Room) -> Joined {
        Joined {
            room: room.id,
            pattern: topic::pattern(&format!("room/{}", room.id), self.house.options.same_length),
            told: wire::write(&Told { room: RoomObject::of(room) }),
        }
    }

    /// Whether a room exists that a peer may not see, it is not told.
    pub(super) fn listening(
        &mut self,
        pattern: Pattern,
        room: Option<Id>,
        answer: Result<Answer, Error>,
        actions: &mut Vec<Action>,
    ) -> Result<Cow<'static, str>, Error> {
        if let (Some(room), Answer::Subscribed { readable: false }) = (room, answer?) {
            self.patterns.remove(&pattern);
            actions.push(Action::Unsubscribe(pattern));
            return Err(Error::not_found(format!("no room {room}")));
        }
        self.patterns.insert(pattern);
        Ok(SUCCESS.into())
    }

    /// The `topic` of a payload.
    fn topic_in(&self, command: &Command<'_>) -> Result<String, Error> {
        let mut payload = Payload::of(command.payload()?);
        let topic = payload.text("topic");
        let topic = payload.all(topic)?;
        if topic.len() > size(self.house.limits.topic_bytes) {
            return Err(Error::too_large(format!("a topic may have {} bytes at most", self.house.limits.topic_bytes)));
        }
        Ok(topic.into_owned())
    }
}
