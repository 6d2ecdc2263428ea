//! Telling others: where an addressed event goes.

use std::borrow::Cow;
use std::sync::Arc;

use quintet_core::chat::NewChat;
use quintet_core::{Action, Body, Call, Id, Timestamp, Topic};

use super::{say, ticket};
use crate::address::{self, Channel};
use crate::json::{Kind, Value};
use crate::refusal;
use crate::wire::event::{Address, To};

/// Sends an event to all whom it names. Who is not there is skipped; nobody is asked whether it may.
pub(super) fn send(address: &Address<'_>, now: Timestamp, actions: &mut Vec<Action>) {
    match address.to {
        To::Users => to_users(address, actions),
        To::Clients => {
            let topics = address.names.iter().map(|name| Topic::client(name)).collect();
            publish(topics, || notice(address.data), actions);
        }
        To::Channels => to_channels(address, now, actions),
    }
}

/// All references are read before anybody is told: one malformed reference stops the event.
fn to_users(address: &Address<'_>, actions: &mut Vec<Action>) {
    let mut topics = Vec::with_capacity(address.names.len());
    for name in &address.names {
        match address::user(name) {
            Ok(user) => topics.extend(user.map(Topic::user)),
            Err(address::NotAReference) => return say(&refusal::not_a_reference(name), actions),
        }
    }
    publish(topics, || notice(address.data), actions);
}

fn to_channels(address: &Address<'_>, now: Timestamp, actions: &mut Vec<Action>) {
    let mut free = Vec::new();
    let mut rooms = Vec::new();
    // The empty channel id is nobody's: at the door it counts as absent.
    for name in address.names.iter().filter(|name| !name.is_empty()) {
        match Channel::of(name) {
            Channel::Room(room) => rooms.push(room),
            Channel::Free => free.push(Topic::channel(name)),
        }
    }
    publish(free, || notice(address.data), actions);
    if !rooms.is_empty() {
        to_rooms(rooms, address.data, now, actions);
    }
}

/// Each room decides for itself, so each is told by itself.
fn to_rooms(mut rooms: Vec<Id>, data: Value<'_>, now: Timestamp, actions: &mut Vec<Action>) {
    rooms.sort_unstable();
    rooms.dedup();
    match Saying::of(data) {
        Saying::Chat(content) => actions.extend(rooms.into_iter().map(|room| {
            let chat = NewChat { room, thread: None, content: content.clone(), sent_at: None, subject: None };
            Action::Call(ticket::CHAT, Call::PostChat(chat))
        })),
        Saying::Typing => {
            for room in rooms {
                publish(vec![Topic::room(room)], || Body::Typing { room, thread: None, sent_at: now }, actions);
            }
        }
        Saying::Other => {
            let text: Arc<str> = data.json().into();
            for room in rooms {
                publish(vec![Topic::room(room)], || Body::Notice(Arc::clone(&text)), actions);
            }
        }
    }
}

/// One publication for all topics; a topic named twice hears it once.
fn publish(mut topics: Vec<Topic>, body: impl FnOnce() -> Body, actions: &mut Vec<Action>) {
    topics.sort_unstable();
    topics.dedup();
    if !topics.is_empty() {
        actions.push(Action::Publish(ticket::NOTICE, topics, body()));
    }
}

fn notice(data: Value<'_>) -> Body {
    Body::Notice(data.json().into())
}

/// What an object says in a room.
#[derive(Debug, PartialEq, Eq)]
enum Saying {
    /// `{"type":"chat","data":{"content":S}}`: a chat, kept and heard in every dialect.
    Chat(String),
    /// `{"type":"typing","data":{}}`.
    Typing,
    /// Anything else goes to this dialect's listeners, verbatim.
    Other,
}

impl Saying {
    fn of(data: Value<'_>) -> Self {
        let [kind, inner] = data.pick(["type", "data"]);
        let (Some(kind), Some(inner)) = (kind.and_then(Value::text), inner) else { return Self::Other };
        match &*kind {
            "typing" if inner.kind() == Kind::Object => Self::Typing,
            "chat" => words(inner).map_or(Self::Other, Self::Chat),
            _ => Self::Other,
        }
    }
}

/// The content of a chat; `message`, as the original's examples have it, counts where there is no `content`.
fn words(inner: Value<'_>) -> Option<String> {
    let [content, message] = inner.pick(["content", "message"]);
    let said = content.filter(|content| content.kind() != Kind::Null).or(message)?;
    said.text().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_a_room() {
        let chat = |content: &str| Saying::Chat(content.into());
        for (data, saying) in [
            (r#"{"type":"chat","data":{"content":"a\"b"}}"#, chat("a\"b")),
            (r#"{"data":{"message":"m","x":[1]},"x":1,"type":"chat"}"#, chat("m")),
            (r#"{"type":"chat","data":{"message":"m","content":"c"}}"#, chat("c")),
            (r#"{"type":"chat","data":{"message":"m","content":null}}"#, chat("m")),
            (r#"{"type":"chat","data":{"message":7,"content":"c"}}"#, chat("c")),
            (r#"{"type":"chat","data":{"content":""}}"#, chat("")),
            (r#"{"type":"typing","data":{}}"#, Saying::Typing),
            (r#"{"type":"typing","data":{"x":1}}"#, Saying::Typing),
            (r#"{"type":"typing"}"#, Saying::Other),
            (r#"{"type":"typing","data":[]}"#, Saying::Other),
            (r#"{"type":"chat"}"#, Saying::Other),
            (r#"{"type":"chat","data":["content"]}"#, Saying::Other),
            (r#"{"type":"chat","data":{"content":5}}"#, Saying::Other),
            (r#"{"type":"chat","data":{"any_field":"any_value"}}"#, Saying::Other),
            (r#"{"type":"note","data":{"content":"x"}}"#, Saying::Other),
            (r#"{"type":7,"data":{"content":"x"}}"#, Saying::Other),
            ("{}", Saying::Other),
        ] {
            assert_eq!(Saying::of(Value::of(data)), saying, "{data}");
        }
    }
}
