//! Several rooms at one path, and one that answers every path.

use std::sync::Arc;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Input, Origin, Session, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::house::{Heard, Wish, ask, connect};
use crate::serve::Running;

/// A room at `/shared` for messages that begin with its letter. It refuses whoever shows a `bad` token.
struct Parlour {
    name: &'static str,
    letter: char,
    message_bytes: usize,
    /// Whether it answers every path.
    everywhere: bool,
}

struct Guest(&'static str);

impl Session for Guest {
    fn handle(&mut self, input: Input<'_>, _: Timestamp, actions: &mut Vec<Action>) {
        if let Input::Text(text) = input {
            actions.push(Action::Send(Frame::text(&format!("{} heard {} bytes", self.0, text.len()))));
        }
    }
}

impl Dialect for Parlour {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sockets(&self) -> &'static [&'static str] {
        &["/shared"]
    }

    fn serves(&self, _: &str) -> bool {
        self.everywhere
    }

    fn subprotocol(&self, offered: &[&str]) -> Option<&'static str> {
        offered.contains(&self.name).then_some(self.name)
    }

    fn recognizes(&self, first: &Input<'_>) -> bool {
        matches!(first, Input::Text(text) if text.starts_with(self.letter))
    }

    fn message_bytes(&self) -> usize {
        self.message_bytes
    }

    fn credential(&self, head: &Head) -> Credential {
        match head.header("x-token") {
            Some(token) => Credential::Malformed(format!("{} does not know {token}", self.name)),
            None => Credential::None,
        }
    }

    fn open(&self, hello: Hello<'_>, actions: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        hello.identity?;
        actions.push(Action::Send(Frame::text(&format!("{} welcomes", self.name))));
        Ok(Box::new(Guest(self.name)))
    }

    fn render(&self, _: &Event, _: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, request: Request) -> Step {
        let Head { method, path, .. } = request.head;
        Step::Reply(Response::json(200, format!("{} answers {method} {path}", self.name)))
    }

    fn refusal(&self, _: &Head, error: &Error) -> Response {
        Response::json(error.kind().status(), format!("{} refuses", self.name))
    }
}

async fn serve() -> Running {
    let red = Parlour { name: "red", letter: 'r', message_bytes: 1_000, everywhere: false };
    let blue = Parlour { name: "blue", letter: 'b', message_bytes: 500_000, everywhere: true };
    Wish { rooms: vec![Arc::new(blue), Arc::new(red)], ..Wish::default() }.serve().await
}

/// Knocks at the shared path; tells the answer's head.
async fn knock(running: &Running, headers: &str) -> (TcpStream, Heard) {
    let mut stream = connect(running).await;
    let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    stream.write_all(format!("GET /shared HTTP/1.1\r\nhost: x\r\n{upgrade}{headers}\r\n").as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    (stream, Heard::read(&String::from_utf8(head).unwrap()))
}

/// A frame whose mask is zero.
async fn say(stream: &mut TcpStream, opcode: u8, payload: &[u8]) {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let head =
        if payload.len() < 126 { vec![opcode, 0x80 | length[1]] } else { vec![opcode, 0xFE, length[0], length[1]] };
    stream.write_all(&[&head, &[0; 4][..], payload].concat()).await.unwrap();
}

/// The next short frame.
async fn hear(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let opcode = stream.read_u8().await.unwrap();
    let mut payload = vec![0; usize::from(stream.read_u8().await.unwrap())];
    stream.read_exact(&mut payload).await.unwrap();
    (opcode, payload)
}

async fn hear_text(stream: &mut TcpStream) -> String {
    let (opcode, text) = hear(stream).await;
    assert_eq!(opcode, 0x81, "{text:?}");
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn the_first_message_tells_the_room_and_is_heard_there() {
    let running = serve().await;
    for (first, room) in [("r, one", "red"), ("b, two", "blue"), ("neither", "blue")] {
        let (mut stream, answer) = knock(&running, "").await;
        assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, None));
        // Pings are answered, and nobody speaks first.
        say(&mut stream, 0x89, b"there?").await;
        assert_eq!(hear(&mut stream).await, (0x8A, b"there?".to_vec()));
        say(&mut stream, 0x81, first.as_bytes()).await;
        assert_eq!(hear_text(&mut stream).await, format!("{room} welcomes"));
        assert_eq!(hear_text(&mut stream).await, format!("{room} heard {} bytes", first.len()));
        say(&mut stream, 0x81, b"r and b").await;
        assert_eq!(hear_text(&mut stream).await, format!("{room} heard 7 bytes"), "the choice stands");
    }
}

#[tokio::test]
async fn a_sub_protocol_tells_the_room_at_once() {
    let running = serve().await;
    for (offered, protocol) in [("red", "red"), ("other, blue", "blue"), ("red, blue", "blue")] {
        let (mut stream, answer) = knock(&running, &format!("sec-websocket-protocol: {offered}\r\n")).await;
        assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, Some(protocol)));
        assert_eq!(hear_text(&mut stream).await, format!("{protocol} welcomes"));
    }
    let (mut stream, answer) = knock(&running, "sec-websocket-protocol: other\r\n").await;
    assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, None));
    say(&mut stream, 0x81, b"r").await;
    assert_eq!(hear_text(&mut stream).await, "red welcomes");
}

#[tokio::test]
async fn the_first_message_is_bounded_by_the_room_that_it_chooses() {
    let running = serve().await;
    let (mut stream, _) = knock(&running, "").await;
    say(&mut stream, 0x81, &[b'r'; 1_001]).await;
    let (opcode, reason) = hear(&mut stream).await;
    assert_eq!((opcode, &reason[..2]), (0x88, &1009_u16.to_be_bytes()[..]));
    let (mut stream, _) = knock(&running, "").await;
    for length in [1_001, 60_000] {
        say(&mut stream, 0x81, &vec![b'b'; length]).await;
        if length == 1_001 {
            assert_eq!(hear_text(&mut stream).await, "blue welcomes");
        }
        assert_eq!(hear_text(&mut stream).await, format!("blue heard {length} bytes"));
    }
}

#[tokio::test]
async fn what_is_shown_and_does_not_hold_is_refused_at_the_door() {
    let running = serve().await;
    for offered in ["", "sec-websocket-protocol: red\r\n"] {
        let (_, answer) = knock(&running, &format!("x-token: bad\r\n{offered}")).await;
        assert_eq!(answer.status, 401, "{offered}");
    }
}

#[tokio::test]
async fn who_never_chooses_is_let_go_at_shutdown() {
    let running = serve().await;
    let (mut stream, _) = knock(&running, "").await;
    let shutdown = tokio::spawn(running.shutdown());
    assert_eq!(hear(&mut stream).await.0, 0x88);
    say(&mut stream, 0x88, &[0x03, 0xE9]).await;
    drop(stream);
    shutdown.await.unwrap();
}

#[tokio::test]
async fn a_room_that_answers_every_path_leaves_others_theirs() {
    let running = serve().await;
    for path in ["/", "/a/b", "/quintetto", "/healthz/x"] {
        let heard = ask(&running, &format!("GET {path}"), "").await;
        assert_eq!(heard.body, format!("blue answers GET {path}"));
    }
    for path in ["/healthz", "/metrics", "/.well-known/jwks.json", "/quintet", "/quintet/x", "/quintet/v1/users"] {
        let heard = ask(&running, &format!("GET {path}"), "").await;
        assert!(!heard.body.contains("blue"), "{path}: {}", heard.body);
    }
    for path in ["/quintet", "/quintet/x"] {
        assert_eq!(ask(&running, &format!("GET {path}"), "").await.status, 404, "{path}");
    }
    assert_eq!(ask(&running, "GET /client", "").await.status, 400, "Concord's socket takes sockets only");
    assert_eq!(ask(&running, "GET /websocket", "").await.body, r#"{"detail":"Not Found"}"#);
    assert_eq!(ask(&running, "GET /shared", "").await.body, "blue refuses");
    let handshake = "connection: Upgrade, close\r\nupgrade: websocket\r\n";
    let nowhere = super::house::say(&running, &format!("GET /x HTTP/1.1\r\nhost: x\r\n{handshake}\r\n")).await;
    assert_eq!(nowhere.status, 403);
}

#[tokio::test]
async fn a_room_can_tell_head_from_get() {
    let running = serve().await;
    let get = ask(&running, "GET /x", "").await;
    let head = ask(&running, "HEAD /x", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let lengths = (get.header("content-length"), head.header("content-length"));
    assert_eq!(lengths, (Some("19"), Some("20")), "of the words `GET` and `HEAD`");
}
