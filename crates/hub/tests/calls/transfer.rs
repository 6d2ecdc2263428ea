//! Documents and keys that leave the house, and come in.

use quintet_core::{Answer, Call, Document, Id, Kind, Subject, term};
use serde_json::{Value, json};

use crate::house::{House, house, public};
use crate::signer::{at, object, set};

fn document(path: &str, properties: Value) -> Document {
    Document { subject: at(path), properties: object(properties) }
}

async fn exported(house_: &House, after: Id, limit: u64) -> Vec<(Id, Document)> {
    match house_.ask(&house(), Call::Export { after, limit }).await {
        Ok(Answer::Exported(documents)) => documents,
        other => panic!("{other:?}"),
    }
}

/// What a document says, but for the name of its last commit.
fn said(document: Document) -> (Subject, Vec<(String, Value)>) {
    let mut said: Vec<_> =
        document.properties.into_iter().filter(|(property, _)| property != term::LAST_COMMIT).collect();
    said.sort_by(|(left, _), (right, _)| left.cmp(right));
    (document.subject, said)
}

#[tokio::test]
async fn what_is_exported_can_be_imported() {
    let house_ = House::new().await;
    let admin = house_.key_of("admin").await;
    for (path, parent) in [("/a", ""), ("/a/b", "/a"), ("/c", "/a/b")] {
        house_
            .hand_in(&admin, set(path, json!({ term::NAME: path, term::PARENT: at(parent).as_str() })))
            .await
            .unwrap();
    }
    house_.hand_in(&admin, set("/a", json!({ term::PARENT: at("").as_str(), term::NAME: "moved" }))).await.unwrap();
    let mut pages = Vec::new();
    let mut after = Id::HOUSE;
    loop {
        let page = exported(&house_, after, 2).await;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        pages.extend(page);
    }
    assert_eq!(pages.len(), 5, "with the root drive and its invite");

    let other = House::new().await;
    let mut documents: Vec<_> = pages.into_iter().map(|(_, document)| document).collect();
    documents.reverse();
    let import = || Call::Import(documents.clone());
    other.done(&house(), import()).await;
    let (mut here, mut there): (Vec<_>, Vec<_>) = (
        house_.all_stored().await.into_iter().map(said).collect(),
        other.all_stored().await.into_iter().map(said).collect(),
    );
    here.sort_by(|(left, _), (right, _)| left.cmp(right));
    there.sort_by(|(left, _), (right, _)| left.cmp(right));
    assert_eq!(here, there);
    let before = other.all_stored().await;
    other.done(&house(), import()).await;
    assert_eq!(other.all_stored().await, before, "what is as it should be stays untouched");
}

#[tokio::test]
async fn an_import_replaces_what_was_there() {
    let house_ = House::new().await;
    let parent = at("").as_str().to_owned();
    let given = |extra: Value| {
        let mut properties = object(json!({ term::PARENT: &parent, term::LAST_COMMIT: "http://x.example/commits/x" }));
        properties.extend(object(extra));
        vec![Document { subject: at("/note"), properties }]
    };
    house_.done(&house(), Call::Import(given(json!({ term::NAME: "one", "https://p.example/x": 1 })))).await;
    house_.done(&house(), Call::Import(given(json!({ term::NAME: "two" })))).await;
    assert_eq!(house_.property("/note", term::NAME).await, "two");
    assert_eq!(house_.property("/note", "https://p.example/x").await, Value::Null);
    let last = house_.property("/note", term::LAST_COMMIT).await;
    assert!(last.as_str().unwrap().starts_with("http://localhost:8080/commits/"), "{last}");
}

#[tokio::test]
async fn what_cannot_stand_here_is_refused_by_name() {
    let house_ = House::new().await;
    for url in [
        "http://x.example/a",
        "http://localhost:8080/commits/x",
        "http://localhost:8080/room/7",
        "http://localhost:8080/a?b=c",
    ] {
        let properties = object(json!({ term::NAME: "x", term::PARENT: at("").as_str() }));
        let foreign = Document { subject: Subject::parse(url).unwrap(), properties };
        let good = document("/good", json!({ term::NAME: "x", term::PARENT: at("").as_str() }));
        let error = house_.ask(&house(), Call::Import(vec![good, foreign])).await.unwrap_err();
        assert_eq!(error.kind(), Kind::BadMessage);
        assert!(error.public().contains(url), "{error}");
    }
    assert!(house_.stored("/good").await.is_none());
}

#[tokio::test]
async fn only_admins_carry_things_out_and_in() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let calls =
        || [Call::Export { after: Id::HOUSE, limit: 1 }, Call::Import(vec![]), Call::AgentSecret("admin".into())];
    for call in calls() {
        assert_eq!(house_.refusal(&ann, call).await, Kind::Forbidden);
    }
    for call in calls() {
        assert_eq!(house_.refusal(&public(), call).await, Kind::Unauthenticated);
    }
    let admin = house_.admin().await;
    for call in calls() {
        assert!(house_.ask(&admin, call).await.is_ok());
    }
    assert_eq!(house_.refusal(&admin, Call::AgentSecret("nobody".into())).await, Kind::NotFound);
}
