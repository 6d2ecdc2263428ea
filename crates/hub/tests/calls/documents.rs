//! Reading stored documents, and what their class has computed.

use quintet_core::document::{DocumentQuery, Page, Search};
use quintet_core::{Answer, Call, Kind, Subject, Timestamp, term};
use serde_json::json;

use crate::house::{House, house, public};
use crate::sheets::{at, chat_at, paths, room_at, whole};

#[tokio::test]
async fn a_document_is_read_by_those_whom_it_lists() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let agent = house_.agent_of(&ann).await;
    house_.drive("/d", &[&agent]).await;
    house_.make("/d/note", json!({ term::NAME: "x", term::PARENT: at("/d").as_str() })).await;
    let note = house_.read(&ann, &at("/d/note")).await.unwrap();
    assert_eq!(note.text(term::NAME), Some("x"));
    assert!(
        house_.read(&house(), &at("/d/note")).await.is_ok()
            && house_.read(&house_.admin().await, &at("/d")).await.is_ok()
    );
    let read = format!(
        "No {} right has been found for {} in this resource or its parents",
        term::READ,
        house_.agent_of(&bob).await
    );
    assert_eq!(house_.unread(&bob, &at("/d/note")).await, (Kind::Forbidden, read));
    let sign_in = "This resource is not publicly readable. Try signing in".to_owned();
    assert_eq!(house_.unread(&public(), &at("/d/note")).await, (Kind::Unauthenticated, sign_in));
}

#[tokio::test]
async fn what_is_not_there_is_said_by_its_url() {
    let house_ = House::new().await;
    for subject in [at("/nope"), at("/room/x"), Subject::parse("http://other.example/x").unwrap()] {
        let text = format!("Failed to retrieve locally: '{subject}'");
        assert_eq!(house_.unread(&public(), &subject).await, (Kind::NotFound, text));
    }
}

#[tokio::test]
async fn a_drive_tells_what_stands_below_it_and_may_be_read() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let agent = house_.agent_of(&ann).await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    for path in ["/d/b", "/d/a"] {
        house_.make(path, json!({ term::PARENT: at("/d").as_str() })).await;
    }
    house_.make("/d/a/deep", json!({ term::PARENT: at("/d/a").as_str() })).await;
    let children = house_.read(&public(), &at("/d")).await.unwrap().properties[term::CHILDREN].clone();
    assert_eq!(children, json!([at("/d/a").as_str(), at("/d/b").as_str()]));
    house_.drive("/secret", &[&agent]).await;
    house_.make("/secret/x", json!({ term::PARENT: at("/secret").as_str() })).await;
    assert_eq!(
        house_.read(&ann, &at("/secret")).await.unwrap().properties[term::CHILDREN],
        json!([at("/secret/x").as_str()])
    );
}

#[tokio::test]
async fn the_root_stands_above_rooms_as_far_as_they_may_be_viewed() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    if house_.store.document(&at("")).await.unwrap().is_none() {
        house_.drive("", &[term::PUBLIC_AGENT]).await;
    }
    let (open, private) = (house_.room("open", None).await.id, house_.private_room(&bob).await);
    let within = house_.room("within", Some(open)).await.id;
    let children = async |who| {
        let root = house_.read(who, &at("")).await.unwrap();
        serde_json::from_value::<Vec<String>>(root.properties[term::CHILDREN].clone()).unwrap()
    };
    let has = |children: &[String], room| children.contains(&room_at(room).as_str().to_owned());
    for (who, sees) in [(&ann, [true, false, false]), (&bob, [true, true, false]), (&public(), [false; 3])] {
        let children = children(who).await;
        assert_eq!([open, private, within].map(|room| has(&children, room)), sees, "{:?}", who.identity);
        assert!(children.is_sorted());
    }
}

#[tokio::test]
async fn a_chat_room_that_is_a_document_shows_the_messages_below_it() {
    let house_ = House::new().await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let chat_room = json!({ term::IS_A: [term::CHAT_ROOM], term::NAME: "talk", term::PARENT: at("/d").as_str() });
    house_.make("/talk", chat_room).await;
    let message = |number: i64| {
        json!({
            term::IS_A: [term::MESSAGE],
            term::DESCRIPTION: number.to_string(),
            term::PARENT: at("/talk").as_str(),
            term::CREATED_AT: number,
        })
    };
    for number in 0..52 {
        house_.make(&format!("/m/{number}"), message(number)).await;
    }
    house_.make("/other", json!({ term::PARENT: at("/talk").as_str(), term::CREATED_AT: 99 })).await;
    let newest = house_.read(&public(), &at("/talk")).await.unwrap();
    let shown = newest.properties[term::MESSAGES].as_array().unwrap();
    assert_eq!(
        (shown.len(), &shown[0]["@id"], &shown[49]["@id"]),
        (50, &json!(at("/m/2").as_str()), &json!(at("/m/51").as_str()))
    );
    assert_eq!(newest.text(term::NEXT_PAGE), Some(&*format!("{}?before-timestamp=2", at("/talk"))));
    let before = Some(Timestamp::from_millis(2));
    let rest = house_.look(&public(), DocumentQuery { before, ..whole(at("/talk")) }).await.unwrap().document;
    assert_eq!(rest.properties[term::MESSAGES].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn messages_that_do_not_say_when_they_were_made_stand_where_they_were() {
    let house_ = House::new().await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let chat_room = json!({ term::IS_A: [term::CHAT_ROOM], term::NAME: "talk", term::PARENT: at("/d").as_str() });
    house_.make("/talk", chat_room).await;
    let dated = house_.now().plus_millis(30).millis();
    for number in 0..52 {
        let mut message =
            json!({ term::IS_A: [term::MESSAGE], term::DESCRIPTION: "x", term::PARENT: at("/talk").as_str() });
        if number == 51 {
            // Made last, but dated between the others.
            message[term::CREATED_AT] = dated.into();
        }
        // Names in no order: they decide nothing.
        house_.make(&format!("/m/{}", number * 7 % 53), message).await;
    }
    let shown = |document: &quintet_core::Document| -> Vec<String> {
        let messages = document.properties[term::MESSAGES].as_array().unwrap();
        messages.iter().map(|message| message["@id"].as_str().unwrap().to_owned()).collect()
    };
    let subject = |number: usize| at(&format!("/m/{}", number * 7 % 53)).as_str().to_owned();
    let newest = house_.read(&public(), &at("/talk")).await.unwrap();
    let page = shown(&newest);
    assert_eq!((page.len(), page.last()), (50, Some(&subject(50))));
    let place = page.iter().position(|shown| *shown == subject(51)).unwrap();
    assert!((20..30).contains(&place), "{place}");
    let mut others = page.clone();
    others.remove(place);
    assert_eq!(others, (2..51).map(subject).collect::<Vec<_>>());
    let before = newest.text(term::NEXT_PAGE).unwrap().rsplit('=').next().unwrap().parse().unwrap();
    let query = DocumentQuery { before: Some(Timestamp::from_millis(before)), ..whole(at("/talk")) };
    let rest = house_.look(&public(), query).await.unwrap().document;
    assert_eq!(shown(&rest), [subject(0), subject(1)]);
}

#[tokio::test]
async fn a_collection_is_computed_from_what_it_says_and_what_is_asked() {
    let house_ = House::new().await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    for name in ["a", "b", "c"] {
        house_.make(&format!("/{name}"), json!({ term::NAME: name, term::PARENT: at("/d").as_str() })).await;
    }
    let collection = json!({
        term::IS_A: [term::COLLECTION],
        term::PARENT: at("/d").as_str(),
        term::COLLECTION_PROPERTY: term::NAME,
        term::COLLECTION_SORT_BY: term::NAME,
        term::COLLECTION_SORT_DESC: true,
        term::COLLECTION_PAGE_SIZE: 2,
    });
    house_.make("/all", collection).await;
    let read = async |page| {
        let query = DocumentQuery { page, ..whole(at("/all")) };
        house_.look(&public(), query).await.unwrap().document.properties
    };
    let first = read(Page::default()).await;
    let names: Vec<_> =
        first[term::COLLECTION_MEMBERS].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
    assert_eq!(names.len(), 2);
    assert_eq!((&first[term::COLLECTION_PAGE_SIZE], &first[term::COLLECTION_CURRENT_PAGE]), (&json!(2), &json!(0)));
    let total = first[term::COLLECTION_TOTAL_MEMBERS].as_u64().unwrap();
    assert!(total >= 3, "the root drive may have a name too");
    assert_eq!(first[term::COLLECTION_TOTAL_PAGES], json!(total.div_ceil(2)));
    let page = Page { size: Some(10), descending: Some(false), nested: Some(true), ..Page::default() };
    let whole_ = read(page).await;
    let members = whole_[term::COLLECTION_MEMBERS].as_array().unwrap();
    assert!(members.iter().any(|member| member["@id"] == at("/a").as_str() && member[term::NAME] == "a"));
}

#[tokio::test]
async fn terms_of_this_house_are_explained_on_request() {
    let house_ = House::new().await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let property = json!({
        term::IS_A: [term::PROPERTY],
        term::SHORTNAME: "taste",
        term::DESCRIPTION: "how it tastes",
        term::DATATYPE: "https://atomicdata.dev/datatypes/string",
        term::PARENT: at("/d").as_str(),
    });
    house_.make("/taste", property).await;
    house_.make("/soup", json!({ at("/taste").as_str(): "good", term::PARENT: at("/d").as_str() })).await;
    let described = house_.look(&public(), DocumentQuery { described: true, ..whole(at("/soup")) }).await.unwrap();
    assert_eq!(paths(&described.terms), ["/taste"]);
    assert!(house_.look(&public(), whole(at("/soup"))).await.unwrap().terms.is_empty());
}

#[tokio::test]
async fn a_search_finds_documents_and_chats_that_may_be_read() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    house_.drive("/d", &[&house_.agent_of(&ann).await]).await;
    house_.make("/d/recipe", json!({ term::NAME: "pizza dough", term::PARENT: at("/d").as_str() })).await;
    let (open, private) = (house_.room("open", None).await.id, house_.private_room(&bob).await);
    let said = house_.post(&bob, open, "pizza tonight").await.id;
    let secret = house_.post(&bob, private, "pizza in secret").await.id;
    let found = async |who| {
        let search = Search { words: "pizza".into(), limit: 30, ..Search::default() };
        let Ok(Answer::Documents(mut found)) = house_.ask(who, Call::Search(search)).await else { panic!() };
        found.sort_by(|one, other| one.subject.cmp(&other.subject));
        found.into_iter().map(|document| document.subject).collect::<Vec<_>>()
    };
    let sorted = |mut subjects: Vec<Subject>| {
        subjects.sort();
        subjects
    };
    assert_eq!(found(&ann).await, sorted(vec![at("/d/recipe"), chat_at(open, said)]));
    assert_eq!(found(&bob).await, sorted(vec![chat_at(open, said), chat_at(private, secret)]));
    assert_eq!(found(&public()).await, []);
}
