//! Queries: documents found by properties and values, sorted, in pages, and only what a reader may read.

use quintet_core::document::{Page, Query};
use quintet_core::error::Kind;
use quintet_core::hierarchy::Reader;
use quintet_core::limits::Limits;
use quintet_core::{Document, Id, term};
use serde_json::json;

use crate::house::House;
use crate::pen::{Pen, below, drive, edit, property, url};

on_every_store! {
    documents_are_found_by_property_and_value
    what_changed_is_found_by_what_it_is_now
    members_are_sorted_as_asked
    pages_are_filled_in
    a_full_page_goes_on_with_stubs
    members_that_are_not_nested_hold_what_they_are_sorted_by
    only_what_may_be_read_is_counted
    a_query_that_finds_too_much_is_refused
}

fn query(property: Option<&str>, value: Option<&str>) -> Query {
    Query { property: property.map(Into::into), value: value.map(Into::into), page: Page::default() }
}

async fn found(house: &House, query: &Query, reader: &Reader) -> Vec<String> {
    let found = house.store.documents(query, reader).await.unwrap();
    found.members.iter().map(|document| document.subject.path().to_owned()).collect()
}

async fn documents_are_found_by_property_and_value(house: House) {
    let root = Pen::root();
    house.write(&root, drive("/d")).await;
    let a = below("/d", "/a").set(&property("n"), 7).set(&property("t"), json!(["x", url("/d"), "true"]));
    house.write(&root, a).await;
    house.write(&root, below("/d", "/b").set(&property("n"), 7.5).set(&property("t"), "x")).await;
    house.write(&root, below("/a", "/c").set(&property("n"), "7").set(&property("t"), json!({ "u": "x" }))).await;
    let (n, t, parent) = (property("n"), property("t"), term::PARENT);
    let d = url("/d");
    let table = [
        (Some(n.as_str()), None, vec!["/a", "/b", "/c"]),
        (Some(&n), Some("7"), vec!["/a", "/c"]),
        (Some(&n), Some("7.5"), vec!["/b"]),
        (Some(&t), Some("x"), vec!["/a", "/b"]),
        (Some(&t), Some("true"), vec!["/a"]),
        (Some(parent), Some(&d), vec!["/a", "/b"]),
        (None, Some(&d), vec!["/a", "/b"]),
        (None, Some("x"), vec![]),
        (Some("https://p.example/none"), None, vec![]),
        (Some(&n), Some(""), vec![]),
        (None, None, vec!["/d", "/a", "/b", "/c"]),
    ];
    for (property, value, expected) in table {
        let query = query(property, value);
        assert_eq!(found(&house, &query, &root.reader).await, expected, "{query:?}");
    }
}

async fn what_changed_is_found_by_what_it_is_now(house: House) {
    let root = Pen::root();
    let (a, b) = (property("a"), property("b"));
    let target = url("/target");
    house.write(&root, drive("/d").set(&a, target.as_str()).set(&b, json!([target]))).await;
    house.write(&root, edit("/d").remove(&a)).await;
    let count = async |property: Option<&str>| {
        house.store.documents(&query(property, Some(&target)), &root.reader).await.unwrap().total
    };
    assert_eq!((count(Some(&a)).await, count(Some(&b)).await, count(None).await), (0, 1, 1));
    house.write(&root, edit("/d").set(&b, json!([]))).await;
    assert_eq!((count(Some(&b)).await, count(None).await), (0, 0));
    house.write(&root, edit("/d").push(&b, json!([target]))).await;
    assert_eq!(count(None).await, 1);
    house.write(&root, edit("/d").destroy()).await;
    assert_eq!((count(Some(&b)).await, count(None).await), (0, 0));
}

async fn members_are_sorted_as_asked(house: House) {
    let root = Pen::root();
    let by = property("by");
    house.write(&root, drive("/d")).await;
    for (path, value) in [("/e", json!(10)), ("/c", json!(9)), ("/b", json!("x")), ("/a", json!("y")), ("/f", json!(9))]
    {
        house.write(&root, below("/d", path).set(&by, value)).await;
    }
    house.write(&root, below("/d", "/g")).await;
    let sorted = async |sort_by: Option<&str>, descending: Option<bool>| {
        let page = Page { sort_by: sort_by.map(Into::into), descending, ..Page::default() };
        let query = Query { page, ..query(Some(term::PARENT), Some(&url("/d"))) };
        found(&house, &query, &root.reader).await.concat()
    };
    assert_eq!(sorted(None, None).await, "/e/c/b/a/f/g", "by age");
    assert_eq!(sorted(None, Some(true)).await, "/g/f/a/b/c/e");
    assert_eq!(sorted(Some(&by), None).await, "/c/f/e/b/a/g", "numbers, texts, and what has none");
    assert_eq!(sorted(Some(&by), Some(true)).await, "/a/b/e/c/f/g");
}

async fn pages_are_filled_in(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { page_members: 40, ..Limits::default() }).await;
    house.write(&root, drive("/d")).await;
    for number in 0..45 {
        house.write(&root, below("/d", &format!("/{number}"))).await;
    }
    let ask = async |size, number| {
        let page = Page { size, number, nested: Some(true), ..Page::default() };
        let query = Query { page, ..query(Some(term::PARENT), Some(&url("/d"))) };
        let found = house.store.documents(&query, &root.reader).await.unwrap();
        assert_eq!((found.total, found.page.nested), (45, Some(true)));
        let first = found.members.first().map(|document| document.subject.path().to_owned());
        (found.members.len(), first, found.page.size.unwrap(), found.page.number.unwrap())
    };
    assert_eq!(ask(None, None).await, (30, Some("/0".into()), 30, 0));
    assert_eq!(ask(None, Some(1)).await, (15, Some("/30".into()), 30, 1));
    assert_eq!(ask(Some(2), Some(3)).await, (2, Some("/6".into()), 2, 3));
    assert_eq!(ask(Some(999), None).await, (40, Some("/0".into()), 40, 0));
    assert_eq!(ask(Some(2), Some(u64::MAX)).await, (0, None, 2, u64::MAX));
}

async fn a_full_page_goes_on_with_stubs(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { page_bytes: 2_500, ..Limits::default() }).await;
    house.write(&root, drive("/d")).await;
    for (number, length) in [1, 1_000, 1_000, 1, 9_000, 1].into_iter().enumerate() {
        house.write(&root, below("/d", &format!("/{number}")).set(&property("text"), "x".repeat(length))).await;
    }
    let ask = async |size, number| {
        let page = Page { size: Some(size), number: Some(number), ..Page::default() };
        let query = Query { page, ..query(Some(term::PARENT), Some(&url("/d"))) };
        let found = house.store.documents(&query, &root.reader).await.unwrap();
        assert_eq!(found.total, 6);
        let told = |document: &Document| match document.properties.get(term::INCOMPLETE) {
            Some(_) => (document.properties.len() == 1).then(|| format!("{}?", document.subject.path())),
            None => document.text(&property("text")).map(|_| document.subject.path().to_owned()),
        };
        found.members.iter().map(|document| told(document).unwrap()).collect::<String>()
    };
    assert_eq!(ask(9, 0).await, "/0/1/2?/3?/4?/5?", "behind the first stub there are only stubs");
    assert_eq!(ask(2, 1).await, "/2/3", "no member is lost for who turns pages by their size");
    assert_eq!(ask(2, 2).await, "/4/5?", "one is always whole");
}

async fn members_that_are_not_nested_hold_what_they_are_sorted_by(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { page_bytes: 1, ..Limits::default() }).await;
    let by = property("by");
    house.write(&root, drive("/d")).await;
    let long = "é".repeat(200);
    for (path, value) in [("/a", json!("x")), ("/b", json!(7)), ("/c", json!(long))] {
        house.write(&root, below("/d", path).set(&by, value).set(&property("text"), "y")).await;
    }
    house.write(&root, below("/d", "/e")).await;
    let page = Page { nested: Some(false), sort_by: Some(by.clone()), ..Page::default() };
    let query = Query { page, ..query(Some(term::PARENT), Some(&url("/d"))) };
    let found = house.store.documents(&query, &root.reader).await.unwrap();
    let held: Vec<_> = found
        .members
        .into_iter()
        .map(|document| (document.subject.path().to_owned(), json!(document.properties)))
        .collect();
    let expected = [
        ("/b", json!({ &by: 7 })),
        ("/a", json!({ &by: "x" })),
        ("/c", json!({ &by: "é".repeat(128) })),
        ("/e", json!({})),
    ];
    assert_eq!(held, expected.map(|(path, properties)| (path.to_owned(), properties)));
}

async fn only_what_may_be_read_is_counted(house: House) {
    let (ann, bob) = (Pen::of(1), Pen::of(2));
    for (pen, path) in [(&ann, "/ann"), (&bob, "/bob")] {
        house.write(pen, drive(path).lets(term::WRITE, &[pen]).lets(term::READ, &[pen])).await;
        for number in 0..3 {
            house.write(pen, below(path, &format!("{path}/{number}")).set(&property("x"), 1)).await;
        }
    }
    house.write(&ann, edit("/ann/1").lets(term::READ, &[&bob])).await;
    let query = query(Some(&property("x")), Some("1"));
    let table = [
        (&ann.reader, vec!["/ann/0", "/ann/1", "/ann/2"]),
        (&bob.reader, vec!["/ann/1", "/bob/0", "/bob/1", "/bob/2"]),
        (&Reader::default(), vec![]),
    ];
    for (reader, expected) in table {
        assert_eq!(found(&house, &query, reader).await, expected);
        assert_eq!(house.store.documents(&query, reader).await.unwrap().total, expected.len() as u64);
    }
    assert_eq!(found(&house, &query, &Pen::root().reader).await.len(), 6);
}

async fn a_query_that_finds_too_much_is_refused(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { query_documents: 3, ..Limits::default() }).await;
    house.write(&root, drive("/d")).await;
    for number in 0..3 {
        house.write(&root, below("/d", &format!("/{number}")).set(&property("x"), 1)).await;
    }
    let narrow = query(Some(&property("x")), None);
    assert_eq!(found(&house, &narrow, &root.reader).await.len(), 3);
    let error = house.store.documents(&query(None, None), &root.reader).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TooMany);
    house.write(&root, below("/d", "/4").set(&property("x"), 1)).await;
    assert_eq!(house.store.documents(&narrow, &root.reader).await.unwrap_err().kind(), Kind::TooMany);
    assert_eq!(house.store.export(Id::HOUSE, 99).await.unwrap().len(), 5);
}
