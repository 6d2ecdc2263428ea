//! Every row of the table, and every error, without a hall.

mod answers;
mod arbitrary;
mod calls;
mod refusals;

use quintet_core::call::RoleEntry;
use quintet_core::chat::{ChatFilter, NewChat, ThreadFilter};
use quintet_core::http::Response;
use quintet_core::image::{Image, ImageQuery, ImageType};
use quintet_core::right::{Grant, Holder, Role, Scope};
use quintet_core::room::{NewRoom, RoomEdit, ServerRecord, Thread};
use quintet_core::user::{NewLogin, SignedIn, Status};
use quintet_core::{Answer, Author, Chat, Error, Id, Kind, Right, Rights, Room, Timestamp, User};

use super::*;

const AT: Timestamp = Timestamp::from_millis(1_760_000_000_000);
const PAGE_CHATS: u64 = 200;

/// `METHOD /path?query`, with a token and a JSON body where there is one.
fn request(line: &str, body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
    if !body.is_empty() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let head = Head { method: method.into(), path: path.into(), query: query.into(), headers };
    Request { head, body: body.to_owned().into() }
}

fn with_header(mut request: Request, name: &str, value: &str) -> Request {
    request.head.headers.retain(|(key, _)| key != name);
    request.head.headers.push((name.into(), value.into()));
    request
}

fn without_header(mut request: Request, name: &str) -> Request {
    request.head.headers.retain(|(key, _)| key != name);
    request
}

fn exchange(request: Request) -> Exchange {
    match step(request, PAGE_CHATS) {
        Step::Ask(exchange) => exchange,
        Step::Reply(response) => panic!("answered at once: {response:?}"),
    }
}

/// The call that a request makes, in its debug form: calls hold secrets, which cannot be compared.
fn call(line: &str, body: &str) -> String {
    format!("{:?}", exchange(request(line, body)).call)
}

/// The response to a request whose call is answered like this.
fn told(line: &str, body: &str, answer: Result<Answer, Error>) -> (u16, String) {
    let response = (exchange(request(line, body)).reply)(answer);
    (response.status, String::from_utf8(response.body.to_vec()).unwrap())
}

/// The response to a request that asks nothing, though its token is good.
fn refused(request: Request) -> Response {
    match step(request, PAGE_CHATS) {
        Step::Reply(response) => response,
        Step::Ask(Exchange { call: Call::Me, reply, .. }) => reply(Ok(Answer::Done)),
        Step::Ask(exchange) => panic!("asked {:?}", exchange.call),
    }
}

fn message(response: &Response) -> String {
    let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(body["status"], response.status);
    body["message"].as_str().unwrap().to_owned()
}

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

fn ann() -> Author {
    Author { id: id(12), name: "ann".into() }
}

fn user() -> User {
    User {
        id: id(12),
        username: "ann".into(),
        nickname: "Ann".into(),
        bio: None,
        avatar: Some(id(9)),
        created_at: AT,
        disabled: false,
        remote: None,
        agent: quintet_core::AgentKey([8; 32]),
        status: Status::Online,
    }
}

const USER: &str = r#"{"id":12,"username":"ann","profile":{"createdAt":1760000000000,"nickname":"Ann","bio":null,"avatarId":9},"status":{"onlineStatus":"ONLINE"}}"#;

fn room() -> Room {
    Room {
        id: id(4102),
        parent: Some(id(4101)),
        ordinality: 0,
        name: "menu".into(),
        description: None,
        capabilities: Some(vec!["text".into()]),
        created_at: AT,
        created_by: id(12),
        federated: false,
    }
}

const CHANNEL: &str = r#"{"id":4102,"parentChannelId":4101,"ordinality":0,"name":"menu","description":null,"capabilities":["text"],"createdAt":1760000000000,"createdByUserId":12}"#;

fn chat() -> Chat {
    Chat {
        id: id(5550),
        room: id(4101),
        thread: None,
        author: ann(),
        content: "Lunch?".into(),
        created_at: AT,
        edited: false,
        reactions: Vec::new(),
        via: "concord".into(),
        subject: None,
    }
}

const CHAT: &str = r#"{"id":5550,"createdAt":1760000000000,"authorId":12,"channelId":4101,"threadId":null,"content":"Lunch?","edited":false,"reactions":{}}"#;

fn thread() -> Thread {
    Thread { id: id(77), room: id(4101), source: id(5550), name: "lunch".into(), created_at: AT, creator: ann() }
}

const THREAD: &str =
    r#"{"id":77,"sourceChatId":5550,"creatorId":12,"createdAt":1760000000000,"name":"lunch","channelId":4101}"#;

fn signed_in() -> Answer {
    let token = Secret::new("a.b.c");
    Answer::SignedIn(Box::new(SignedIn { token, expires_at: AT, user: user(), email: None, admin: false }))
}

fn rights() -> Rights {
    let mut rights = Rights::default();
    rights.set(Right::View, -1);
    rights
}

const RIGHTS: &str = r#""admin":false,"values":{"view":-1,"write":0,"react":0,"manageChannels":0,"manageChats":0}"#;

fn roles() -> Answer {
    let role = Role { id: id(50), name: "cooks".into(), ordinality: 3 };
    Answer::Roles(vec![RoleEntry { role, members: vec![id(12), id(13)], rights: rights() }])
}
