//! The house's own procedures, which every room can call by name.
//!
//! Their payloads and answers are those of the bridge: `chat:send` and all others take and give what every room understands. They ask
//! through the same functions as any other call, as whoever calls them. What is wrong with a payload is told of all its fields at once.

mod chats;
mod history;
mod notify;
mod places;
mod probes;

use quintet_core::procedure::{Claim, Invocation, Offer, Outcome};
use quintet_core::{Error, Payload};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::asker::Asker;

/// What the house runs itself, with what it is for.
const PROCEDURES: [(&str, &str); 13] = [
    ("echo", "answers what it is called with"),
    ("fail", "always fails, with status 418"),
    ("chat:send", "says something in a room: roomId, content, threadId (optional); answers the chat"),
    ("chat:edit", "changes a chat of one's own: chatId, content; answers the chat"),
    ("chat:delete", "takes a chat away: chatId"),
    ("chat:react", "reacts to a chat: chatId, reaction, adding (optional, false takes the reaction away)"),
    ("chat:typing", "tells a room that one is typing: roomId, threadId (optional)"),
    ("chat:history", "reads back a room, the newest first: roomId, before (optional, a chat's id), limit (optional)"),
    ("presence:get", "tells who is in a room: roomId"),
    ("room:list", "lists the rooms that one may view"),
    ("user:get", "tells of a user: id"),
    ("topic:publish", "says something at a topic: topic, payload (optional)"),
    ("notify", "has something heard, for admins and workers: users, channels, clients, rooms (each optional), data"),
];

/// What only a Flamigo socket can do for itself, with what it is for. The names are the house's everywhere.
const ON_SOCKETS: [(&str, &str); 5] = [
    ("topic:subscribe", "listens to a topic, on a socket at /ws"),
    ("topic:unsubscribe", "listens no longer, on a socket at /ws"),
    ("websocket:auth", "logs a socket at /ws in"),
    ("room:join", "listens to a room, on a socket at /ws"),
    ("connection:get", "tells a socket at /ws its own name, under which procedures may notify it"),
];

/// What the house runs itself, and the names that are run by a Flamigo socket.
pub(crate) fn offers() -> Vec<Offer> {
    let offer = |&(name, description): &(&str, &str)| {
        let claims = match name {
            "websocket:auth" => Vec::new(),
            _ => vec![Claim::Authenticated],
        };
        Offer { claims, description: Some(description.into()), ..Offer::new(name) }
    };
    PROCEDURES.iter().chain(&ON_SOCKETS).map(offer).collect()
}

/// Runs one. Whatever it keeps reaches the store before this first waits. `NotFound` for a name that is none of the house's, `BadMessage` for
/// what needs a Flamigo socket, and the errors of the calls that it makes.
pub(super) async fn run(asker: &Asker<'_>, invocation: &Invocation) -> Result<Outcome, Error> {
    let name = &*invocation.name;
    if ON_SOCKETS.iter().any(|(other, _)| *other == name) {
        return Err(Error::bad_message(format!("{name} is for sockets at /ws, connect there")));
    }
    asker.must_be_known()?;
    let payload = Payload::of(&invocation.payload);
    match name {
        "echo" => Ok(probes::echo(&invocation.payload)),
        "fail" => Err(probes::fail()),
        "chat:send" => chats::send(asker, payload).await,
        "chat:edit" => chats::edit(asker, payload).await,
        "chat:delete" => chats::delete(asker, payload).await,
        "chat:react" => chats::react(asker, payload).await,
        "chat:typing" => chats::typing(asker, payload),
        "chat:history" => history::read(asker, payload).await,
        "presence:get" => places::presence(asker, payload),
        "room:list" => places::rooms(asker),
        "user:get" => places::user(asker, payload),
        "topic:publish" => notify::publish(asker, payload),
        "notify" => notify::notify(asker, payload),
        _ => Err(Error::not_found(format!("no procedure {name}"))),
    }
}

fn outcome(answer: &impl Serialize) -> Result<Outcome, Error> {
    to_raw_value(answer).map(Outcome::ok).map_err(Error::internal)
}

/// `{"success": true}`.
fn success() -> Result<Outcome, Error> {
    RawValue::from_string(r#"{"success":true}"#.to_owned()).map(Outcome::ok).map_err(Error::internal)
}

/// A call was answered with something else than it is for.
fn odd() -> Error {
    Error::internal("a call was answered with what it is not for")
}
