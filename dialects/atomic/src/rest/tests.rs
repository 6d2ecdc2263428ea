//! Requests, what they ask, and what is made of the answers.

use std::sync::Arc;

use bytes::Bytes;
use quintet_core::commit::Unsigned;
use quintet_core::document::{Described, Download, Found, Search, Upload};
use quintet_core::{Commit, Document, Kind, Position, Subject, Timestamp, term};
use serde_json::{Value, json};

use super::*;

const BASE: &str = "http://localhost:9883";

fn origin() -> Origin {
    Origin(BASE.into())
}

/// `METHOD /path?query`, with headers `name: value`.
fn asking(line: &str, headers: &[&str], body: impl Into<Bytes>) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |header: &&str| {
        let (name, value) = header.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    };
    let headers = headers.iter().map(pair).collect();
    let head = Head { method: method.into(), path: path.into(), query: query.into(), headers };
    Request { head, body: body.into() }
}

fn step(asking: &Request) -> Step {
    request(asking, &origin(), &Limits::default())
}

fn exchange(asking: &Request) -> Exchange {
    match step(asking) {
        Step::Ask(exchange) => exchange,
        Step::Reply(response) => panic!("{:?}: answered at once: {response:?}", asking.head),
    }
}

fn at_once(asking: &Request) -> Response {
    match step(asking) {
        Step::Reply(response) => response,
        Step::Ask(exchange) => panic!("{:?}: asks {:?}", asking.head, exchange.call),
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn stored(path: &str) -> Document {
    let properties = json!({ term::NAME: "x" });
    let Value::Object(properties) = properties else { unreachable!("it is written as an object") };
    Document { subject: Subject::at(&origin(), path), properties }
}

fn described(path: &str) -> Answer {
    Answer::Document(Box::new(Described { document: stored(path), terms: Vec::new() }))
}

#[test]
fn a_resource_is_told_in_the_format_that_was_asked_for() {
    for (accept, kind, words) in [
        ("accept: application/ad+json", "application/ad+json", r#"{"@id":"http://localhost:9883/x?y=1","https:"#),
        ("accept: application/json", "application/json", r#"{"@id":"http://localhost:9883/x?y=1","name":"x"}"#),
        ("accept: application/ld+json", "application/ld+json", r#"{"@context":{"name":"https:"#),
        ("accept: text/turtle", "text/turtle", "<http://localhost:9883/x?y=1> <https:"),
        ("accept: application/n-triples", "application/n-triples", "<http://localhost:9883/x?y=1> <https:"),
        ("accept: text/html", "text/html; charset=utf-8", "<!doctype html>"),
        ("accept: */*", "application/ad+json", r#"{"@id""#),
    ] {
        let exchange = exchange(&asking("GET /x?y=1", &[accept], ""));
        let Call::Document(query) = exchange.call else { panic!("{:?}", exchange.call) };
        assert_eq!(query.described, kind != "application/ad+json", "{accept}");
        let response = (exchange.reply)(Ok(described("/x")));
        assert_eq!((response.status, response.content_type), (200, Some(kind)), "{accept}");
        let text = String::from_utf8(response.body.to_vec()).unwrap();
        assert!(text.starts_with(words), "{accept}: {text}");
        assert_eq!(header(&response, "cache-control"), Some("no-store, no-cache, must-revalidate, private"));
        assert!(header(&response, "vary").unwrap().starts_with("Accept, "));
        assert_eq!(header(&response, "content-security-policy").is_some(), kind.starts_with("text/html"), "{accept}");
    }
}

#[test]
fn an_extension_is_no_part_of_the_subject() {
    let exchange = exchange(&asking("GET /x.json", &["accept: text/html"], ""));
    let Call::Document(query) = &exchange.call else { panic!("{:?}", exchange.call) };
    assert_eq!(query.subject.as_str(), "http://localhost:9883/x");
    let response = (exchange.reply)(Ok(described("/x")));
    assert_eq!(response.body, r#"{"@id":"http://localhost:9883/x","name":"x"}"#);
}

#[test]
fn a_path_is_read_without_a_name() {
    let line = "GET /path?path=http%3A%2F%2Flocalhost%3A9883%2Fx";
    let response = (exchange(&asking(line, &[], "")).reply)(Ok(described("/x")));
    assert_eq!(body(&response), json!({ term::NAME: "x" }));
    let response = at_once(&asking("GET /path?path=https://atomicdata.dev/properties/name", &[], ""));
    assert_eq!((&body(&response)[term::SHORTNAME], body(&response).get("@id")), (&json!("name"), None));
    assert_eq!(body(&at_once(&asking("GET /path", &[], "")))["@id"], format!("{BASE}/path"));
}

#[test]
fn collections_are_told_in_every_format() {
    let line = "GET /query?property=p";
    let answer = Answer::Found(Box::new(Found { members: vec![stored("/x")], total: 1, ..Found::default() }));
    let response = (exchange(&asking(line, &["accept: application/json"], "")).reply)(Ok(answer));
    assert_eq!(body(&response)["total-members"], 1);
    assert_eq!(body(&response)["members"], json!([{ "@id": format!("{BASE}/x"), "name": "x" }]));
}

#[test]
fn whoever_only_looks_accepts_no_invite() {
    let line = "GET /setup?public-key=A6EHv%2FPOEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg%3D";
    assert!(matches!(exchange(&asking(line, &[], "")).call, Call::AcceptInvite { .. }));
    let mut head = asking(line, &[], "");
    head.head.method = "HEAD".into();
    let elsewhere = line.replace("/setup", "/invite");
    let idle = [
        head,
        asking(line, &["sec-purpose: prefetch;prerender"], ""),
        asking(line, &["purpose: prefetch"], ""),
        asking(line, &["sec-fetch-site: cross-site", "sec-fetch-mode: cors"], ""),
        asking(&elsewhere, &["sec-fetch-site: cross-site", "sec-fetch-mode: no-cors"], ""),
        asking(&elsewhere, &["sec-fetch-site: same-site", "sec-fetch-mode: navigate"], ""),
    ];
    for idle in idle {
        let call = exchange(&idle).call;
        assert!(matches!(&call, Call::Document(query) if query.subject.path() == idle.head.path), "{call:?}");
    }
    let own = ["sec-fetch-site: same-origin", "sec-fetch-mode: cors"];
    let client = ["sec-fetch-site: cross-site", "sec-fetch-mode: cors"];
    for asked in [asking(line, &own, ""), asking(&elsewhere, &client, ""), asking(line, &["sec-fetch-site: none"], "")]
    {
        assert!(matches!(exchange(&asked).call, Call::AcceptInvite { .. }), "{:?}", asked.head.headers);
    }
}

/// The first vector of atomic-data.md, section 10: what is posted.
const POSTED: &str = r#"{"https://atomicdata.dev/properties/createdAt":1700000000002,"https://atomicdata.dev/properties/destroy":true,"https://atomicdata.dev/properties/isA":["https://atomicdata.dev/classes/Commit"],"https://atomicdata.dev/properties/signature":"nEHU+u+5TPM1cGDAJTGdkczaC6oy0NcpQMnH+icrf8cjfcarImS2C4LfIuF5wZNsgI8QDdmrm/vmiLMsm6+7Bg==","https://atomicdata.dev/properties/signer":"http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","https://atomicdata.dev/properties/subject":"http://localhost:9883/vec/one"}"#;

fn commit() -> Arc<Commit> {
    let unsigned = Unsigned::new(Subject::at(&origin(), "/x"));
    Arc::new(unsigned.sign("http://localhost:9883/agents/a", Timestamp::from_millis(1), |_| [1; 64]))
}

#[test]
fn a_commit_is_answered_as_it_is_stored() {
    for headers in
        [&[][..], &["content-type: application/ad+json"], &["content-type: text/plain", "cookie: atomic_session=x"]]
    {
        let Exchange { credential, call, reply } = exchange(&asking("POST /commit", headers, POSTED));
        assert_eq!(credential, Credential::None, "the signature is all");
        assert!(matches!(&call, Call::Commit(unverified) if unverified.commit.destroy), "{call:?}");
        let position = Some(Position { epoch: 0xab, offset: 12 });
        let response = reply(Ok(Answer::Committed { commit: commit(), position }));
        assert_eq!((response.status, response.content_type), (200, Some("application/ad+json")));
        assert_eq!(response.body, commit().json.as_bytes());
        assert_eq!(header(&response, "x-quintet-position"), Some("12-ab"));
    }
    let reply = exchange(&asking("POST /commit", &[], POSTED)).reply;
    let response = reply(Ok(Answer::Committed { commit: commit(), position: None }));
    assert_eq!(header(&response, "x-quintet-position"), None);
}

#[test]
fn what_is_no_commit_is_refused_at_once() {
    let foreign = POSTED.replace("http://localhost:9883/vec", "http://localhost:98831/vec");
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for (posted, words) in [
        (b"".to_vec(), "Error parsing JSON-AD"),
        (b"\xff".to_vec(), "a commit is JSON in UTF-8"),
        (b"[]".to_vec(), "Error parsing JSON-AD"),
        (deep.into_bytes(), "Error parsing JSON-AD"),
        (foreign.into_bytes(), "Subject of commit should be sent to other domain"),
    ] {
        let response = at_once(&asking("POST /commit", &[], posted));
        let body = body(&response);
        assert_eq!((response.status, &body["@id"]), (400, &json!(format!("{BASE}/commit"))));
        assert!(body[term::DESCRIPTION].as_str().unwrap().starts_with(words), "{body}");
    }
}

#[test]
fn errors_of_the_hall_are_error_resources_of_the_url() {
    for (kind, status, beginning) in [
        (Kind::Unauthenticated, 401, "Unauthorized. why"),
        (Kind::Forbidden, 401, "Unauthorized. why"),
        (Kind::NotFound, 404, "Resource not found. why"),
        (Kind::Conflict, 409, "why"),
        (Kind::TooMany, 429, "why"),
        (Kind::Unavailable, 503, "why"),
    ] {
        for (line, body) in [("GET /x?y=%20z", ""), ("POST /commit", POSTED)] {
            let asking = asking(line, &["accept: text/turtle"], body);
            let response = (exchange(&asking).reply)(Err(Error::new(kind, "why")));
            let expected = json!({
                "@id": request_url(&asking.head, &origin()),
                term::IS_A: [term::ERROR],
                term::DESCRIPTION: beginning,
            });
            assert_eq!((response.status, response.content_type), (status, Some("application/ad+json")), "{line}");
            assert_eq!(self::body(&response), expected, "{line}");
        }
    }
}

#[test]
fn a_browser_is_shown_errors_as_pages() {
    let hall = |line, body| {
        let asking = asking(line, &["accept: text/html"], body);
        (exchange(&asking).reply)(Err(Error::new(Kind::NotFound, "why"))).content_type
    };
    assert_eq!(hall("GET /x", ""), Some("text/html; charset=utf-8"));
    assert_eq!(hall("POST /commit", POSTED), Some("application/ad+json"));
    let wrong = at_once(&asking("GET /query?x=1", &["accept: text/html"], ""));
    assert_eq!((wrong.status, wrong.content_type), (400, Some("text/html; charset=utf-8")));
}

#[test]
fn other_methods_are_refused() {
    for (line, allow) in [
        ("POST /x", "GET, HEAD"),
        ("POST /", "GET, HEAD"),
        ("POST /search", "GET, HEAD"),
        ("POST /import?parent=x", "GET, HEAD"),
        ("PUT /x", "GET, HEAD, POST"),
        ("PATCH /x", "GET, HEAD, POST"),
        ("DELETE /commit", "GET, HEAD, POST"),
        ("get /x", "GET, HEAD, POST"),
    ] {
        let response = at_once(&asking(line, &[], "{}"));
        assert_eq!((response.status, header(&response, "allow")), (405, Some(allow)), "{line}");
        assert_eq!(body(&response)[term::IS_A], json!([term::ERROR]), "{line}");
    }
    let response = at_once(&asking("POST /x", &[], ""));
    assert_eq!(body(&response)[term::DESCRIPTION], "Cannot post here - no Endpoint Post handler found");
}

#[test]
fn foreign_and_wrong_urls_are_refused_at_once() {
    for (line, status) in [
        ("GET /query?x=1", 400),
        ("GET /path?path=http://elsewhere.example/x", 404),
        ("GET /download/files/x?w=0", 400),
        ("GET /download/files/x?w=99999999999", 400),
        ("GET /search?limit=x", 400),
        ("GET /search?parents=http://elsewhere.example", 400),
        ("GET /search?filters=x", 400),
        ("POST /upload", 400),
    ] {
        assert_eq!(at_once(&asking(line, &[], "")).status, status, "{line}");
    }
}

#[test]
fn a_search_is_asked_and_told() {
    let line = concat!(
        "GET /search?q=red+apple&limit=5000&include=true&parents=http%3A%2F%2Flocalhost%3A9883%2Fa,http://localhost:9883/b",
        "&filters=https%5C%3A%2F%2Fatomicdata%5C.dev%2Fproperties%2FisA%3A%22c%22",
    );
    let Exchange { call, reply, .. } = exchange(&asking(line, &[], ""));
    let Call::Search(search) = call else { panic!("{call:?}") };
    let expected = Search {
        words: "red apple".into(),
        parents: vec![Subject::at(&origin(), "/a"), Subject::at(&origin(), "/b")],
        filters: vec![(term::IS_A.into(), "c".into())],
        limit: 1_000,
    };
    assert_eq!(search, expected);
    let told = body(&reply(Ok(Answer::Documents(vec![stored("/x")]))));
    assert_eq!(told["@id"], format!("{BASE}{}", line.trim_start_matches("GET ")));
    assert_eq!(told[term::ENDPOINT_RESULTS], json!([{ "@id": format!("{BASE}/x"), term::NAME: "x" }]));

    let Exchange { call, reply, .. } = exchange(&asking("GET /search?q=x", &[], ""));
    assert!(matches!(call, Call::Search(Search { limit: 30, .. })));
    let told = body(&reply(Ok(Answer::Documents(vec![stored("/x")]))));
    assert_eq!(told[term::ENDPOINT_RESULTS], json!([format!("{BASE}/x")]));
    assert_eq!(body(&at_once(&asking("GET /search", &[], ""))).get(term::ENDPOINT_RESULTS), None);
}

#[test]
fn files_are_uploaded_below_their_parent() {
    let sent = "--b\r\nContent-Disposition: form-data; name=\"assets\"; filename=\"x.txt\"\r\n\r\nhi\r\n--b--\r\n";
    let kind = "content-type: multipart/form-data; boundary=b";
    let line = "POST /upload?parent=http%3A%2F%2Flocalhost%3A9883%2Fagents%2Fa%2Bb";
    let Exchange { call, reply, .. } = exchange(&asking(line, &[kind], sent));
    let Call::Upload { parent, files } = call else { panic!("{call:?}") };
    assert_eq!(parent.as_str(), "http://localhost:9883/agents/a+b");
    assert_eq!(files, [Upload { name: "x.txt".into(), media_type: None, bytes: "hi".into() }]);
    let response = reply(Ok(Answer::Documents(vec![stored("/files/1-x.txt")])));
    assert_eq!(response.status, 200);
    assert_eq!(body(&response), json!([{ "@id": format!("{BASE}/files/1-x.txt"), term::NAME: "x" }]));

    let elsewhere = "POST /upload?parent=http://elsewhere.example/x";
    let field = sent.replace("; filename=\"x.txt\"", "");
    for refused in [asking(elsewhere, &[kind], sent), asking(line, &[], sent), asking(line, &[kind], field)] {
        assert_eq!(at_once(&refused).status, 400);
    }
}

fn download(headers: &[&str], name: &str, media_type: &str) -> Response {
    let asking = asking("GET /download/files/1-x?w=100&f=webp&q=80", headers, "");
    let Exchange { call, reply, .. } = exchange(&asking);
    let Call::Download { file, width } = call else { panic!("{call:?}") };
    assert_eq!((file.as_str(), width), ("http://localhost:9883/files/1-x", Some(100)));
    let file = Download { name: name.into(), media_type: media_type.into(), bytes: "0123456789".into() };
    reply(Ok(Answer::Download(Box::new(file))))
}

#[test]
fn a_file_is_shown_but_cannot_act() {
    let response = download(&[], "a\"b.html", "text/html");
    assert_eq!((response.status, response.body.as_ref()), (200, &b"0123456789"[..]));
    for (name, value) in [
        ("content-type", "text/html"),
        ("content-disposition", "inline; filename=\"a_b.html\"; filename*=UTF-8''a%22b.html"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(header(&response, name), Some(value), "{name}");
    }
}

/// Browsers read the parts of such a file as documents of their own, and forget what the answer's headers forbid.
#[test]
fn a_file_of_many_parts_is_only_bytes() {
    for said in ["multipart/x-mixed-replace; boundary=x", "Multipart/related"] {
        let response = download(&[], "x", said);
        assert_eq!(header(&response, "content-type"), Some("application/octet-stream"), "{said}");
    }
}

/// A browser adds its cookies to what another site's page sends, too.
#[test]
fn a_cookie_uploads_nothing_for_pages_of_other_sites() {
    let upload = |headers: &[&str]| {
        let form = ["content-type: multipart/form-data; boundary=b", "cookie: atomic_session=x"];
        let body = "--b\r\ncontent-disposition: form-data; name=assets; filename=a\r\n\r\nx\r\n--b--\r\n";
        let line = format!("POST /upload?parent={BASE}");
        exchange(&asking(&line, &[&form, headers].concat(), body)).credential
    };
    let counts = |headers: &[&str]| matches!(upload(headers), Credential::Malformed(why) if why.contains("not base64"));
    for ours in [&[][..], &["origin: http://localhost:9883"], &["sec-fetch-site: same-origin"]] {
        assert!(counts(ours), "{ours:?}");
    }
    for foreign in
        ["origin: http://localhost:3000", "origin: null", "sec-fetch-site: same-site", "sec-fetch-site: cross-site"]
    {
        assert_eq!(upload(&[foreign]), Credential::None, "{foreign}");
    }
}

/// A page elsewhere whose name was made to lead to this machine is asked as if it were ours; but the browser says by which name it came.
#[test]
fn the_first_invite_is_not_accepted_under_another_name() {
    let line = "GET /setup?public-key=A6EHv%2FPOEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg%3D";
    let accepts = |host: &str| matches!(exchange(&asking(line, &[host], "")).call, Call::AcceptInvite { .. });
    assert!(accepts("host: localhost:9883"));
    assert!(!accepts("host: evil.example:9883"));
}

#[test]
fn a_part_of_a_file_is_sent_where_one_is_asked_for() {
    let part = download(&["range: bytes=2-4"], "x", "text/plain");
    assert_eq!((part.status, part.body.as_ref()), (206, &b"234"[..]));
    assert_eq!(header(&part, "content-range"), Some("bytes 2-4/10"));
    let outside = download(&["range: bytes=10-"], "x", "text/plain");
    assert_eq!((outside.status, header(&outside, "content-range")), (416, Some("bytes */10")));
    for whole in [&["range: bytes=0-1,4-5"][..], &["range: bytes=2-4", "if-range: \"x\""]] {
        assert_eq!(download(whole, "x", "text/plain").status, 200, "{whole:?}");
    }
}

#[test]
fn an_answer_that_does_not_fit_is_our_fault() {
    for line in ["GET /x", "GET /search?q=x", "GET /download/x", "GET /commits/x"] {
        let response = (exchange(&asking(line, &[], "")).reply)(Ok(Answer::Done));
        assert_eq!((response.status, &body(&response)[term::DESCRIPTION]), (500, &json!("internal error")), "{line}");
    }
}
