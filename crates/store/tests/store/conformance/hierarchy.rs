//! Rights along the hierarchy of documents: who may create, change, move and destroy, and where.

use quintet_core::error::Kind;
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::term;
use serde_json::json;

use crate::house::House;
use crate::pen::{Pen, at, below, drive, edit, property, url};

on_every_store! {
    rights_are_inherited_and_add_up
    nobody_gives_rights_to_itself
    drives_are_for_those_who_may_make_them
    a_document_needs_a_parent_that_is_here
    nothing_but_messages_stands_in_a_room
    moving_needs_the_right_at_both_ends
    nothing_stands_below_itself
    what_has_no_parent_belongs_to_the_root_drive_too
    an_agent_owns_its_own_document
    an_invite_needs_the_right_that_it_gives
    commits_are_not_made_by_commits
    rights_are_told_for_reading
}

fn set(path: &str) -> crate::pen::Edit {
    edit(path).set(&property("a"), 1)
}

async fn rights_are_inherited_and_add_up(house: House) {
    let [ann, bob, cat, dan] = [1, 2, 3, 4].map(Pen::of);
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).lets(term::APPEND, &[&bob])).await;
    house.write(&ann, below("/d", "/d/a").lets(term::WRITE, &[&cat]).lets(term::READ, &[&dan])).await;
    house.write(&ann, below("/d/a", "/d/a/b")).await;
    // Who, changing what, and creating below.
    let table = [
        (&ann, "/d", true, true),
        (&ann, "/d/a/b", true, true),
        (&bob, "/d", false, true),
        (&bob, "/d/a/b", false, true),
        (&cat, "/d", false, false),
        (&cat, "/d/a/b", true, true),
        (&dan, "/d/a", false, false),
        (&Pen::nobody(), "/d/a", false, false),
        (&Pen::root(), "/d/a/b", true, true),
    ];
    for (number, (pen, path, may_change, may_create)) in table.into_iter().enumerate() {
        let changed = house.try_write(pen, set(path)).await;
        let created = house.try_write(pen, below(path, &format!("/new/{number}"))).await;
        assert_eq!((changed.is_ok(), created.is_ok()), (may_change, may_create), "{} {path}", pen.url());
        let kinds = [changed.err(), created.err()].into_iter().flatten().map(|error| error.kind());
        let expected = if pen.reader.agent.is_some() { Kind::Forbidden } else { Kind::Unauthenticated };
        assert!(kinds.into_iter().all(|kind| kind == expected));
    }
    // Everybody is listed by the public agent; and what is taken, is taken.
    house.write(&ann, edit("/d").set(term::WRITE, json!([ann.url(), term::PUBLIC_AGENT]))).await;
    house.write(&Pen::nobody(), set("/d/a/b")).await;
    house.write(&ann, edit("/d").lets(term::WRITE, &[&ann])).await;
    let (kind, text) = house.refuses(&Pen::nobody(), set("/d/a/b")).await;
    assert_eq!(kind, Kind::Unauthenticated);
    assert_eq!(text, "This resource is not publicly editable. Try signing in");
    assert_eq!(house.refuses(&bob, edit("/d/a").destroy()).await.0, Kind::Forbidden);
}

async fn nobody_gives_rights_to_itself(house: House) {
    let (ann, eve) = (Pen::of(1), Pen::of(5));
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann])).await;
    for right in [term::READ, term::WRITE, term::APPEND] {
        let (kind, text) = house.refuses(&eve, edit("/d").lets(right, &[&eve])).await;
        assert_eq!(kind, Kind::Forbidden);
        let expected =
            format!("No {} right has been found for {} in this resource or its parents", term::WRITE, eve.url());
        assert_eq!(text, expected);
    }
    let claim = below("/d", "/d/eve").lets(term::WRITE, &[&eve]).lets(term::APPEND, &[&eve]);
    let (kind, text) = house.refuses(&eve, claim).await;
    assert_eq!(kind, Kind::Forbidden);
    assert!(text.starts_with(&format!("No {} right", term::APPEND)), "{text}");
    let (kind, text) = house.refuses(&Pen::nobody(), below("/d", "/d/eve")).await;
    assert_eq!(
        (kind, text.as_str()),
        (Kind::Unauthenticated, "This resource is not publicly appendable. Try signing in")
    );
}

async fn drives_are_for_those_who_may_make_them(house: House) {
    let ann = Pen::of(1);
    let visitor = Pen { drives: false, ..Pen::of(2) };
    house.write(&ann, drive("/d")).await;
    assert_eq!(house.refuses(&visitor, drive("/e")).await.0, Kind::Forbidden);
    for pen in [&ann, &visitor] {
        let (kind, text) = house.refuses(pen, edit("/x").set(term::IS_A, json!([term::FILE]))).await;
        assert_eq!(kind, Kind::BadMessage);
        assert!(text.starts_with("Parent of http://a.example/x not found: "), "{text}");
    }
    house.write(&Pen::root(), set("/x")).await;
    // A document cannot be freed from its parent to become what could not have been made.
    house.write(&ann, drive("/own").lets(term::WRITE, &[&ann])).await;
    house.write(&ann, below("/own", "/own/a")).await;
    assert_eq!(house.refuses(&ann, edit("/own/a").remove(term::PARENT)).await.0, Kind::BadMessage);
    house.write(&ann, edit("/own/a").remove(term::PARENT).set(term::IS_A, json!([term::DRIVE]))).await;
}

async fn a_document_needs_a_parent_that_is_here(house: House) {
    let root = Pen::root();
    for parent in ["http://a.example/nowhere", "http://b.example/d", "http://a.example.evil/d", "nothing"] {
        let (kind, text) = house.refuses(&root, edit("/x").set(term::PARENT, parent)).await;
        assert_eq!(kind, Kind::BadMessage, "{parent}");
        assert!(text.starts_with("Parent of http://a.example/x not found: "), "{text}");
    }
    for parent in [json!(7), json!(["http://a.example/d"]), json!({ "@id": "http://a.example/d" })] {
        assert_eq!(house.refuses(&root, edit("/x").set(term::PARENT, parent)).await.0, Kind::BadMessage);
    }
    house.write(&root, drive("/")).await;
    // The root has two spellings.
    house.write(&root, edit("/x").set(term::PARENT, "http://a.example/")).await;
    house.write(&root, edit("/y").set(term::PARENT, "http://a.example")).await;
}

async fn nothing_but_messages_stands_in_a_room(house: House) {
    let (_, general) = house.found().await;
    let parent = format!("/room/{}", general.id);
    let (kind, text) = house.refuses(&Pen::root(), below(&parent, "/x")).await;
    assert_eq!(kind, Kind::BadMessage);
    assert!(text.contains("messages"), "{text}");
}

async fn moving_needs_the_right_at_both_ends(house: House) {
    let (ann, bob) = (Pen::of(1), Pen::of(2));
    house.write(&ann, drive("/ann").lets(term::WRITE, &[&ann])).await;
    house.write(&bob, drive("/bob").lets(term::WRITE, &[&bob])).await;
    house.write(&ann, below("/ann", "/a")).await;
    // Neither into what is another's, nor out of it.
    assert_eq!(house.refuses(&ann, edit("/a").set(term::PARENT, url("/bob"))).await.0, Kind::Forbidden);
    assert_eq!(house.refuses(&bob, edit("/a").set(term::PARENT, url("/bob"))).await.0, Kind::Forbidden);
    house.write(&bob, edit("/bob").lets(term::APPEND, &[&ann])).await;
    house.write(&ann, edit("/a").set(term::PARENT, url("/bob"))).await;
    assert_eq!(house.refuses(&ann, set("/a")).await.0, Kind::Forbidden, "it has another owner now");
    house.write(&bob, set("/a")).await;
    // Naming the parent that it has is no move.
    house.write(&bob, edit("/bob").set(term::APPEND, json!([])).set(term::WRITE, json!([]))).await;
    house.write(&Pen::root(), edit("/a").lets(term::WRITE, &[&ann])).await;
    house.write(&ann, set("/a").set(term::PARENT, url("/bob"))).await;
}

async fn nothing_stands_below_itself(house: House) {
    let root = Pen::root();
    let circular = (Kind::BadMessage, "Circular parent reference".to_owned());
    house.write(&root, drive("/d")).await;
    house.write(&root, below("/d", "/a")).await;
    house.write(&root, below("/a", "/b")).await;
    assert_eq!(house.refuses(&root, below("/x", "/x")).await, circular, "a new one");
    for parent in ["/a", "/b"] {
        assert_eq!(house.refuses(&root, edit("/a").set(term::PARENT, url(parent))).await, circular);
    }
    // A parent that is made again below what it has lost.
    house.write(&root, edit("/a").destroy()).await;
    assert_eq!(house.refuses(&root, below("/b", "/a")).await, circular);
}

async fn what_has_no_parent_belongs_to_the_root_drive_too(house: House) {
    let (ann, bob, root) = (Pen::of(1), Pen::of(2), Pen::root());
    house.write(&root, drive("/").lets(term::WRITE, &[&bob]).lets(term::READ, &[&bob])).await;
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann])).await;
    house.write(&ann, below("/d", "/d/a")).await;
    house.write(&bob, set("/d")).await;
    assert_eq!(house.refuses(&bob, set("/d/a")).await.0, Kind::Forbidden, "it has a parent");
    assert_eq!(house.refuses(&bob, below("/d", "/d/b")).await.0, Kind::Forbidden);
    assert!(!house.store.may(&bob.reader, Act::Read, &at("/d")).await.unwrap(), "only the real lineage is read");
}

async fn an_agent_owns_its_own_document(house: House) {
    let (ann, eve) = (Pen { drives: false, ..Pen::of(1) }, Pen::of(5));
    let path = ann.url().strip_prefix("http://a.example").unwrap().to_owned();
    let agent = || edit(&path).set(term::IS_A, json!([term::AGENT])).set(term::PUBLIC_KEY, "x");
    assert_eq!(house.refuses(&eve, agent()).await.0, Kind::Forbidden);
    house.write(&eve, drive("/eve").lets(term::WRITE, &[&eve])).await;
    let below_eve = agent().set(term::PARENT, url("/eve"));
    assert_eq!(house.refuses(&eve, below_eve).await.0, Kind::Forbidden, "not even where it may create");
    house.write(&ann, agent()).await;
    house.write(&ann, edit(&path).set(term::NAME, "Ann")).await;
    house.write(&ann, below(&path, "/notes")).await;
    house.write(&ann, set("/notes")).await;
    assert_eq!(house.refuses(&eve, edit(&path).set(term::NAME, "Eve")).await.0, Kind::Forbidden);
    assert_eq!(house.refuses(&eve, set("/notes")).await.0, Kind::Forbidden);
    for (reader, expected) in [(&Reader::default(), [true, false]), (&ann.reader, [true, true])] {
        let may = async |path| house.store.may(reader, Act::Read, &at(path)).await.unwrap();
        assert_eq!([may(&path).await, may("/notes").await], expected);
    }
}

async fn an_invite_needs_the_right_that_it_gives(house: House) {
    let (ann, bob, eve) = (Pen::of(1), Pen::of(2), Pen::of(5));
    house.write(&ann, drive("/ann").lets(term::WRITE, &[&ann]).lets(term::APPEND, &[&bob])).await;
    house.write(&eve, drive("/eve").lets(term::WRITE, &[&eve])).await;
    let invite = |parent: &str, path: &str, target: &str| {
        below(parent, path).set(term::IS_A, json!([term::INVITE])).set(term::INVITE_TARGET, url(target))
    };
    assert_eq!(house.refuses(&eve, invite("/eve", "/i", "/ann")).await.0, Kind::Forbidden);
    assert_eq!(house.refuses(&bob, invite("/ann", "/i", "/ann")).await.0, Kind::Forbidden, "to append is not enough");
    assert_eq!(house.refuses(&eve, invite("/eve", "/i", "/nowhere")).await.0, Kind::Forbidden);
    house.write(&ann, invite("/ann", "/i", "/ann")).await;
    // Neither by changing one, nor by making one of something else.
    house.write(&eve, invite("/eve", "/e", "/eve")).await;
    assert_eq!(house.refuses(&eve, edit("/e").set(term::INVITE_TARGET, url("/ann"))).await.0, Kind::Forbidden);
    house.write(&eve, below("/eve", "/f").set(term::INVITE_TARGET, url("/ann"))).await;
    let disguised = edit("/f").push(term::IS_A, json!([term::INVITE]));
    assert_eq!(house.refuses(&eve, disguised).await.0, Kind::Forbidden);
    house.write(&eve, edit("/e").destroy()).await;
}

async fn commits_are_not_made_by_commits(house: House) {
    let root = Pen::root();
    let refusal = house.refuses(&root, edit("/x").set(term::IS_A, json!([term::COMMIT]))).await;
    assert_eq!(refusal.0, Kind::BadMessage);
}

async fn rights_are_told_for_reading(house: House) {
    let (ann, bob) = (Pen::of(1), Pen::of(2));
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).lets(term::READ, &[&bob])).await;
    house.write(&ann, below("/d", "/d/a")).await;
    let table = [
        (&ann.reader, Act::Write, "/d/a", true),
        (&ann.reader, Act::Read, "/d/a", false),
        (&bob.reader, Act::Read, "/d/a", true),
        (&bob.reader, Act::Append, "/d/a", false),
        (&bob.reader, Act::Read, "/nowhere", false),
        (&Pen::root().reader, Act::Write, "/d", true),
        (&Pen::root().reader, Act::Read, "/nowhere", true),
        (&Reader::default(), Act::Read, "/d", false),
    ];
    for (reader, act, path, expected) in table {
        assert_eq!(house.store.may(reader, act, &at(path)).await.unwrap(), expected, "{reader:?} {act:?} {path}");
    }
}
