//! Documents: what commits make of them, in any order, and once.

use std::sync::Arc;

use futures_util::future::join_all;
use quintet_core::change::{Change, Commits, Expect};
use quintet_core::error::Kind;
use quintet_core::identity::Author;
use quintet_core::limits::Limits;
use quintet_core::{Commit, Document, Id, term};
use serde_json::{Value, json};

use crate::house::House;
use crate::pen::{Edit, Pen, at, below, committed, drive, edit, property, url};

on_every_store! {
    a_document_is_what_commits_make_of_it
    concurrent_writers_lose_nothing
    interleaved_commits_are_merged_by_property
    a_known_commit_changes_nothing
    a_commit_may_expect_the_last_one
    commits_of_one_change_build_upon_each_other
    one_refused_commit_refuses_all
    what_was_destroyed_can_be_made_again
    nothing_there_to_destroy
    bounds_are_kept
    a_document_with_long_lists_is_kept
    a_commit_is_found_by_its_signature
    documents_are_exported_by_age
}

async fn a_document_is_what_commits_make_of_it(house: House) {
    let ann = Pen::of(1);
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).set(&property("a"), 1)).await;
    let event = house
        .write(
            &ann,
            edit("/d").remove(&property("a")).set(&property("b"), true).push(&property("c"), json!(["x", "x"])),
        )
        .await;
    let expected = json!({
        term::IS_A: [term::DRIVE],
        term::WRITE: [ann.url()],
        property("b"): true,
        property("c"): ["x", "x"],
    });
    assert_eq!(house.read("/d").await, Some(expected));
    let document = house.store.document(&at("/d")).await.unwrap().unwrap();
    assert_eq!(document.text(term::LAST_COMMIT), Some(event.commit.as_ref().unwrap().id().as_str()));
    assert_eq!((&committed(&event).subject, committed(&event).created), (&at("/d"), false));
    assert_eq!(event.topics, [at("/d").topic()]);
    assert_eq!(event.position.unwrap().offset, 2);
    assert_eq!(house.store.head(&at("/d").topic()).await.unwrap(), event.position);
    assert_eq!(house.store.document(&at("/other")).await.unwrap(), None);
    assert_eq!(house.store.head(&at("/other").topic()).await.unwrap(), None);
}

async fn concurrent_writers_lose_nothing(house: House) {
    let ann = Pen::of(1);
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann])).await;
    let writers = (0..50).map(|number| {
        let change = edit("/d")
            .push(&property("all"), json!([number.to_string()]))
            .set(&property(&format!("own{number}")), number);
        house.try_write(&ann, change)
    });
    assert!(join_all(writers).await.iter().all(Result::is_ok));
    let document = house.read("/d").await.unwrap();
    assert_eq!(document[property("all")], json!((0..50).map(|number| number.to_string()).collect::<Vec<_>>()));
    assert!((0..50).all(|number| document[property(&format!("own{number}"))] == number));
}

async fn interleaved_commits_are_merged_by_property(house: House) {
    let (ann, bob) = (Pen::of(1), Pen::of(2));
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann, &bob]).set(&property("a"), 0).set(&property("b"), 0)).await;
    // Both have seen the same state, and say so; whoever comes later still changes only what it names.
    house.write(&ann, edit("/d").set(&property("a"), 1)).await;
    house.write(&bob, edit("/d").set(&property("b"), 2).remove(&property("absent"))).await;
    let document = house.read("/d").await.unwrap();
    assert_eq!((&document[property("a")], &document[property("b")]), (&json!(1), &json!(2)));
}

async fn a_known_commit_changes_nothing(house: House) {
    let ann = Pen::of(1);
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann])).await;
    let push = house.sign(&ann, edit("/d").push(&property("c"), json!(["x"])));
    house.commit(&ann, vec![(Arc::clone(&push), Expect::Anything)]).await.unwrap();
    for commits in [vec![&push], vec![&push, &push]] {
        let commits = commits.into_iter().map(|commit| (Arc::clone(commit), Expect::Anything)).collect();
        let error = house.commit(&ann, commits).await.unwrap_err();
        assert_eq!((error.kind(), error.public()), (Kind::Conflict, "this commit is known"));
    }
    // The same within one change.
    let twice = house.sign(&ann, edit("/d").push(&property("c"), json!(["y"])));
    let twice = vec![(Arc::clone(&twice), Expect::Anything), (twice, Expect::Anything)];
    assert_eq!(house.commit(&ann, twice).await.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(house.read("/d").await.unwrap()[property("c")], json!(["x"]));
    // Nor after the document has gone, even if it is made again.
    let create = house.sign(&ann, drive("/e").lets(term::WRITE, &[&ann]));
    house.commit(&ann, vec![(Arc::clone(&create), Expect::Anything)]).await.unwrap();
    house.write(&ann, edit("/e").destroy()).await;
    let again = house.commit(&ann, vec![(create, Expect::Anything)]).await;
    assert_eq!(again.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(house.read("/e").await, None);
}

async fn a_commit_may_expect_the_last_one(house: House) {
    let ann = Pen::of(1);
    let create = house.sign(&ann, drive("/d").lets(term::WRITE, &[&ann]));
    let there = Expect::Last(Some(create.id()));
    let attempts = [
        (edit("/d").set(&property("a"), 1), there.clone(), Some(Kind::Stale)),
        (edit("/d").set(term::IS_A, json!([term::DRIVE])).lets(term::WRITE, &[&ann]), Expect::Last(None), None),
        (edit("/d").set(&property("a"), 1), Expect::Last(None), Some(Kind::Stale)),
        (edit("/d").set(&property("a"), 1), there, Some(Kind::Stale)),
    ];
    for (change, expect, expected) in attempts {
        let outcome = house.commit(&ann, vec![(house.sign(&ann, change), expect)]).await;
        assert_eq!(outcome.err().map(|error| error.kind()), expected);
    }
    let last = house.store.document(&at("/d")).await.unwrap().unwrap();
    let last = Expect::Last(last.text(term::LAST_COMMIT).map(str::to_owned));
    let change = house.sign(&ann, edit("/d").set(&property("a"), 2));
    house.commit(&ann, vec![(change, last)]).await.unwrap();
    assert_eq!(house.read("/d").await.unwrap()[property("a")], 2);
}

async fn together(house: &House, pen: &Pen, edits: Vec<Edit>) -> Result<Vec<bool>, (Kind, String)> {
    let commits = edits.into_iter().map(|edit| (house.sign(pen, edit), Expect::Anything)).collect();
    match house.commit(pen, commits).await {
        Ok(events) => Ok(events.iter().map(|event| committed(event).created).collect()),
        Err(error) => Err((error.kind(), error.public().to_owned())),
    }
}

async fn commits_of_one_change_build_upon_each_other(house: House) {
    let ann = Pen::of(1);
    let edits = vec![
        drive("/d").lets(term::WRITE, &[&ann]),
        below("/d", "/a").push(&property("c"), json!(["1"])),
        edit("/a").push(&property("c"), json!(["2"])),
        below("/a", "/b"),
        edit("/a").destroy(),
        below("/d", "/a"),
        edit("/a").push(&property("c"), json!(["3"])).set(term::NAME, "again"),
    ];
    let created = together(&house, &ann, edits).await.unwrap();
    assert_eq!(created, [true, true, false, true, false, true, false]);
    let again = json!({ term::PARENT: url("/d"), term::NAME: "again", property("c"): ["3"] });
    assert_eq!(house.read("/a").await, Some(again));
    // What stood below the one before has lost its rights with it.
    let refusal = house.refuses(&ann, edit("/b").set(&property("a"), 1)).await;
    assert_eq!(refusal.0, Kind::Forbidden);
    let history = house.store.history(&at("/a").topic(), 0, 99).await.unwrap();
    assert_eq!(history.iter().map(|event| event.position.unwrap().offset).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(history.iter().all(|event| event.commit.as_ref().unwrap().subject == at("/a")));
}

async fn one_refused_commit_refuses_all(house: House) {
    let ann = Pen::of(1);
    let edits = vec![drive("/d").lets(term::WRITE, &[&ann]), below("/d", "/a"), below("/nowhere", "/b")];
    let heard = house.heard.lock().len();
    assert_eq!(together(&house, &ann, edits).await.unwrap_err().0, Kind::BadMessage);
    assert_eq!((house.read("/d").await, house.read("/a").await), (None, None));
    assert_eq!(house.heard.lock().len(), heard);
    // Rights that an earlier commit of the same change takes are gone for the later ones.
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann])).await;
    let edits = vec![edit("/d").set(term::WRITE, json!([])), edit("/d").set(&property("a"), 1)];
    assert_eq!(together(&house, &ann, edits).await.unwrap_err().0, Kind::Forbidden);
    assert_eq!(house.read("/d").await.unwrap()[term::WRITE], json!([ann.url()]));
}

async fn what_was_destroyed_can_be_made_again(house: House) {
    let (ann, bob) = (Pen::of(1), Pen::of(2));
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann])).await;
    house.write(&ann, below("/d", "/a").set(&property("old"), 1)).await;
    house.write(&ann, below("/a", "/child")).await;
    let gone = house.write(&ann, edit("/a").destroy()).await;
    assert_eq!((house.read("/a").await, committed(&gone).created), (None, false));
    // An orphan has what it lists itself, and nothing more: whoever makes its parent again gets nothing of it.
    house.write(&bob, drive("/mine").lets(term::WRITE, &[&bob]).lets(term::READ, &[&bob])).await;
    let again = house.write(&bob, below("/mine", "/a")).await;
    assert!(committed(&again).created);
    assert_eq!(again.position.unwrap().offset, 3, "the history of a subject goes on");
    assert_eq!(house.read("/a").await, Some(json!({ term::PARENT: url("/mine") })));
    for pen in [&ann, &bob] {
        assert_eq!(house.refuses(pen, edit("/child").set(&property("x"), 1)).await.0, Kind::Forbidden);
    }
    // It may be taken back below its parent by whoever may do both.
    house.write(&Pen::root(), edit("/child").set(term::PARENT, url("/a"))).await;
    house.write(&bob, edit("/child").set(&property("x"), 1)).await;
}

async fn nothing_there_to_destroy(house: House) {
    assert_eq!(house.refuses(&Pen::root(), edit("/a").destroy()).await.0, Kind::NotFound);
    assert_eq!(house.refuses(&Pen::of(1), edit("/a").destroy()).await.0, Kind::NotFound);
}

async fn bounds_are_kept(house: House) {
    let few = Limits { document_bytes: 600, document_items: 3, document_depth: 3, ..Limits::default() };
    let limits = Limits { document_rights_bytes: 230, ..few };
    let house = house.with(limits).await;
    let root = Pen::root();
    house.write(&root, drive("/d").set(&property("c"), json!(["1", "2"]))).await;
    house.write(&root, edit("/d").push(&property("c"), json!(["3"]))).await;
    assert_eq!(house.refuses(&root, edit("/d").push(&property("c"), json!(["4"]))).await.0, Kind::TooLarge);
    assert_eq!(house.refuses(&root, edit("/d").set(&property("long"), "x".repeat(600))).await.0, Kind::TooLarge);
    let many = [1, 2, 3].map(Pen::of);
    assert_eq!(house.refuses(&root, edit("/d").lets(term::READ, &many.each_ref())).await.0, Kind::TooLarge);
    house.write(&root, edit("/d").lets(term::READ, &[&many[0], &many[1]])).await;
    house.write(&root, below("/d", "/d/2")).await;
    house.write(&root, below("/d/2", "/d/3")).await;
    let (kind, text) = house.refuses(&root, below("/d/3", "/d/4")).await;
    assert_eq!(kind, Kind::BadMessage);
    assert!(text.contains("3 deep"), "{text}");
}

async fn a_document_with_long_lists_is_kept(house: House) {
    let root = Pen::root();
    let items: Vec<_> = (0..10_000).map(|number| url(&format!("/item/{number}"))).collect();
    house.write(&root, drive("/d").set(&property("items"), json!(items))).await;
    house
        .write(&root, edit("/d").push(&property("items"), json!(["last"])).set(&property("text"), "x".repeat(1 << 20)))
        .await;
    let document = house.read("/d").await.unwrap();
    assert_eq!(document[property("items")].as_array().unwrap().len(), 10_001);
    house.write(&root, edit("/d").destroy()).await;
    assert_eq!(house.read("/d").await, None);
}

async fn a_commit_is_found_by_its_signature(house: House) {
    let ann = Pen::of(1);
    let heard = house.write(&ann, drive("/d").lets(term::READ, &[&ann])).await;
    let commit = heard.commit.clone().unwrap();
    let found = house.store.commit(&commit.signature).await.unwrap().unwrap();
    assert_eq!((found.id, found.position, &found.commit), (heard.id, heard.position, &heard.commit));
    assert_eq!(Commit::parse_stored(&commit.json).unwrap(), *found.commit.unwrap());
    assert_eq!(committed(&house.store.history(&at("/d").topic(), 0, 9).await.unwrap()[0]).subject, at("/d"));
    assert_eq!(house.store.commit("AAAA").await.unwrap(), None);
}

async fn documents_are_exported_by_age(house: House) {
    let root = Pen::root();
    for path in ["/c", "/a", "/b"] {
        house.write(&root, drive(path)).await;
    }
    house.write(&root, edit("/c").set(&property("late"), 1)).await;
    let all = house.store.export(Id::HOUSE, 99).await.unwrap();
    let subjects: Vec<_> = all.iter().map(|(_, document)| document.subject.path().to_owned()).collect();
    assert_eq!(subjects, ["/c", "/a", "/b"]);
    let rest: Vec<(Id, Document)> = house.store.export(all[0].0, 1).await.unwrap();
    assert_eq!(rest, all[1..2]);
    assert!(house.store.export(all[2].0, 9).await.unwrap().is_empty());
}

/// Everything in one change is one transaction for the log, too.
#[tokio::test]
async fn documents_stay_after_a_restart() {
    let house = House::on_disk();
    let ann = Pen::of(1);
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).set(term::NAME, "Apple trees")).await;
    let commit = house.sign(&ann, edit("/d").set(&property("a"), json!({ "@id": "http://x.example/y", "b": 1.5 })));
    house.commit(&ann, vec![(Arc::clone(&commit), Expect::Anything)]).await.unwrap();
    let (before, last) = (house.read("/d").await, house.heard.lock().last().unwrap().id);
    let house = house.reopen().await;
    assert_eq!(house.read("/d").await, before);
    let commits = Commits { commits: vec![(commit, Expect::Anything)], signer: ann.reader.clone(), drives: true };
    let refusal = house.refused(&Author::house(), Change::Commit(commits)).await;
    assert_eq!(refusal.0, Kind::Conflict);
    house.commits.store(100, std::sync::atomic::Ordering::Relaxed);
    let next = house.write(&ann, below("/d", "/late")).await;
    let made: Vec<Id> = house.store.export(Id::HOUSE, 9).await.unwrap().iter().map(|(id, _)| *id).collect();
    assert!(made[1] > last && next.id > made[1], "numbers go on after documents");
    let value: Value = house.read("/late").await.unwrap();
    assert_eq!(value, json!({ term::PARENT: url("/d") }));
}
