//! URLs, what they ask, and what is made of the answers.

use std::sync::Arc;

use quintet_core::commit::Unsigned;
use quintet_core::document::{Described, DocumentQuery, Found, Page, Query};
use quintet_core::{AgentKey, Commit, Document, Kind, Timestamp, term};
use serde_json::json;

use super::*;

const KEY: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const BASE: &str = "http://localhost:9883";

fn origin() -> Origin {
    Origin(BASE.into())
}

/// The same URL with `BASE` written out.
fn url(short: &str) -> String {
    short.replace("BASE", BASE)
}

fn ask(short: &str) -> (Call, Told) {
    match read(&url(short), &origin()) {
        Ok(Reading::Ask(call, told)) => (*call, told),
        Ok(Reading::Known(value)) => panic!("{short}: known: {value}"),
        Err(error) => panic!("{short}: {error}"),
    }
}

fn known(short: &str) -> Value {
    match read(&url(short), &origin()) {
        Ok(Reading::Known(value)) => value,
        Ok(Reading::Ask(call, _)) => panic!("{short}: asks {call:?}"),
        Err(error) => panic!("{short}: {error}"),
    }
}

fn refused(short: &str) -> (Kind, String) {
    match read(&url(short), &origin()) {
        Ok(_) => panic!("{short}: not refused"),
        Err(error) => (error.kind(), error.public().to_owned()),
    }
}

fn document(path: &str) -> DocumentQuery {
    let subject = Subject::at(&origin(), path);
    DocumentQuery { subject, before: None, page: Page::default(), described: false }
}

fn stored(path: &str, properties: Value) -> Document {
    let Value::Object(properties) = properties else { panic!("not an object") };
    Document { subject: Subject::at(&origin(), path), properties }
}

#[test]
fn everything_else_is_a_document_as_it_was_written() {
    let page = Page { size: Some(2), sort_by: Some("s".into()), ..Page::default() };
    let table = [
        ("BASE", document("")),
        ("BASE/", document("")),
        ("BASE?x=1", document("")),
        ("BASE/?x=1", document("")),
        ("BASE/notes/1", document("/notes/1")),
        ("BASE/notes/1/", document("/notes/1/")),
        ("BASE/a%20b//c+d", document("/a%20b//c+d")),
        ("BASE/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", document(&format!("/agents/{KEY}"))),
        ("BASE/x?unknown=1", document("/x")),
        ("BASE/setup", document("/setup")),
        ("BASE/files/1-x.png", document("/files/1-x.png")),
        ("BASE/x?page_size=2&sort_by=s", DocumentQuery { page, ..document("/x") }),
        (
            "BASE/room/7?before-timestamp=1700000000000",
            DocumentQuery { before: Some(Timestamp::from_millis(1_700_000_000_000)), ..document("/room/7") },
        ),
    ];
    for (short, expected) in table {
        match ask(short) {
            (Call::Document(query), _) => assert_eq!(query, expected, "{short}"),
            (other, _) => panic!("{short}: {other:?}"),
        }
    }
}

#[test]
fn queries_and_collections_are_queries() {
    let class = |class: &str| (Some(term::IS_A.to_owned()), Some(format!("https://atomicdata.dev/{class}")));
    let nested = Page { nested: Some(true), ..Page::default() };
    let table = [
        ("BASE/query?property=p&value=v", (Some("p".into()), Some("v".into())), nested.clone()),
        ("BASE/query?value=v", (None, Some("v".into())), nested.clone()),
        (
            "BASE/query?property=p&page_size=2&current_page=1&include_nested=false&include_external=true&sort_desc=true",
            (Some("p".into()), None),
            Page {
                size: Some(2),
                number: Some(1),
                sort_by: None,
                descending: Some(true),
                nested: Some(false),
                external: Some(true),
            },
        ),
        ("BASE/agents", class("classes/Agent"), nested.clone()),
        ("BASE/collections/agents", class("classes/Agent"), nested.clone()),
        ("BASE/ontologys", class("class/ontology"), nested.clone()),
        (
            "BASE/properties?include_external=true&include_nested=true&page_size=999",
            class("classes/Property"),
            Page { size: Some(999), external: Some(true), ..nested.clone() },
        ),
        ("BASE/classes?property=p&value=v", (Some("p".into()), Some("v".into())), nested),
    ];
    for (short, (property, value), page) in table {
        match ask(short) {
            (Call::Query(query), _) => assert_eq!(query, Query { property, value, page }, "{short}"),
            (other, _) => panic!("{short}: {other:?}"),
        }
    }
}

#[test]
fn histories_are_asked_by_subject_or_signature() {
    let subject = "property=https%3A%2F%2Fatomicdata.dev%2Fproperties%2Fsubject";
    let table = [
        (format!("BASE/commits?{subject}&value=BASE%2Fx&include_nested=true"), r#"Commits("http://localhost:9883/x")"#),
        ("BASE/all-versions?subject=BASE/a+b".into(), r#"Commits("http://localhost:9883/a+b")"#),
        ("BASE/commits/4vUZ/M+F//w==".into(), r#"CommitOf("4vUZ/M+F//w==")"#),
        ("BASE/version?commit=BASE/commits/4vUZ/M+F//w==".into(), r#"Version("4vUZ/M+F//w==")"#),
        ("BASE/version?commit=BASE%2Fcommits%2F4vUZ%2FM%2BF".into(), r#"Version("4vUZ/M+F")"#),
    ];
    for (short, expected) in table {
        assert_eq!(format!("{:?}", ask(&short).0), expected, "{short}");
    }
}

#[test]
fn invites_are_accepted_with_one_of_two_names() {
    let escaped = "A6EHv%2FPOEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg%3D";
    for short in [
        format!("BASE/setup?public-key={escaped}"),
        format!("BASE/setup?public-key={KEY}"),
        format!("BASE/setup?agent=BASE/agents/{KEY}"),
        format!("BASE/setup?agent=http%3A%2F%2Flocalhost%3A9883%2Fagents%2F{escaped}&public-key="),
    ] {
        let (call, told) = ask(&short);
        let Call::AcceptInvite { invite, agent } = call else { panic!("{short}: {call:?}") };
        assert_eq!((invite.as_str(), agent), ("http://localhost:9883/setup", AgentKey::from_base64(KEY).unwrap()));
        let accepted = Answer::Accepted { target: Subject::at(&origin(), ""), agent: agent.subject(&origin()) };
        let redirect = json!({
            "@id": url(&short),
            term::IS_A: [term::REDIRECT],
            term::DESTINATION: BASE,
            term::INVITE_REDIRECT_AGENT: format!("{BASE}/agents/{KEY}"),
        });
        assert_eq!(told(accepted).unwrap(), redirect);
    }
}

#[test]
fn endpoints_and_the_vocabulary_are_known() {
    for path in ["query", "all-versions", "version", "path", "search", "search?q=x", "upload", "download"] {
        let resource = known(&format!("BASE/{path}"));
        assert_eq!(resource["@id"], format!("{BASE}/{path}"), "as it was asked for");
        assert_eq!(resource[term::IS_A], json!([term::ENDPOINT]), "{path}");
    }
    for url in [term::NAME, term::DRIVE, term::PUBLIC_AGENT, "https://atomicdata.dev/datatypes/slug"] {
        assert_eq!(known(url)["@id"], url);
    }
    assert_eq!(known(term::NAME)[term::SHORTNAME], "name");
}

#[test]
fn known_collections_list_what_there_is() {
    let all = known("BASE/collections");
    assert_eq!(all[term::COLLECTION_TOTAL_MEMBERS], 27);
    assert_eq!(all[term::COLLECTION_MEMBERS][0]["@id"], format!("{BASE}/agents"));
    let endpoints = known("BASE/endpoints?include_nested=false");
    let members = endpoints[term::COLLECTION_MEMBERS].as_array().unwrap();
    assert!(members.contains(&json!(format!("{BASE}/query"))), "{members:?}");
    assert_eq!(endpoints[term::COLLECTION_TOTAL_MEMBERS], members.len());
}

#[test]
fn what_stands_elsewhere_is_never_asked_for() {
    for short in [
        "http://elsewhere.example/x",
        "https://atomicdata.dev/nothing",
        "http://localhost:98831/x",
        "http://elsewhere.example/BASE/x",
        "https://localhost:9883/x",
        "BASE/x y",
        "BASE/x#y",
        "local:x",
        "",
        "BASE/path?path=http://elsewhere.example/x",
        "BASE/path?path=x",
        "BASE/all-versions?subject=http://elsewhere.example/x",
        "BASE/version?commit=http://elsewhere.example/commits/x",
        "BASE/version?commit=BASE/x",
    ] {
        let (kind, text) = refused(short);
        assert_eq!(kind, Kind::NotFound, "{short}");
        assert!(text.starts_with("Failed to retrieve locally: '"), "{short}: {text}");
    }
    let (_, text) = refused(&format!("http://elsewhere.example/{}", "x".repeat(100_000)));
    assert!(text.len() < 600, "only a part is echoed");
}

#[test]
fn wrong_parameters_are_named() {
    let both = format!("BASE/setup?public-key={KEY}&agent=BASE/agents/{KEY}");
    for (short, words) in [
        ("BASE/query?x=1", "Invalid query param: x"),
        ("BASE/agents?x=1", "Invalid query param: x"),
        ("BASE/query?page_size=x", "page_size must be"),
        ("BASE/x?current_page=-1", "current_page must be"),
        ("BASE/room/7?before-timestamp=now", "before-timestamp must be"),
        ("BASE/setup?public-key=abc", "public-key must be an Ed25519 key"),
        ("BASE/setup?agent=http://elsewhere.example/agents/x", "agent must be http://localhost:9883/agents/"),
        (both.as_str(), "an invite is accepted with public-key or agent, not both"),
        ("BASE/commits", "Commits are listed for one resource only: ask for /commits?property="),
        ("BASE/collections/commits", "Commits are listed for one resource only"),
        ("BASE/commits?page_size=9", "Commits are listed for one resource only"),
        ("BASE/commits?property=p&value=BASE/x", "Commits are listed for one resource only"),
        ("BASE/commits?property=https://atomicdata.dev/properties/subject", "Commits are listed for one resource only"),
        ("BASE/commits?colour=red", "Invalid query param: colour"),
        ("BASE/path?path=", "path says which resource to read"),
        ("BASE/all-versions?x=1", "subject says whose commits"),
        ("BASE/version?x=1", "commit says after which commit"),
        ("BASE/download/files/x", "a file's bytes are read over HTTP"),
        ("BASE/endpoints?current_page=1", "there is no page 1"),
        ("BASE/path?path=BASE/path?path=BASE/x", "a path cannot lead to another path"),
        (&format!("BASE/path?path=BASE%2Fsetup%3Fpublic-key%3D{KEY}"), "an invite is accepted at its own URL"),
    ] {
        let (kind, text) = refused(short);
        assert_eq!(kind, Kind::BadMessage, "{short}");
        assert!(text.starts_with(words), "{short}: {text}");
    }
}

#[test]
fn a_document_bears_the_url_that_was_asked_for() {
    let answer = || {
        let document = stored("/x", json!({ term::NAME: "x" }));
        Answer::Document(Box::new(Described { document, terms: Vec::new() }))
    };
    for short in ["BASE/x?y=1", "BASE/", "BASE", "BASE/version?commit=BASE/commits/s", "BASE/path?path=BASE/x"] {
        let told = ask(short).1(answer()).unwrap();
        assert_eq!(told.to_string(), json!({ "@id": url(short), term::NAME: "x" }).to_string(), "{short}");
    }
    assert_eq!(ask("BASE/x").1(Answer::Done).unwrap_err().kind(), Kind::Internal);
}

#[test]
fn a_query_is_told_as_a_collection() {
    let found = |nested| {
        let page = Page { size: Some(2), number: Some(1), nested, ..Page::default() };
        Answer::Found(Box::new(Found { members: vec![stored("/x", json!({ term::NAME: "x" }))], total: 3, page }))
    };
    let short = "BASE/query?property=p&value=v&page_size=2&current_page=1&include_nested=false";
    let expected = |members: Value| {
        json!({
            "@id": url(short),
            term::IS_A: [term::COLLECTION],
            term::COLLECTION_PROPERTY: "p",
            term::COLLECTION_VALUE: "v",
            term::COLLECTION_MEMBERS: members,
            term::COLLECTION_TOTAL_MEMBERS: 3,
            term::COLLECTION_TOTAL_PAGES: 2,
            term::COLLECTION_CURRENT_PAGE: 1,
            term::COLLECTION_PAGE_SIZE: 2,
        })
    };
    assert_eq!(ask(short).1(found(Some(false))).unwrap(), expected(json!([format!("{BASE}/x")])));
    let mut whole = expected(json!([{ "@id": format!("{BASE}/x"), term::NAME: "x" }]));
    let nested = short.replace("=false", "=true");
    whole["@id"] = url(&nested).into();
    assert_eq!(ask(&nested).1(found(None)).unwrap(), whole);
}

/// Three commits to `/x`, oldest first.
fn commits() -> Vec<Arc<Commit>> {
    let commit = |number: u8| {
        let mut unsigned = Unsigned::new(Subject::at(&origin(), "/x"));
        unsigned.set.insert(term::NAME.into(), number.into());
        unsigned.sign(&format!("{BASE}/agents/{KEY}"), Timestamp::from_millis(number.into()), |_| [number; 64])
    };
    [1, 2, 3].map(|number| Arc::new(commit(number))).into()
}

#[test]
fn a_history_is_told_in_pages() {
    let times = |short: &str| -> Vec<i64> {
        let told = ask(short).1(Answer::Commits(commits())).unwrap();
        assert_eq!((&told["@id"], &told[term::COLLECTION_TOTAL_MEMBERS]), (&json!(url(short)), &json!(3)));
        let members = told[term::COLLECTION_MEMBERS].as_array().unwrap();
        members.iter().map(|member| member[term::CREATED_AT].as_i64().unwrap_or(-1)).collect()
    };
    let commits_of = |rest: &str| format!("BASE/commits?property={}&value=BASE/x{rest}", term::SUBJECT);
    assert_eq!(times(&commits_of("&include_nested=true&page_size=9999")), [1, 2, 3]);
    assert_eq!(times(&commits_of("&sort_desc=true")), [3, 2, 1]);
    assert_eq!(times(&commits_of("&page_size=2&current_page=1")), [3]);
    assert_eq!(times(&commits_of("&include_nested=false")), [-1, -1, -1], "URLs only");
    assert_eq!(times("BASE/all-versions?subject=BASE/x"), [1, 2, 3]);
    let beyond = ask(&commits_of("&page_size=2&current_page=2")).1(Answer::Commits(commits()));
    assert_eq!(beyond.unwrap_err().kind(), Kind::BadMessage);
}

#[test]
fn a_commit_is_told_as_it_is_stored() {
    let commit = commits().remove(0);
    let short = format!("BASE/commits/{}", commit.signature);
    let told = ask(&short).1(Answer::Commits(vec![Arc::clone(&commit)])).unwrap();
    assert_eq!(told.to_string(), *commit.json);
    assert_eq!(ask(&short).1(Answer::Commits(Vec::new())).unwrap_err().kind(), Kind::NotFound);
}
