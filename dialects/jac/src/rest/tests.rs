//! Every row of the table of calls.

use quintet_core::identity::Secret;
use quintet_core::user::{SignedIn, Status};
use quintet_core::{Answer, Call, Credential, Error, Id, Timestamp, User};

use super::*;
use crate::walker::tests::Shelf;

fn routes() -> Routes {
    let walkers = [("thing", serde_json::json!({"path": "/things/{id}"}))];
    Routes::new(std::sync::Arc::new(Shelf::of(&walkers, &[])))
}

fn post(path: &str, body: &str) -> Request {
    let headers = vec![("content-type".into(), "application/json".into())];
    let head = Head { method: "POST".into(), path: path.into(), headers, ..Head::default() };
    Request { head, body: body.as_bytes().to_vec().into() }
}

fn with_header(mut request: Request, name: &str, value: &str) -> Request {
    request.head.headers.insert(0, (name.into(), value.into()));
    request
}

fn told(response: &Response) -> (u16, String) {
    (response.status, String::from_utf8(response.body.to_vec()).unwrap())
}

fn replied(asked: &Request) -> (u16, String) {
    match request(asked, &routes()) {
        Step::Reply(response) => told(&response),
        Step::Ask(exchange) => panic!("asks {:?}", exchange.call),
    }
}

/// What is asked of the house, and what becomes of its answer.
fn asked(asked: &Request, answer: Result<Answer, Error>) -> (String, Credential, (u16, String)) {
    match request(asked, &routes()) {
        Step::Ask(exchange) => (described(&exchange.call), exchange.credential, told(&(exchange.reply)(answer))),
        Step::Reply(response) => panic!("replies {:?}", told(&response)),
    }
}

fn described(call: &Call) -> String {
    match call {
        Call::Register { login, password } => format!("register {login:?} {}", password.expose()),
        Call::LogIn { login, password } => format!("log in {login} {}", password.expose()),
        Call::ChangePassword { old: Some(old), new, end_tokens } => {
            format!("change {} to {}, end {end_tokens}", old.expose(), new.expose())
        }
        Call::Me => "me".into(),
        other => panic!("unexpected {other:?}"),
    }
}

fn detail_of(text: &str) -> String {
    format!(r#"{{"detail":"{text}"}}"#)
}

fn message_of(text: &str) -> String {
    format!(r#"{{"message":"{text}"}}"#)
}

const ANN: &str = r#"{"email":"ann@Example.org","password":"secret"}"#;

#[test]
fn a_user_registers() {
    let (call, credential, told) = asked(&post("/user/register", ANN), Ok(Answer::Done));
    assert_eq!(call, r#"register Email("ann@example.org") secret"#);
    assert_eq!(credential, Credential::None);
    assert_eq!(told, (201, message_of("Successfully Registered!")));
}

#[test]
fn registering_fails() {
    let too_long = concat!(
        r#"{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, password over 1024 bytes","#,
        r#""input":{}}]}"#
    );
    for (error, wanted) in [
        (Error::conflict("login taken"), (409, detail_of("Already Exists!"))),
        (Error::bad_message("password over 1024 bytes"), (422, too_long.into())),
        (Error::too_many("wait a minute"), (429, detail_of("wait a minute"))),
        (Error::forbidden("registration is closed"), (403, detail_of("registration is closed"))),
        (Error::internal("sector 7"), (500, detail_of("internal error"))),
    ] {
        assert_eq!(asked(&post("/user/register", ANN), Err(error)).2, wanted);
    }
}

/// Every row was observed on `FastAPI` 0.115 with pydantic 2.10, save that an empty password passes there.
#[test]
fn bodies_are_validated() {
    let missing = r#"{"type":"missing","loc":["body"],"msg":"Field required","input":null}"#;
    let no_object = r#""msg":"Input should be a valid dictionary or object to extract fields from""#;
    for (body, wanted) in [
        ("", missing.to_owned()),
        ("null", missing.to_owned()),
        ("[]", format!(r#"{{"type":"model_attributes_type","loc":["body"],{no_object},"input":[]}}"#)),
        (
            "{",
            concat!(
                r#"{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"#,
                r#""ctx":{"error":"Expecting property name enclosed in double quotes"}}"#
            )
            .into(),
        ),
        ("\u{FEFF}[]", format!(r#"{{"type":"model_attributes_type","loc":["body"],{no_object},"input":[]}}"#)),
        (
            "{}",
            concat!(
                r#"{"type":"missing","loc":["body","email"],"msg":"Field required","input":{}},"#,
                r#"{"type":"missing","loc":["body","password"],"msg":"Field required","input":{}}"#
            )
            .into(),
        ),
        (
            r#"{"email":1,"password":null}"#,
            concat!(
                r#"{"type":"string_type","loc":["body","email"],"msg":"Input should be a valid string","input":1},"#,
                r#"{"type":"string_type","loc":["body","password"],"msg":"Input should be a valid string","input":null}"#
            )
            .into(),
        ),
        (
            r#"{"email":"x","password":""}"#,
            concat!(
                r#"{"type":"value_error","loc":["body","email"],"#,
                r#""msg":"value is not a valid email address: An email address must have an @-sign.","#,
                r#""input":"x","ctx":{"reason":"An email address must have an @-sign."}},"#,
                r#"{"type":"string_too_short","loc":["body","password"],"msg":"String should have at least 1 character","#,
                r#""input":"","ctx":{"min_length":1}}"#
            )
            .into(),
        ),
    ] {
        assert_eq!(replied(&post("/user/register", body)), (422, format!(r#"{{"detail":[{wanted}]}}"#)), "{body}");
    }
}

#[test]
fn only_json_is_read() {
    let typed = |kind| with_header(post("/user/login", r#"{"email":"a","password":"b"}"#), "content-type", kind);
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"] {
        assert_eq!(asked(&typed(kind), Err(Error::internal("x"))).0, "log in a b", "{kind}");
    }
    let mut untyped = typed("");
    untyped.head.headers.clear();
    assert_eq!(asked(&untyped, Err(Error::internal("x"))).0, "log in a b");
    let (status, told) = replied(&typed("text/plain"));
    assert_eq!(status, 422);
    assert!(told.ends_with(r#""input":"{\"email\":\"a\",\"password\":\"b\"}"}]}"#), "{told}");
    let mut bytes = typed("application/json");
    bytes.body = b"{\"a\":\"\xff\"}".to_vec().into();
    assert_eq!(replied(&bytes), (400, detail_of("There was an error parsing the body")));
}

fn signed_in(email: Option<&str>) -> Answer {
    let user = User {
        id: Id::new(4097).unwrap(),
        username: "ann".into(),
        nickname: "ann".into(),
        bio: None,
        avatar: None,
        created_at: Timestamp::from_millis(0),
        disabled: false,
        remote: None,
        agent: quintet_core::AgentKey([8; 32]),
        status: Status::Offline,
    };
    let token = Secret::new("head.body.sig-9_ABCdef12");
    let expires_at = Timestamp::from_millis(1_795_188_918_999);
    Answer::SignedIn(Box::new(SignedIn { token, expires_at, user, email: email.map(Into::into), admin: true }))
}

#[test]
fn a_user_logs_in() {
    let (call, credential, (status, told)) = asked(&post("/user/login", ANN), Ok(signed_in(Some("ann@example.org"))));
    assert_eq!((call.as_str(), credential, status), ("log in ann@example.org secret", Credential::None, 200));
    assert_eq!(
        told,
        concat!(
            r#"{"token":"head.body.sig-9_ABCdef12","user":{"id":"000000000000000000001001","email":"ann@example.org","#,
            r#""root_id":"000000000000000000001001","is_activated":true,"is_admin":true,"expiration":1795188918,"#,
            r#""state":"ABCdef12"}}"#
        )
    );
}

#[test]
fn a_name_logs_in_as_well() {
    let request = post("/user/login", r#"{"email":"Ann","password":""}"#);
    let (call, _, (_, told)) = asked(&request, Ok(signed_in(None)));
    assert_eq!(call, "log in Ann ");
    assert!(told.contains(r#""email":"ann""#), "{told}");
}

#[test]
fn logging_in_fails() {
    for (error, wanted) in [
        (Error::unauthenticated("wrong password"), (400, message_of("Invalid Email/Password!"))),
        (Error::bad_message("empty login"), (400, message_of("Invalid Email/Password!"))),
        (Error::too_many("wait a minute"), (429, detail_of("wait a minute"))),
        (Error::unavailable("shutting down"), (503, detail_of("shutting down"))),
    ] {
        assert_eq!(asked(&post("/user/login", ANN), Err(error)).2, wanted);
    }
}

fn change(authorization: &str, body: &str) -> Request {
    with_header(post("/user/change_password", body), "authorization", authorization)
}

const CHANGE: &str = r#"{"old_password":"a","new_password":"b"}"#;

#[test]
fn a_password_changes() {
    let (call, credential, told) = asked(&change("bEARER tok", CHANGE), Ok(Answer::Done));
    assert_eq!(call, "change a to b, end true");
    assert_eq!(credential, Credential::Token(Secret::new("tok")));
    assert_eq!(told, (200, message_of("Successfully Updated!")));
}

#[test]
fn changing_a_password_fails() {
    for (error, wanted) in [
        (Error::forbidden("wrong password"), (403, message_of("Update Failed!"))),
        (Error::unauthenticated("token expired"), (401, detail_of("Unauthorized"))),
        (Error::too_many("wait a minute"), (429, detail_of("wait a minute"))),
    ] {
        assert_eq!(asked(&change("Bearer tok", CHANGE), Err(error)).2, wanted);
    }
}

#[test]
fn a_token_is_asked_for_before_the_fields_but_after_the_grammar() {
    for (authorization, wanted) in [
        ("", "Not authenticated"),
        ("Bearer", "Not authenticated"),
        ("Bearerx", "Not authenticated"),
        (" x", "Not authenticated"),
        ("Bearer ", "Not authenticated"),
        ("Basic x", "Invalid authentication credentials"),
    ] {
        assert_eq!(replied(&change(authorization, "{}")), (403, detail_of(wanted)), "{authorization}");
    }
    assert_eq!(replied(&post("/user/change_password", "{}")), (403, detail_of("Not authenticated")));
    assert_eq!(replied(&post("/user/change_password", "{")).0, 422);
    let (call, _, told) = asked(&change("Bearer x", "{}"), Err(Error::unauthenticated("bad token")));
    assert_eq!((call.as_str(), told), ("me", (401, detail_of("Unauthorized"))));
    let (status, told) = asked(&change("Bearer x", "{}"), Ok(Answer::Done)).2;
    assert_eq!(status, 422);
    assert!(told.contains(r#"["body","old_password"]"#) && told.contains(r#"["body","new_password"]"#), "{told}");
}

#[test]
fn nothing_is_mailed() {
    for (path, body, failure) in [
        ("/user/forgot_password", r#"{"email":"a@b.org"}"#, "Failed to process forgot password!"),
        ("/user/reset_password", r#"{"code":"x","password":"y"}"#, "Failed to reset password!"),
        ("/user/verify", r#"{"code":"x"}"#, "Verification Failed!"),
    ] {
        assert_eq!(replied(&post(path, body)), (403, message_of(failure)));
        assert_eq!(replied(&post(path, "{}")).0, 422, "{path}");
    }
    let request = post("/user/send-verification-code", "");
    assert_eq!(replied(&request), (403, detail_of("Not authenticated")));
    let request = with_header(request, "authorization", "Bearer x");
    assert_eq!(asked(&request, Ok(Answer::Done)).2, (400, message_of("Account is already verified!")));
    assert_eq!(asked(&request, Err(Error::unauthenticated("x"))).2, (401, detail_of("Unauthorized")));
}

#[test]
fn other_paths_and_methods_are_refused() {
    for path in ["/user/", "/user/x", "/user/login/", "/websocket", "/websocket/"] {
        assert_eq!(replied(&post(path, "{}")), (404, detail_of("Not Found")), "{path}");
    }
    let mut get = post("/user/login", "");
    get.head.method = "GET".into();
    let Step::Reply(response) = request(&get, &routes()) else { panic!("asks") };
    assert_eq!(told(&response), (405, detail_of("Method Not Allowed")));
    assert_eq!(response.headers, [("allow", "POST".to_owned())]);
    let handshake = |path: &str| with_header(post(path, ""), "upgrade", "WebSocket");
    assert_eq!(replied(&handshake("/websocket/")), (403, String::new()));
    assert_eq!(replied(&handshake("/websocket")), (404, detail_of("Not Found")));
}

#[test]
fn the_description_and_its_page_are_read() {
    for (path, kind) in [("/openapi.json", "application/json"), ("/docs", "text/html; charset=utf-8")] {
        let mut asked = post(path, "");
        let Step::Reply(response) = request(&asked, &routes()) else { panic!("asks") };
        assert_eq!((response.status, &response.headers[..]), (405, &[("allow", "GET, HEAD".to_owned())][..]));
        for method in ["GET", "HEAD"] {
            asked.head.method = method.into();
            let Step::Reply(response) = request(&asked, &routes()) else { panic!("asks") };
            assert_eq!((response.status, response.content_type), (200, Some(kind)));
            assert!(std::str::from_utf8(&response.body).unwrap().contains("Quintet"));
        }
    }
}

#[test]
fn it_serves_its_own_paths_only() {
    for path in [
        "/websocket",
        "/websocket/",
        "/websocket/x",
        "/user/register",
        "/user/x",
        "/walker/x",
        "/openapi.json",
        "/docs",
        "/things/7",
    ] {
        assert!(serves(path, &routes()), "{path}");
    }
    for path in
        ["/", "/user", "/users/x", "/websockets", "/api/users/register", "/healthz", "/walker", "/things", "/quintet"]
    {
        assert!(!serves(path, &routes()), "{path}");
    }
}
