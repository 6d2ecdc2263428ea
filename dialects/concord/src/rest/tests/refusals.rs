//! Requests that are refused without asking anything.

use super::*;

#[test]
fn a_token_is_needed_but_for_logging_in_and_registering() {
    for authorization in [None, Some(""), Some("Bearer"), Some("Basic YTpi"), Some("Token t"), Some("Bearert")] {
        for route in table::ROUTES {
            let line = format!("{} {}", route.method, route.path.replace("{id}", "1").replace("{name}", "echo"));
            let bare = without_header(request(&line, ""), "authorization");
            let request = authorization.map_or(bare.clone(), |value| with_header(bare, "authorization", value));
            let response = refused(request);
            let status = if route.public { 400 } else { 401 };
            assert_eq!(response.status, status, "{line} {authorization:?}");
        }
    }
    for line in ["GET /api/nothing", "GET /api/tokens", "PATCH /api/server", "GET /api/chats/x"] {
        let response = refused(without_header(request(line, ""), "authorization"));
        assert_eq!(response.status, 401, "{line}");
        assert_eq!(response.headers, [("www-authenticate", "Bearer".to_owned())]);
    }
}

#[test]
fn a_bearer_is_passed_on_and_ignored_where_none_is_needed() {
    let token = |text: &str| Credential::Token(Secret::new(text));
    for (authorization, credential) in [("Bearer a.b", token("a.b")), ("bearer a.b", token("a.b"))] {
        let request = with_header(request("GET /api/self", ""), "authorization", authorization);
        assert_eq!(exchange(request).credential, credential);
    }
    let body = r#"{"username":"a","password":"b"}"#;
    for line in ["POST /api/tokens", "POST /api/users/register"] {
        let request = with_header(request(line, body), "authorization", "Bearer not.a.token");
        assert_eq!(exchange(request).credential, Credential::None);
    }
}

#[test]
fn a_token_that_does_not_hold_goes_before_every_other_fault() {
    for (line, body) in
        [("GET /api/nothing", ""), ("PUT /api/self", ""), ("PATCH /api/server", "{}"), ("POST /api/channels", "{")]
    {
        let reply = exchange(request(line, body)).reply;
        assert_eq!(reply(Err(Error::unauthenticated("the token has expired"))).status, 401, "{line}");
    }
}

#[test]
fn paths_and_methods_that_are_not_there() {
    for line in
        ["GET /api", "GET /api/", "GET /api/nothing", "GET /api/chats/1/2/3", "POST /api//chats", "GET /api/chats//"]
    {
        assert_eq!(refused(request(line, "")).status, 404, "{line}");
    }
    for (line, allow) in [
        ("GET /api/tokens", "POST"),
        ("POST /api/users", "GET, HEAD"),
        ("PUT /api/chats/1", "GET, HEAD, PATCH, DELETE"),
        ("PATCH /api/roles/1/users/2", "PUT, DELETE"),
        ("DELETE /api/channels", "GET, HEAD, POST"),
        ("get /api/self", "GET, HEAD"),
    ] {
        let response = refused(request(line, ""));
        assert_eq!((response.status, &response.headers[..]), (405, &[("allow", allow.to_owned())][..]), "{line}");
    }
    for line in ["PATCH /api/server", "POST /api/server/icon"] {
        assert_eq!(refused(request(line, "{}")).status, 501, "{line}");
    }
}

#[test]
fn path_ids_are_plain_numbers() {
    for path in ["x", "-1", "+1", "1.0", "%31", "9007199254740992", "99999999999999999999999"] {
        for line in [format!("GET /api/chats/{path}"), format!("PUT /api/roles/1/users/{path}")] {
            let response = refused(request(&line, ""));
            assert_eq!(response.status, 400, "{line}");
            assert!(message(&response).starts_with("not an id"), "{line}");
        }
    }
}

#[test]
fn queries_are_checked() {
    for (line, words) in [
        ("GET /api/chats?page=-1", "`page` must be a whole number, 0 or more"),
        ("GET /api/chats?page=x", "`page` must be a whole number, 0 or more"),
        ("GET /api/chats?size=0", "`size` must be a whole number, 1 or more"),
        ("GET /api/chats?size=-5", "`size` must be a whole number, 1 or more"),
        ("GET /api/channels/1/chats/latest?size=0", "`size` must be a whole number, 1 or more"),
        ("GET /api/channels/1/chats/latest?size=x", "`size` must be a whole number, 1 or more"),
        ("GET /api/chats?authorId=ann", "`authorId` must be an id"),
        ("GET /api/chats?channelId=-1", "`channelId` must be an id"),
        ("GET /api/chats?threadId=-2", "`threadId` must be an id, or -1"),
        ("GET /api/chats?before=now", "`before` must be a whole number of milliseconds since 1970"),
        ("GET /api/chats?after=1.5", "`after` must be a whole number of milliseconds since 1970"),
        ("GET /api/images/1?w=0", "`w` must be a whole number of pixels, 1 or more"),
        ("GET /api/images/1?h=-1", "`h` must be a whole number of pixels, 1 or more"),
    ] {
        let response = refused(request(line, ""));
        assert_eq!((response.status, message(&response).as_str()), (400, words), "{line}");
    }
}

#[test]
fn bodies_are_checked() {
    for (line, body, words) in [
        ("POST /api/channels", "{", "not JSON"),
        ("POST /api/procedures/a", "{", "not JSON"),
        ("POST /api/procedures/a", "1 2", "not JSON"),
        ("POST /api/procedures/%ff", "1", "the name is not UTF-8"),
        ("POST /api/channels", r#"["menu"]"#, "not a JSON object"),
        ("POST /api/channels", "null", "not a JSON object"),
        ("POST /api/channels", "{}", "missing field `name`"),
        ("POST /api/channels", r#"{"name":null}"#, "name: invalid type: null"),
        ("POST /api/channels", r#"{"name":""}"#, "name: must not be empty"),
        ("POST /api/channels", r#"{"name":"x","ordinality":null}"#, "ordinality: invalid type: null"),
        ("POST /api/channels", r#"{"name":"x","ordinality":1.5}"#, "ordinality: invalid type: floating point"),
        ("POST /api/channels", r#"{"name":"x","parentChannelId":"1"}"#, "parentChannelId: invalid type: string"),
        ("POST /api/channels", r#"{"name":"x","capabilities":"text"}"#, "capabilities: invalid type: string"),
        ("PATCH /api/channels/1", r#"{"name":null}"#, "name: invalid type: null"),
        ("PATCH /api/channels/1", r#"{"description":5}"#, "description: invalid type: integer"),
        ("POST /api/tokens", r#"{"username":"ann"}"#, "missing field `password`"),
        ("POST /api/tokens", r#"{"username":"ann","password":null}"#, "password: invalid type: null"),
        ("POST /api/users/register", r#"{"password":"x"}"#, "missing field `username`"),
        ("POST /api/users/register", r#"{"username":"","password":"x"}"#, "username: must not be empty"),
        ("POST /api/users/register", r#"{"username":"ann","password":""}"#, "password: must not be empty"),
        ("POST /api/users/register", r#"{"username":"ann","password":null}"#, "password: invalid type: null"),
        ("POST /api/self/password", "{}", "missing field `newPassword`"),
        ("POST /api/self/password", r#"{"newPassword":""}"#, "newPassword: must not be empty"),
        ("POST /api/channels/1/chats", "{}", "missing field `content`"),
        ("POST /api/channels/1/chats", r#"{"content":null}"#, "content: invalid type: null"),
        ("POST /api/channels/1/chats", r#"{"content":"x","sentAt":null}"#, "sentAt: invalid type: null"),
        (
            "POST /api/channels/1/chats",
            r#"{"content":"x","threadId":-1}"#,
            "threadId: invalid type: integer `-1`, expected an id",
        ),
        (
            "POST /api/channels/1/chats",
            r#"{"content":"x","sentAt":1.5}"#,
            "sentAt: invalid type: floating point `1.5`, expected a time",
        ),
        ("POST /api/channels/1/chats", r#"{"content":""}"#, "content: must not be empty"),
        ("PATCH /api/chats/1", r#"{"content":null}"#, "content: invalid type: null"),
        ("PATCH /api/chats/1", r#"{"content":""}"#, "content: must not be empty"),
        ("POST /api/chats/1/reactions", r#"{"reaction":"x"}"#, "missing field `adding`"),
        ("POST /api/chats/1/reactions", r#"{"reaction":"","adding":true}"#, "reaction: must not be empty"),
        ("POST /api/chats/1/thread", r#"{"name":""}"#, "name: must not be empty"),
        ("POST /api/roles", r#"{"ordinality":1}"#, "missing field `name`"),
        ("PUT /api/rights/users/1", r#"{"admin":null}"#, "admin: invalid type: null"),
        ("PUT /api/rights/users/1", r#"{"values":[1,2,3]}"#, "values: invalid type: sequence"),
        ("PUT /api/rights/users/1", r#"{"values":{"view":true}}"#, "values.view: invalid type: boolean"),
        ("PUT /api/rights/users/1", r#"{"values":{"view":3000000000}}"#, "values.view: invalid value: integer"),
        (
            "PUT /api/channels/1/rights/roles/2",
            r#"{"values":{"fly":1}}"#,
            "unknown right in `values`: the rights are view, write, react, manageChannels, manageChats",
        ),
    ] {
        let response = refused(request(line, body));
        assert_eq!(response.status, 400, "{line} {body}");
        let message = message(&response);
        assert!(message.starts_with(words), "{line} {body}: {message}");
    }
}

#[test]
fn a_body_has_a_type_and_is_there() {
    let typed = |kind: &str, body: &str| with_header(request("POST /api/channels", body), "content-type", kind);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", ""] {
        assert_eq!(refused(typed(kind, r#"{"name":"x"}"#)).status, 415, "{kind}");
        assert_eq!(refused(typed(kind, "")).status, 415, "{kind}, without a body");
    }
    let untyped = without_header(request("POST /api/channels", r#"{"name":"x"}"#), "content-type");
    assert_eq!(refused(untyped).status, 415);
    assert_eq!(refused(typed("application/json", "")).status, 400);
    assert_eq!(refused(request("POST /api/channels", "")).status, 400);
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.concord+json"] {
        exchange(typed(kind, r#"{"name":"x"}"#));
    }
    let avatar = |kind: &str, body: &str| with_header(request("POST /api/self/avatar", body), "content-type", kind);
    for kind in ["application/json", "image/svg+xml", "image/*", "png", ""] {
        assert_eq!(refused(avatar(kind, "x")).status, 415, "{kind}");
    }
    assert_eq!(refused(avatar("image/png", "")).status, 400);
}

#[test]
fn a_refusal_names_the_path_but_not_the_query() {
    let response = refused(request("GET /api/nothing?token=secret", ""));
    assert_eq!(response.body, r#"{"status":404,"error":"Not Found","message":"no such path","path":"/api/nothing"}"#);
}

#[test]
fn a_deep_body_does_not_overflow_the_stack() {
    for body in ["[".repeat(200_000), format!(r#"{{"name":{}"#, "[".repeat(200_000))] {
        assert_eq!(refused(request("POST /api/channels", &body)).status, 400);
    }
}
