//! How Quintet's rooms are spoken to.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use memchr::memmem;
use serde_json::{Value, json};

use crate::Error;
use crate::crowd::Stall;
use crate::door::Door;
use crate::exchange::{Talk, Verdict, number_after};
use crate::http;
use crate::subject::Subject;

/// Users registered for one run: enough that no single user owns all connections, few enough that
/// hashing their passwords does not take long.
const USERS: usize = 16;

/// Users of one Quintet server, and the channel in which they chat.
#[derive(Debug)]
pub(crate) struct Rooms {
    host: String,
    tokens: Vec<String>,
    channel: u64,
}

impl Rooms {
    /// Registers users with names and passwords nobody can guess, and logs them in.
    pub(crate) fn enter(server: &Subject) -> Result<Self, Error> {
        let peer = (server.address, server.host.as_str());
        let run = random();
        let tokens: Vec<String> = (0..USERS).map(|user| register(peer, &run, user)).collect::<Result<_, _>>()?;
        let asked = "GET /api/server";
        let answer = http::call(peer, asked, tokens.first().map(String::as_str), "")?;
        let channel = answer["defaultChannelId"].as_u64().ok_or_else(|| lacking(asked, &answer))?;
        Ok(Self { host: server.host.clone(), tokens, channel })
    }

    fn token(&self, connection: usize) -> &str {
        &self.tokens[connection % self.tokens.len()]
    }

    /// An authenticated Jac socket in one of a hundred channels.
    pub(crate) fn resting(&self, connection: usize) -> Door {
        member(&format!("bench-idle-{}", connection % 100)).token(self.token(connection))
    }

    /// A Flamigo socket of somebody who has logged in.
    pub(crate) fn calling(&self, connection: usize) -> Door {
        let token = self.token(connection);
        let say = format!(r#"{{"topic":"app::websocket:auth","payload":{{"token":"{token}"}},"ackId":"in"}}"#);
        Door::socket("/ws").say(say).expect("\"success\":true")
    }

    /// A Concord socket.
    pub(crate) fn chatting(&self, connection: usize) -> Door {
        Door::socket(format!("/client?token={}", self.token(connection)))
    }

    /// Chats posted on Concord sockets.
    pub(crate) fn socket_chats(&self) -> SocketChats {
        SocketChats { channel: self.channel, content: memmem::Finder::new(b"\"content\":\"bench ") }
    }

    /// Chats posted by REST.
    pub(crate) fn rest_chats(&self) -> RestChats<'_> {
        RestChats(self)
    }
}

fn register(peer: (std::net::SocketAddr, &str), run: &str, user: usize) -> Result<String, Error> {
    let body = json!({ "username": format!("bench{run}u{user}"), "password": random() }).to_string();
    http::call(peer, "POST /api/users/register", None, &body)?;
    let asked = "POST /api/tokens";
    let answer = http::call(peer, asked, None, &body)?;
    answer["token"].as_str().map(str::to_owned).ok_or_else(|| lacking(asked, &answer))
}

fn lacking(asked: &str, answer: &Value) -> Error {
    Error::Refused { asked: asked.to_owned(), answer: format!("an unexpected answer: {answer}") }
}

/// Sixteen hexadecimal digits from the system's randomness.
pub(crate) fn random() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// A Jac socket in `channel`.
fn member(channel: &str) -> Door {
    Door::socket(format!("/websocket?channel_id={channel}")).expect("\"connection\"")
}

/// A stall for fan-out: a Jac channel with a name of its own, written to by a socket outside of it.
pub(crate) fn channel() -> Stall {
    let name = format!("bench-{}", random());
    Stall {
        subscriber: member(&name),
        publisher: member(&format!("{name}-publisher")),
        before: format!(r#"{{"type":"channel","channel_ids":["{name}"],"data":"#),
        after: "}".to_owned(),
    }
}

/// A Jac socket that asks who it is.
pub(crate) fn asking() -> Door {
    member("bench-request")
}

/// The Jac `connection` event and its answer. The floor echoes it, which answers as well.
pub(crate) struct WhoAmI;

impl Talk for WhoAmI {
    fn ask(&mut self, _: usize, _: u64, text: &mut Vec<u8>) {
        text.extend_from_slice(br#"{"type":"connection"}"#);
    }

    fn judge(&self, _: usize, expected: u64, message: &[u8]) -> Verdict {
        if memmem::find(message, b"\"connection\"").is_some() { Verdict::Answer(expected) } else { Verdict::Noise }
    }
}

/// Concord's `chat_written`, acknowledged by its own `chat_sent`.
pub(crate) struct SocketChats {
    channel: u64,
    content: memmem::Finder<'static>,
}

impl Talk for SocketChats {
    fn ask(&mut self, asker: usize, number: u64, text: &mut Vec<u8>) {
        let chat = format!(
            r#"{{"type":"chat_written","channelId":{},"threadId":null,"content":"{}"}}"#,
            self.channel,
            content(asker, number)
        );
        text.extend_from_slice(chat.as_bytes());
    }

    fn judge(&self, asker: usize, _: u64, message: &[u8]) -> Verdict {
        let Some(at) = self.content.find(message) else { return Verdict::Noise };
        let content = &message[at + self.content.needle().len()..];
        match (number_after(content, b""), number_after(content.get(5..).unwrap_or_default(), b"")) {
            (Some(writer), Some(number)) if writer == asker as u64 => Verdict::Answer(number),
            _ => Verdict::Noise,
        }
    }
}

/// What a chat of the bench says: 100 characters.
fn content(asker: usize, number: u64) -> String {
    format!("bench {asker:04} {number:010} {:.<78}", "")
}

/// Chats posted by REST, acknowledged by status 200.
pub(crate) struct RestChats<'a>(&'a Rooms);

impl Talk for RestChats<'_> {
    fn ask(&mut self, asker: usize, number: u64, text: &mut Vec<u8>) {
        let Rooms { host, channel, .. } = self.0;
        let body = format!(r#"{{"content":"{}"}}"#, content(asker, number));
        let path = format!("POST /api/channels/{channel}/chats");
        text.extend_from_slice(http::request(host, &path, Some(self.0.token(asker)), &body).as_bytes());
    }

    fn judge(&self, _: usize, expected: u64, message: &[u8]) -> Verdict {
        if http::is_success(message) { Verdict::Answer(expected) } else { Verdict::Refusal(http::summary(message)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chats() -> SocketChats {
        SocketChats { channel: 7, content: memmem::Finder::new(b"\"content\":\"bench ") }
    }

    #[test]
    fn a_chat_is_recognised_by_its_writer_alone() {
        let mut text = Vec::new();
        chats().ask(12, 345, &mut text);
        let written: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(written["channelId"], 7);
        let heard = json!({ "type": "chat_sent", "chat": { "id": 1, "content": written["content"] } }).to_string();
        assert_eq!(chats().judge(12, 345, heard.as_bytes()), Verdict::Answer(345));
        assert_eq!(chats().judge(13, 345, heard.as_bytes()), Verdict::Noise);
        assert_eq!(chats().judge(12, 0, br#"{"type":"user_joined","userId":3}"#), Verdict::Noise);
        assert_eq!(chats().judge(12, 0, br#"{"content":"bench 0"#), Verdict::Noise);
    }

    #[test]
    fn a_rest_chat_is_answered_by_its_status() {
        let rooms = Rooms { host: "h:1".to_owned(), tokens: vec!["t".to_owned()], channel: 7 };
        let mut text = Vec::new();
        rooms.rest_chats().ask(3, 4, &mut text);
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("POST /api/channels/7/chats HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("Authorization: Bearer t\r\n"));
        let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(body["content"].as_str().map(str::len), Some(100));
        assert_eq!(rooms.rest_chats().judge(3, 4, b"HTTP/1.1 200 OK\r\n\r\n"), Verdict::Answer(4));
        let refused = rooms.rest_chats().judge(3, 4, b"HTTP/1.1 429 Too Many Requests\r\n\r\nslow down");
        assert_eq!(refused, Verdict::Refusal("HTTP/1.1 429 Too Many Requests slow down".to_owned()));
    }

    #[test]
    fn a_published_object_is_valid_json() {
        let stall = channel();
        let text = format!("{}{{\"n\":1}}{}", stall.before, stall.after);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["data"]["n"], 1);
        assert!(stall.subscriber.path.ends_with(value["channel_ids"][0].as_str().unwrap()));
    }

    #[test]
    fn random_words_differ() {
        assert_ne!(random(), random());
    }
}
