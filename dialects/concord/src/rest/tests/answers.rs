//! Answers of the hall, and the responses that they become.

use quintet_core::error::FieldError;
use quintet_core::procedure::Outcome;
use serde_json::value::RawValue;

use super::*;

#[test]
fn a_procedure_answers_in_its_own_words() {
    let (line, outcome) = ("POST /api/procedures/a", |json: &str| RawValue::from_string(json.into()).unwrap());
    let answer = Answer::Outcome(Outcome { status: 201, payload: outcome(r#"{ "a": 1.0 }"#) });
    assert_eq!(told(line, "", Ok(answer)), (200, r#"{ "a": 1.0 }"#.to_owned()));
    let error = Error::invalid(vec![FieldError::required("id")]).with_status(418);
    let body = r#"{"status":418,"error":"I'm a teapot","message":"id is required","path":"/api/procedures/a","fieldErrors":[{"field":"id","error":"id is required"}]}"#;
    assert_eq!(told(line, "", Err(error)), (418, body.to_owned()));
}

#[test]
fn each_answer_has_its_object() {
    let image = Image { kind: ImageType::Webp, bytes: "bytes".into() };
    let record = || ServerRecord {
        name: "Concord".into(),
        description: "Chat".into(),
        icon: Some(id(8)),
        default_room: Some(id(4101)),
    };
    let empty_record = || ServerRecord { icon: None, default_room: None, ..record() };
    let grants = |holder| Answer::Grants(vec![Grant { scope: Scope::Server, holder, rights: rights() }]);
    let role = format!(r#"{{"id":50,"name":"cooks","ordinality":3,"rights":{{{RIGHTS}}},"userIds":[12,13]}}"#);
    let node = CHANNEL.replace(r#""parentChannelId":4101,"#, "").replace('}', r#","children":[]}"#);
    let credentials = r#"{"username":"a","password":"b"}"#;
    for (line, body, answer, expected) in [
        ("POST /api/tokens", credentials, signed_in(), r#"{"token":"a.b.c"}"#.into()),
        ("GET /api/tokens/recycle", "", signed_in(), r#"{"token":"a.b.c"}"#.into()),
        ("POST /api/users/register", credentials, Answer::User(user()), r#"{"id":12,"username":"ann"}"#.into()),
        ("GET /api/users", "", Answer::Users(vec![user()]), format!("[{USER}]")),
        ("GET /api/users/12", "", Answer::User(user()), USER.into()),
        ("GET /api/self", "", Answer::User(user()), USER.into()),
        ("POST /api/self/password", r#"{"newPassword":"x"}"#, Answer::Done, String::new()),
        (
            "GET /api/server",
            "",
            Answer::Server(record()),
            r#"{"name":"Concord","description":"Chat","iconId":8,"defaultChannelId":4101}"#.into(),
        ),
        (
            "GET /api/server",
            "",
            Answer::Server(empty_record()),
            r#"{"name":"Concord","description":"Chat","iconId":null,"defaultChannelId":null}"#.into(),
        ),
        ("GET /api/channels", "", Answer::Rooms(vec![room()]), format!("[{node}]")),
        ("GET /api/channels/4102", "", Answer::Room(room()), CHANNEL.into()),
        ("POST /api/channels", r#"{"name":"menu"}"#, Answer::Room(room()), CHANNEL.into()),
        ("PATCH /api/channels/4102", "{}", Answer::Room(room()), CHANNEL.into()),
        ("DELETE /api/channels/4102", "", Answer::Done, String::new()),
        ("GET /api/images/9", "", Answer::Image(image), "bytes".into()),
        ("POST /api/channels/1/chats", r#"{"content":"x"}"#, Answer::Chat(Box::new(chat())), CHAT.into()),
        ("GET /api/channels/1/chats/latest", "", Answer::Chats(vec![chat()]), format!("[{CHAT}]")),
        ("GET /api/chats", "", Answer::Chats(Vec::new()), "[]".into()),
        ("GET /api/chats/1", "", Answer::Chat(Box::new(chat())), CHAT.into()),
        ("PATCH /api/chats/1", r#"{"content":"x"}"#, Answer::Chat(Box::new(chat())), CHAT.into()),
        ("DELETE /api/chats/1", "", Answer::Done, String::new()),
        (
            "GET /api/chats/1/reactions",
            "",
            Answer::Reactors(vec![("🍕".into(), vec![id(12), id(13)]), ("a.b".into(), vec![id(12)])]),
            r#"{"reactions":{"🍕":2,"a.b":1},"reactingUsers":{"🍕":[12,13],"a.b":[12]}}"#.into(),
        ),
        ("GET /api/chats/1/reactions", "", Answer::Reactors(vec![]), r#"{"reactions":{},"reactingUsers":{}}"#.into()),
        ("POST /api/chats/1/reactions", r#"{"reaction":"x","adding":true}"#, Answer::Done, String::new()),
        ("POST /api/chats/1/thread", r#"{"name":"lunch"}"#, Answer::Thread(thread()), THREAD.into()),
        ("GET /api/channels/1/threads", "", Answer::Threads(vec![thread()]), format!("[{THREAD}]")),
        ("GET /api/roles", "", roles(), format!("[{role}]")),
        ("POST /api/roles", r#"{"name":"cooks"}"#, roles(), role.clone()),
        ("DELETE /api/roles/50", "", Answer::Done, String::new()),
        ("PUT /api/roles/50/users/12", "", Answer::Done, String::new()),
        ("DELETE /api/roles/50/users/12", "", Answer::Done, String::new()),
        ("GET /api/rights", "", grants(Holder::User(id(12))), format!(r#"[{{"userId":12,"roleId":null,{RIGHTS}}}]"#)),
        (
            "GET /api/channels/1/rights",
            "",
            grants(Holder::Role(Id::EVERYONE)),
            format!(r#"[{{"userId":null,"roleId":2,{RIGHTS}}}]"#),
        ),
        ("PUT /api/rights/users/12", "{}", Answer::Done, String::new()),
        ("PUT /api/rights/roles/50", "{}", Answer::Done, String::new()),
        ("PUT /api/channels/1/rights/users/12", "{}", Answer::Done, String::new()),
        ("PUT /api/channels/1/rights/roles/2", "{}", Answer::Done, String::new()),
    ] {
        assert_eq!(told(line, body, Ok(answer)), (200, expected), "{line}");
    }
}

#[test]
fn types_are_told() {
    let reply = |line: &str, answer| (exchange(request(line, "")).reply)(Ok(answer));
    assert_eq!(reply("GET /api/self", Answer::User(user())).content_type, Some("application/json"));
    let image = reply("GET /api/images/9", Answer::Image(Image { kind: ImageType::Gif, bytes: "x".into() }));
    assert_eq!(image.content_type, Some("image/gif"));
    assert_eq!(image.headers, [("x-content-type-options", "nosniff".to_owned())]);
    assert_eq!(reply("DELETE /api/chats/1", Answer::Done), Response::empty(200));
}

#[test]
fn errors_of_the_hall_keep_their_status_but_for_these() {
    let credentials = r#"{"username":"a","password":"b"}"#;
    let written = r#"{"content":"x"}"#;
    let in_thread = r#"{"content":"x","threadId":7}"#;
    for (line, body, kind, status, words) in [
        ("GET /api/chats/1", "", Kind::NotFound, 404, "why"),
        ("PATCH /api/chats/1", written, Kind::Forbidden, 403, "why"),
        ("GET /api/self", "", Kind::Unauthenticated, 401, "why"),
        ("POST /api/tokens", credentials, Kind::Unauthenticated, 400, "why"),
        ("POST /api/tokens", credentials, Kind::TooMany, 429, "why"),
        ("POST /api/users/register", credentials, Kind::Conflict, 400, "why"),
        ("POST /api/users/register", credentials, Kind::TooMany, 429, "why"),
        ("POST /api/channels/1/chats", written, Kind::BadMessage, 400, "Unknown channel id."),
        ("POST /api/channels/1/chats", in_thread, Kind::BadMessage, 400, "why"),
        ("POST /api/channels/1/chats", written, Kind::Forbidden, 403, "why"),
        ("POST /api/channels/1/chats", written, Kind::TooLarge, 413, "why"),
        ("POST /api/chats/1/thread", r#"{"name":"x"}"#, Kind::Conflict, 409, "why"),
        ("POST /api/roles", r#"{"name":"x"}"#, Kind::Conflict, 409, "why"),
        ("GET /api/channels/1/threads", "", Kind::NotFound, 404, "why"),
        ("GET /api/images/1", "", Kind::NotFound, 404, "why"),
    ] {
        let response = (exchange(request(line, body)).reply)(Err(Error::new(kind, "why")));
        assert_eq!((response.status, message(&response).as_str()), (status, words), "{line} {kind:?}");
    }
    for line in ["GET /api/channels/1/chats/latest", "GET /api/chats?channelId=1"] {
        assert_eq!(told(line, "", Err(Error::not_found("no such room"))), (200, "[]".into()), "{line}");
    }
}

#[test]
fn an_answer_to_another_question_is_our_own_fault() {
    for (line, answer) in [
        ("GET /api/self", Answer::Done),
        ("DELETE /api/chats/1", Answer::User(user())),
        ("GET /api/images/1", Answer::Done),
        ("GET /api/server", Answer::Done),
    ] {
        assert_eq!(told(line, "", Ok(answer)).0, 500, "{line}");
    }
}
