//! What is found by its properties: documents, portraits, the bundled vocabulary.

use quintet_core::document::{Page, Query};
use quintet_core::{Kind, Limits, term};
use serde_json::json;

use crate::house::{House, public, rules};
use crate::sheets::{at, chat_at, paths, room_at, with};

#[tokio::test]
async fn only_what_may_be_read_is_found_and_counted() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    house_.drive("/d", &[&house_.agent_of(&ann).await]).await;
    for name in ["c", "a", "b"] {
        let properties = json!({ term::NAME: name, term::PARENT: at("/d").as_str() });
        house_.make(&format!("/{name}"), properties).await;
    }
    let below = || with(term::PARENT, at("/d").as_str());
    let found = house_.find(&ann, below()).await.unwrap();
    assert_eq!((paths(&found.members), found.total), (vec!["/c", "/a", "/b"], 3));
    assert_eq!((found.page.size, found.page.number, found.page.nested), (Some(30), Some(0), Some(false)));
    for who in [&bob, &public()] {
        assert_eq!(house_.find(who, below()).await.unwrap().total, 0);
    }
    let page = Page { size: Some(2), number: Some(1), sort_by: Some(term::NAME.into()), ..Page::default() };
    let second = house_.find(&ann, Query { page: page.clone(), ..below() }).await.unwrap();
    assert_eq!((paths(&second.members), second.total), (vec!["/c"], 3));
    let beyond = Query { page: Page { number: Some(2), ..page }, ..below() };
    assert_eq!(house_.find(&ann, beyond).await.unwrap_err().kind(), Kind::BadMessage);
}

#[tokio::test]
async fn rooms_and_chats_stand_below_the_root_and_their_rooms() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let (open, private) = (house_.room("open", None).await.id, house_.private_room(&bob).await);
    let within = house_.room("within", Some(open)).await.id;
    let mut said = Vec::new();
    for words in ["first", "second", "third"] {
        house_.pass_millis(5);
        said.push(chat_at(open, house_.post(&ann, open, words).await.id));
    }
    let stranger = public();
    let has = async |who, query: Query, room| {
        let found = house_.find(who, query).await.unwrap();
        found.members.iter().any(|member| member.subject == room_at(room))
    };
    let top = || with(term::PARENT, at("").as_str());
    let rooms = || with(term::IS_A, term::CHAT_ROOM);
    for (room, of_ann, of_bob, at_top) in
        [(open, true, true, true), (private, false, true, true), (within, true, true, false)]
    {
        assert_eq!([has(&ann, rooms(), room).await, has(&bob, rooms(), room).await], [of_ann, of_bob]);
        assert_eq!([has(&ann, top(), room).await, has(&bob, top(), room).await], [of_ann && at_top, of_bob && at_top]);
        assert!(!has(&stranger, rooms(), room).await && !has(&stranger, top(), room).await);
    }
    let below = with(term::PARENT, room_at(open).as_str());
    let page =
        Page { sort_by: Some(term::CREATED_AT.into()), descending: Some(true), size: Some(2), ..Page::default() };
    let newest = house_.find(&ann, Query { page, ..below.clone() }).await.unwrap();
    assert_eq!(newest.members.iter().map(|member| &member.subject).collect::<Vec<_>>(), [&said[2], &said[1]]);
    assert_eq!(newest.total, 4, "a room and three chats");
    assert!(!newest.members[0].properties.contains_key(term::INCOMPLETE), "a message is whole");
    let listed = house_.find(&ann, rooms()).await.unwrap().members;
    assert!(listed.iter().all(|room| room.properties[term::INCOMPLETE] == true), "their messages are read with a room");
    assert_eq!(house_.find(&public(), below).await.unwrap().total, 0);
    assert_eq!(house_.find(&ann, with(term::PARENT, room_at(private).as_str())).await.unwrap().total, 0);
}

#[tokio::test]
async fn users_are_found_by_users() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let nested = Page { nested: Some(true), ..Page::default() };
    let agents = Query { page: nested, ..with(term::IS_A, term::AGENT) };
    let found = house_.find(&ann, agents.clone()).await.unwrap();
    let own = house_.agent_of(&ann).await;
    assert!(
        found.members.iter().any(|member| member.subject.as_str() == own && member.text(term::NAME) == Some("ann"))
    );
    let count = found.total;
    let path = own.strip_prefix("http://localhost:8080").unwrap().to_owned();
    house_.make(&path, json!({ term::IS_A: [term::AGENT], term::PUBLIC_KEY: "x", term::NAME: "Ann" })).await;
    let found = house_.find(&ann, agents.clone()).await.unwrap();
    let mine: Vec<_> = found.members.iter().filter(|member| member.subject.as_str() == own).collect();
    assert_eq!((found.total, mine.len(), mine[0].text(term::NAME)), (count, 1, Some("Ann")), "each once");
    assert!(house_.find(&public(), agents).await.unwrap().members.iter().all(|member| member.subject.as_str() == own));
}

#[tokio::test]
async fn the_vocabulary_is_found_on_request() {
    let house_ = House::new().await;
    let classes = |external| Query {
        page: Page { external: Some(external), size: Some(999), ..Page::default() },
        ..with(term::IS_A, term::CLASS)
    };
    let found = house_.find(&public(), classes(true)).await.unwrap();
    assert!(found.members.iter().any(|member| member.subject.as_str() == term::CHAT_ROOM));
    assert_eq!(found.total, found.members.len() as u64);
    assert_eq!(house_.find(&public(), classes(false)).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_page_is_bounded() {
    let limits = Limits { page_members: 2, query_documents: 3, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    for words in ["1", "2", "3"] {
        house_.post(&ann, room, words).await;
    }
    let below =
        Query { page: Page { size: Some(999), ..Page::default() }, ..with(term::PARENT, room_at(room).as_str()) };
    let found = house_.find(&ann, below.clone()).await.unwrap();
    assert_eq!((found.members.len(), found.total, found.page.size), (2, 3, Some(2)));
    house_.post(&ann, room, "4").await;
    assert_eq!(house_.find(&ann, below).await.unwrap_err().kind(), Kind::TooMany);
}

#[tokio::test]
async fn a_page_of_stored_and_other_documents_ends_in_stubs() {
    let limits = Limits { page_bytes: 5_000, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let ann = house_.register("ann").await;
    house_.drive("", &[term::PUBLIC_AGENT]).await;
    house_.room("room", None).await;
    let rooms = house_.find(&ann, with(term::PARENT, at("").as_str())).await.unwrap().total;
    for number in 0..4 {
        let message = json!({
            term::IS_A: [term::MESSAGE],
            term::DESCRIPTION: "x".repeat(2_000),
            term::PARENT: at("").as_str(),
            term::CREATED_AT: number,
        });
        house_.make(&format!("/m/{number}"), message).await;
    }
    let below = |nested, size, number| Query {
        page: Page {
            nested: Some(nested),
            size: Some(size),
            number: Some(number),
            sort_by: Some(term::CREATED_AT.into()),
            ..Page::default()
        },
        ..with(term::PARENT, at("").as_str())
    };
    let told = async |query| {
        let found = house_.find(&ann, query).await.unwrap();
        assert_eq!(found.total, rooms + 4);
        let is_stub = |member: &quintet_core::Document| member.properties.contains_key(term::INCOMPLETE);
        assert!(found.members.iter().filter(|member| is_stub(member)).all(|member| member.properties.len() == 1));
        found.members.iter().map(|member| (paths([member])[0].to_owned(), is_stub(member))).collect::<Vec<_>>()
    };
    let all = told(below(true, 9, 0)).await;
    assert!(all.iter().enumerate().all(|(place, (_, stub))| *stub == (place >= 2)) && all.len() > 4);
    assert_eq!(all[..4].iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/m/0", "/m/1", "/m/2", "/m/3"]);
    assert_eq!(told(below(true, 2, 1)).await, [("/m/2".into(), false), ("/m/3".into(), false)]);
    assert!(told(below(false, 4, 0)).await.iter().all(|(_, stub)| !stub), "subjects are whole anyway");
}
