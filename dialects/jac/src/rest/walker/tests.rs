//! Every row of jac-cloud.md, section 7.2.

use quintet_core::http::Head;
use quintet_core::procedure::Outcome;
use serde_json::{Value as Json, json};

use super::*;
use crate::walker::tests::Shelf;

fn routes() -> Routes {
    let field = |required: bool| json!({"required": required, "schema": {}});
    let fields = json!({"sides": field(true), "label": field(false)});
    let walkers = [
        ("roll", json!({"fields": fields})),
        ("open", json!({"auth": false, "fields": fields})),
        (
            "asked",
            json!({"methods": ["get"], "as_query": ["*"], "fields": fields, "path": "by/{label}", "auth": false}),
        ),
        ("bare", json!({"methods": ["put", "head"], "auth": false, "fields": {}})),
        ("vague", json!({"auth": false})),
    ];
    let mut shelf = Shelf::of(&walkers, &["add"]);
    let anybody = Shelf::of(&[], &["echo"]).procedures.remove(0);
    let mut echo = Arc::unwrap_or_clone(anybody);
    echo.offer.claims.clear();
    shelf.procedures.push(Arc::new(echo));
    Routes::new(Arc::new(shelf))
}

/// `POST /walker/roll?query`, with this `Authorization` and body.
fn request(line: &str, authorization: &str, body: &str) -> Request {
    let (method, path) = line.split_once(' ').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = [("content-type", "application/json"), ("authorization", authorization)];
    let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
    let head = Head {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
    };
    Request { head, body: body.as_bytes().to_vec().into() }
}

fn told(response: &Response) -> (u16, String) {
    (response.status, String::from_utf8(response.body.to_vec()).unwrap())
}

fn replied(line: &str, authorization: &str, body: &str) -> (u16, String) {
    match answer(&request(line, authorization, body), &routes()) {
        Step::Reply(response) => told(&response),
        Step::Ask(exchange) => panic!("asks {:?}", exchange.call),
    }
}

fn asked(line: &str, authorization: &str, body: &str, found: Result<Answer, Error>) -> (String, String, (u16, String)) {
    let Step::Ask(exchange) = answer(&request(line, authorization, body), &routes()) else { panic!("{line} replies") };
    let call = match &exchange.call {
        Call::Invoke(invocation) => {
            assert_eq!(invocation.connection, None);
            let extra = invocation.extra.as_ref().map_or("-", |extra| extra.get());
            format!("{} {} {extra}", invocation.name, invocation.payload.get())
        }
        other => format!("{other:?}"),
    };
    let credential = match &exchange.credential {
        Credential::Token(token) => token.expose().to_owned(),
        Credential::None => "-".into(),
        other => panic!("unexpected {other:?}"),
    };
    (call, credential, told(&(exchange.reply)(found)))
}

fn outcome(status: u16, json: &str) -> Answer {
    Answer::Outcome(Outcome { status, payload: RawValue::from_string(json.into()).unwrap() })
}

const PUBLIC: &str = "n::000000000000000000000001";

#[test]
fn walkers_are_called() {
    let words = |method: &str, node: Json, root: Json, query: Json, path: Json| json!({"method": method, "node": node, "root": root, "query": query, "path": path});
    let none = || json!({});
    let null = Json::Null;
    for (line, token, body, name, payload, extra) in [
        // As whom it runs, the token tells the hall alone.
        (
            "POST /walker/roll",
            "t",
            r#"{"sides": 6}"#,
            "roll",
            r#"{"sides":6}"#,
            words("post", null.clone(), null.clone(), none(), none()),
        ),
        (
            "POST /walker/roll/n:A%3A01?sides=7",
            "t",
            "{}",
            "roll",
            "{}",
            words("post", json!("n:A:01"), null.clone(), none(), none()),
        ),
        ("POST /walker/open", "", "{}", "open", "{}", words("post", null.clone(), json!(PUBLIC), none(), none())),
        (
            "GET /walker/asked/by/a%2Fb?sides=6&other=1&sides=7&label=z",
            "",
            "{",
            "asked",
            "{}",
            words("get", null.clone(), json!(PUBLIC), json!({"sides": ["6", "7"]}), json!({"label": "a/b"})),
        ),
        ("PUT /walker/bare", "", "no json", "bare", "{}", words("put", null.clone(), json!(PUBLIC), none(), none())),
        ("HEAD /walker/bare", "", "", "bare", "{}", words("head", null.clone(), json!(PUBLIC), none(), none())),
        ("POST /walker/vague", "", "", "vague", "{}", words("post", null.clone(), json!(PUBLIC), none(), none())),
        (
            "POST /walker/vague",
            "",
            r#"{"a":1}"#,
            "vague",
            r#"{"a":1}"#,
            words("post", null.clone(), json!(PUBLIC), none(), none()),
        ),
    ] {
        let authorization = if token.is_empty() { String::new() } else { format!("Bearer {token}") };
        let (call, credential, response) =
            asked(line, &authorization, body, Ok(outcome(200, r#"{"status":200,"reports":[]}"#)));
        assert_eq!(call, format!("{name} {payload} {extra}"), "{line}");
        assert_eq!(credential, if token.is_empty() { "-" } else { token }, "{line}");
        assert_eq!(response, (200, r#"{"status":200,"reports":[]}"#.into()), "{line}");
    }
}

#[test]
fn a_valid_token_does_not_matter_where_none_is_wanted() {
    assert_eq!(asked("POST /walker/open", "Bearer t", "{}", Ok(outcome(200, "{}"))).1, "-");
    assert_eq!(asked("POST /walker/open", "Basic t", "{}", Ok(outcome(200, "{}"))).1, "-");
}

#[test]
fn the_walkers_status_is_the_responses() {
    for (found, wanted) in [
        (Ok(outcome(201, "5")), (201, "5".to_owned())),
        (Ok(outcome(204, "null")), (204, String::new())),
        (
            Err(Error::not_found("x").with_data(RawValue::from_string(r#"{"body":{"status":404}}"#.into()).unwrap())),
            (404, r#"{"status":404}"#.to_owned()),
        ),
    ] {
        assert_eq!(asked("POST /walker/open", "", "{}", found).2, wanted);
    }
}

#[test]
fn walkers_fail() {
    let data = |json: &str| RawValue::from_string(json.into()).unwrap();
    for (error, status, body) in [
        (Error::unauthenticated("token expired"), 401, r#"{"detail":"Unauthorized"}"#),
        (
            Error::bad_message("x")
                .with_status(422)
                .with_data(data(r#"{"validation":[{"type":"missing","loc":["body","sides"]}]}"#)),
            422,
            r#"{"detail":[{"type":"missing","loc":["body","sides"]}]}"#,
        ),
        (
            Error::forbidden("You don't have access on target entry n:A:01!"),
            403,
            r#"{"detail":{"error":"You don't have access on target entry n:A:01!"}}"#,
        ),
        (
            Error::internal("x").with_data(data(r#"{"exception":"ValueError: Invalid anchor id x !"}"#)),
            500,
            r#"{"errors":["ValueError: Invalid anchor id x !\n"]}"#,
        ),
        (Error::unavailable("no worker runs roll").with_status(503), 503, r#"{"detail":"no worker runs roll"}"#),
        (Error::unavailable("too late").with_status(504), 504, r#"{"detail":"too late"}"#),
        (Error::internal("sector 7"), 500, r#"{"detail":"internal error"}"#),
    ] {
        assert_eq!(asked("POST /walker/roll", "Bearer t", "{}", Err(error)).2, (status, body.into()));
    }
}

#[test]
fn requests_are_refused_in_fastapis_order() {
    let json_invalid = concat!(
        r#"{"detail":[{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"#,
        r#""ctx":{"error":"Expecting property name enclosed in double quotes"}}]}"#
    );
    let missing = r#"{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}"#;
    let no_object = concat!(
        r#"{"detail":[{"type":"model_attributes_type","loc":["body"],"#,
        r#""msg":"Input should be a valid dictionary or object to extract fields from","input":[]}]}"#
    );
    for (line, authorization, body, status, wanted) in [
        ("POST /walker/roll", "", "{", 422, json_invalid),
        ("POST /walker/roll", "", "", 403, r#"{"detail":"Not authenticated"}"#),
        ("POST /walker/roll", "Basic x", "", 403, r#"{"detail":"Invalid authentication credentials"}"#),
        ("POST /walker/open", "", "", 422, missing),
        ("POST /walker/open", "", "null", 422, missing),
        ("POST /walker/open", "", "[]", 422, no_object),
        ("POST /walker/vague", "", "[]", 422, no_object),
        ("GET /walker/roll", "", "", 405, r#"{"detail":"Method Not Allowed"}"#),
        ("POST /walker/nobody", "", "{}", 404, r#"{"detail":"Not Found"}"#),
        ("POST /walker/asked", "", "{}", 404, r#"{"detail":"Not Found"}"#),
    ] {
        assert_eq!(replied(line, authorization, body), (status, wanted.into()), "{line} {authorization} {body}");
    }
    let (call, credential, told) = asked("POST /walker/roll", "Bearer t", "", Ok(Answer::Done));
    assert_eq!((call.as_str(), credential.as_str(), told), ("Me", "t", (422, missing.into())));
    let (_, _, told) = asked("POST /walker/roll", "Bearer t", "", Err(Error::unauthenticated("bad token")));
    assert_eq!(told, (401, r#"{"detail":"Unauthorized"}"#.into()));
}

#[test]
fn what_is_allowed_is_told() {
    let refused = answer(&request("POST /walker/bare", "", ""), &routes());
    let Step::Reply(response) = refused else { panic!("asks") };
    assert_eq!(response.headers, [("allow", "HEAD, PUT".to_owned())]);
}

#[test]
fn other_procedures_are_called_as_walkers_with_the_defaults() {
    for (line, authorization, body, call, credential) in [
        ("POST /walker/add", "Bearer t", r#"{"a": 1}"#, r#"add {"a":1} -"#, "t"),
        ("POST /walker/add", "Bearer t", "[1]", "add [1] -", "t"),
        ("POST /walker/add", "Bearer t", "", "add {} -", "t"),
        ("POST /walker/echo", "", "5", "echo 5 -", "-"),
        ("POST /walker/echo", "Bearer t", "5", "echo 5 -", "t"),
    ] {
        let (asked, shown, told) = asked(line, authorization, body, Ok(outcome(201, "3")));
        assert_eq!((asked.as_str(), shown.as_str()), (call, credential));
        assert_eq!(told, (201, r#"{"status":201,"reports":[3]}"#.into()));
    }
    for (error, wanted) in [
        (Error::not_found("no room 9"), (404, r#"{"detail":"no room 9"}"#)),
        (Error::unauthenticated("actor is not authenticated"), (401, r#"{"detail":"Unauthorized"}"#)),
        (Error::bad_message("no coffee").with_status(418), (418, r#"{"detail":"no coffee"}"#)),
    ] {
        assert_eq!(asked("POST /walker/echo", "", "5", Err(error)).2, (wanted.0, wanted.1.to_owned()));
    }
    assert_eq!(replied("POST /walker/add", "", "{}"), (403, r#"{"detail":"Not authenticated"}"#.into()));
    assert_eq!(replied("POST /walker/echo", "Basic x", "{}").0, 403);
    assert_eq!(replied("POST /walker/add", "Bearer t", "{").0, 422);
}
