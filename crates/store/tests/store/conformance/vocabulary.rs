//! What the vocabulary asks of documents, where its terms are documents of the house.

use quintet_core::error::Kind;
use quintet_core::limits::Limits;
use quintet_core::term;
use serde_json::{Value, json};

use crate::house::House;
use crate::pen::{Edit, Pen, below, drive, edit, property, url};

on_every_store! {
    values_are_of_their_datatype
    classes_require_properties
    what_is_not_known_is_taken
    nested_values_are_such_as_clients_can_parse
    terms_may_come_in_the_same_change
    only_so_many_terms_are_read
    what_is_too_large_is_no_term
}

async fn term_of(house: &House, path: &str, class: &str, more: Vec<(&str, Value)>) {
    let plain = below("/d", path).set(term::IS_A, json!([class])).set(term::SHORTNAME, "term");
    let whole = more.into_iter().fold(plain.set(term::DESCRIPTION, "x"), |edit, (name, value)| edit.set(name, value));
    house.write(&Pen::root(), whole).await;
}

async fn a_house_with_terms(house: &House) {
    house.write(&Pen::root(), drive("/d")).await;
    let datatype = |name: &str| (term::DATATYPE, json!(format!("https://atomicdata.dev/datatypes/{name}")));
    term_of(house, "/age", term::PROPERTY, vec![datatype("integer")]).await;
    term_of(house, "/tags", term::PROPERTY, vec![datatype("resourceArray")]).await;
    term_of(house, "/person", term::CLASS, vec![(term::REQUIRES, json!([url("/age")]))]).await;
}

async fn values_are_of_their_datatype(house: House) {
    let root = Pen::root();
    a_house_with_terms(&house).await;
    house.write(&root, below("/d", "/ann").set(&url("/age"), 7)).await;
    let (kind, text) = house.refuses(&root, edit("/ann").set(&url("/age"), "seven")).await;
    assert_eq!(kind, Kind::BadMessage);
    assert!(text.contains(&url("/age")), "{text}");
    assert_eq!(house.refuses(&root, below("/d", "/bob").set(&url("/age"), 7.5)).await.0, Kind::BadMessage);
    // What comes of a push is looked at as a whole.
    house.write(&root, edit("/ann").push(&url("/tags"), json!([url("/d")]))).await;
    assert_eq!(house.refuses(&root, edit("/ann").push(&url("/tags"), json!([7]))).await.0, Kind::BadMessage);
    let (kind, text) = house.refuses(&root, edit("/ann").push(&url("/age"), json!([7]))).await;
    assert_eq!(kind, Kind::BadMessage);
    assert!(text.contains("Wrong datatype when pushing to array"), "{text}");
}

async fn classes_require_properties(house: House) {
    let root = Pen::root();
    a_house_with_terms(&house).await;
    let person = |path: &str| -> Edit { below("/d", path).set(term::IS_A, json!([url("/person")])) };
    let missing = format!("Property {} missing. Is required in class {}", url("/age"), url("/person"));
    assert_eq!(house.refuses(&root, person("/ann")).await, (Kind::BadMessage, missing.clone()));
    house.write(&root, person("/ann").set(&url("/age"), 7)).await;
    assert_eq!(house.refuses(&root, edit("/ann").remove(&url("/age"))).await, (Kind::BadMessage, missing.clone()));
    house.write(&root, below("/d", "/bob")).await;
    let becoming = edit("/bob").push(term::IS_A, json!([url("/person")]));
    assert_eq!(house.refuses(&root, becoming).await, (Kind::BadMessage, missing));
}

async fn what_is_not_known_is_taken(house: House) {
    let root = Pen::root();
    let unknown =
        drive("/d").push(term::IS_A, json!(["https://c.example/Class"])).set(&property("a"), json!({ "b": 1 }));
    house.write(&root, unknown).await;
    for name in ["a", "", "ftp://p.example/a", "javascript:1"] {
        let (kind, text) = house.refuses(&root, edit("/d").set(name, 1)).await;
        assert_eq!(kind, Kind::BadMessage);
        assert!(text.contains(name), "{text}");
    }
    // A document that is no property is none of a datatype.
    house.write(&root, edit("/d").set(&url("/d"), "anything")).await;
}

async fn nested_values_are_such_as_clients_can_parse(house: House) {
    let root = Pen::root();
    a_house_with_terms(&house).await;
    let name = property("a");
    let poisoned = json!({ property("b"): [7] });
    let attempts = [
        edit("/d").set(&name, json!([1, 2])),
        edit("/d").set(&name, json!([[]])),
        edit("/d").set(&name, poisoned.clone()),
        edit("/d").push(&name, json!([true])),
        edit("/d").push(&name, json!([poisoned.clone()])),
        edit("/d").set(&url("/tags"), json!([poisoned.clone()])),
        edit("/d").set(term::REPLY_TO, poisoned),
    ];
    for attempt in attempts {
        let (kind, text) = house.refuses(&root, attempt).await;
        assert_eq!(kind, Kind::BadMessage);
        assert!(text.contains("an array takes only URLs and nested resources"), "{text}");
    }
    house.write(&root, edit("/d").set(&name, json!([url("/d"), { property("b"): 7 }]))).await;
}

async fn terms_may_come_in_the_same_change(house: House) {
    use quintet_core::change::Expect::Anything;

    let root = Pen::root();
    house.write(&root, drive("/d")).await;
    let class = below("/d", "/person")
        .set(term::IS_A, json!([term::CLASS]))
        .set(term::SHORTNAME, "person")
        .set(term::DESCRIPTION, "x")
        .set(term::REQUIRES, json!([property("age")]));
    let person = below("/d", "/ann").set(term::IS_A, json!([url("/person")]));
    let commits = [class, person].map(|edit| (house.sign(&root, edit), Anything));
    assert_eq!(house.commit(&root, commits.into()).await.unwrap_err().kind(), Kind::BadMessage);
    assert_eq!(house.read("/person").await, None);
}

async fn only_so_many_terms_are_read(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { document_terms: 2, ..Limits::default() }).await;
    a_house_with_terms(&house).await;
    let two = below("/d", "/ann").set(&url("/age"), 7).set(&url("/d"), 1);
    let three = two.clone().set(term::IS_A, json!([url("/person"), url("/person")]));
    assert_eq!(house.refuses(&root, three).await.0, Kind::TooLarge);
    house.write(&root, two).await;
    // To find nothing takes the writer's time, too; elsewhere it does not look.
    let classes = |begin: &str| (0..3).map(|number| format!("{begin}{number}").into()).collect::<Vec<Value>>();
    let missing = below("/d", "/ben").set(term::IS_A, classes(&url("/none")));
    assert_eq!(house.refuses(&root, missing).await.0, Kind::TooLarge);
    house.write(&root, below("/d", "/ben").set(term::IS_A, classes("https://x.example/"))).await;
}

async fn what_is_too_large_is_no_term(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { term_bytes: 1_000, ..Limits::default() }).await;
    a_house_with_terms(&house).await;
    house.write(&root, edit("/age").set(term::DESCRIPTION, "x".repeat(1_000))).await;
    house.write(&root, below("/d", "/ann").set(&url("/age"), "seven")).await;
}
