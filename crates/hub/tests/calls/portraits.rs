//! Rooms, chats and users, read as documents.

use quintet_core::chat::NewChat;
use quintet_core::document::DocumentQuery;
use quintet_core::room::RoomEdit;
use quintet_core::{AgentKey, Call, Id, Identity, Kind, Limits, Timestamp, term};
use quintet_hub::Rules;
use serde_json::{Value, json};

use crate::house::{House, Who, caller, house, public, rules};
use crate::sheets::{at, chat_at, room_at, whole};

#[tokio::test]
async fn a_room_is_a_chat_room() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let top = house_.room("top", None).await;
    let within = house_.room("within", Some(top.id)).await;
    let edit = RoomEdit { name: None, description: Some(Some("all of it".into())), federated: None };
    house_.ask(&house(), Call::ChangeRoom { room: top.id, edit }).await.unwrap();
    let read = house_.read(&ann, &room_at(top.id)).await.unwrap();
    assert!(read.is_a(term::CHAT_ROOM));
    assert_eq!((read.text(term::NAME), read.text(term::DESCRIPTION)), (Some("top"), Some("all of it")));
    assert_eq!(read.text(term::PARENT), Some("http://localhost:8080"));
    assert_eq!(read.properties[term::CREATED_AT], json!(top.created_at.millis()));
    assert_eq!((&read.properties[term::MESSAGES], read.text(term::NEXT_PAGE)), (&json!([]), None));
    let read = house_.read(&ann, &room_at(within.id)).await.unwrap();
    assert_eq!(read.text(term::PARENT), Some(room_at(top.id).as_str()));
}

#[tokio::test]
async fn a_room_shows_its_newest_messages_the_oldest_first() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    for number in 0..53 {
        house_.pass_millis(10);
        house_.post(&ann, room, &number.to_string()).await;
    }
    let newest = house_.read(&ann, &room_at(room)).await.unwrap();
    assert_eq!(said(&newest.properties), (3..53).map(|number| number.to_string()).collect::<Vec<_>>());
    let first = &newest.properties[term::MESSAGES][0];
    let next = newest.text(term::NEXT_PAGE).unwrap();
    assert_eq!(next, format!("{}?before-timestamp={}", room_at(room), first[term::CREATED_AT]));
    let before = first[term::CREATED_AT].as_i64().map(Timestamp::from_millis);
    let rest = house_.look(&ann, DocumentQuery { before, ..whole(room_at(room)) }).await.unwrap().document;
    assert_eq!((said(&rest.properties), rest.text(term::NEXT_PAGE)), (vec!["0".into(), "1".into(), "2".into()], None));
}

#[tokio::test]
async fn a_page_of_long_messages_has_fewer_and_none_is_lost() {
    let house_ = House::with(Limits { page_bytes: 3_500, ..Limits::default() }, rules()).await;
    let ann = house_.register("ann").await;
    let (room, talk) = (house_.room("room", None).await.id, at("/talk"));
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let chat_room = json!({ term::IS_A: [term::CHAT_ROOM], term::NAME: "talk", term::PARENT: at("/d").as_str() });
    house_.make("/talk", chat_room).await;
    for number in 0..7 {
        house_.pass_millis(10);
        let words = format!("{number}{}", "x".repeat(1_000));
        house_.post(&ann, room, &words).await;
        let message = json!({
            term::IS_A: [term::MESSAGE],
            term::DESCRIPTION: words,
            term::PARENT: talk.as_str(),
            term::CREATED_AT: number + 1,
        });
        house_.make(&format!("/m/{number}"), message).await;
    }
    for subject in [room_at(room), talk] {
        let (mut before, mut pages) = (None, Vec::new());
        loop {
            let query = DocumentQuery { before, ..whole(subject.clone()) };
            let page = house_.look(&ann, query).await.unwrap().document;
            pages.push(said(&page.properties).iter().map(|words| words[..1].to_owned()).collect::<String>());
            let Some(next) = page.text(term::NEXT_PAGE) else { break };
            before = next.rsplit('=').next().unwrap().parse().ok().map(Timestamp::from_millis);
        }
        assert_eq!(pages, ["56", "34", "12", "0"], "{subject}");
    }
}

fn said(properties: &quintet_core::Properties) -> Vec<String> {
    let messages = properties[term::MESSAGES].as_array().unwrap();
    messages.iter().map(|message| message[term::DESCRIPTION].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_chat_is_a_message() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let chat = house_.post(&ann, room, "hello").await;
    let read = house_.read(&ann, &chat_at(room, chat.id)).await.unwrap();
    let expected = json!({
        "@id": chat_at(room, chat.id).as_str(),
        term::IS_A: [term::MESSAGE],
        term::DESCRIPTION: "hello",
        term::PARENT: room_at(room).as_str(),
        term::CREATED_AT: chat.created_at.millis(),
        term::CREATED_BY: house_.agent_of(&ann).await,
        term::LAST_COMMIT: latest(&house_, &ann, &chat_at(room, chat.id)).await,
    });
    assert_eq!(read.json(), expected);
    house_.done(&ann, Call::React { chat: chat.id, reaction: "👍".into(), adding: true }).await;
    let read = house_.read(&ann, &chat_at(room, chat.id)).await.unwrap();
    assert_eq!(read.properties[term::REACTIONS], json!({ "👍": 1 }));
    let shown = house_.read(&ann, &room_at(room)).await.unwrap();
    assert_eq!(shown.properties[term::MESSAGES], json!([read.json()]), "the same within its room");
    let other = house_.room("other", None).await.id;
    assert_eq!(house_.unread(&ann, &chat_at(other, chat.id)).await.0, Kind::NotFound, "only where it was said");
}

#[tokio::test]
async fn a_chat_is_the_same_under_its_own_subject() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let new = NewChat { subject: Some(at("/01jc")), ..crate::house::new_chat(room, "hello") };
    let chat = crate::house::chat(house_.ask(&ann, Call::PostChat(new)).await);
    let own = house_.read(&ann, &at("/01jc")).await.unwrap();
    let same = house_.read(&ann, &chat_at(room, chat.id)).await.unwrap();
    let but_for_its_commits = |mut properties: quintet_core::Properties| {
        properties.remove(term::LAST_COMMIT).unwrap();
        properties
    };
    assert_eq!(own.subject, at("/01jc"));
    assert_eq!(but_for_its_commits(own.properties), but_for_its_commits(same.properties));
    let shown = house_.read(&ann, &room_at(room)).await.unwrap();
    assert_eq!(shown.properties[term::MESSAGES][0]["@id"], at("/01jc").as_str(), "lists name it as its author does");
    assert_eq!(house_.unread(&public(), &at("/01jc")).await.0, Kind::Unauthenticated);
}

#[tokio::test]
async fn what_may_not_be_viewed_looks_as_if_it_was_not_there() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let private = house_.private_room(&bob).await;
    let chat = house_.post(&bob, private, "secret").await.id;
    let missing = Id::new(4097).unwrap();
    let pairs = [(room_at(private), room_at(missing)), (chat_at(private, chat), chat_at(missing, chat))];
    for (hidden, absent) in pairs {
        assert!(house_.read(&bob, &hidden).await.is_ok());
        for who in [&ann, &public(), &caller(Identity::Agent(AgentKey([7; 32])))] {
            let (kind, text) = house_.unread(who, &hidden).await;
            let (other, same) = house_.unread(who, &absent).await;
            assert_eq!((kind, text.replace(hidden.as_str(), absent.as_str())), (other, same));
        }
        assert_eq!(
            house_.unread(&ann, &hidden).await,
            (Kind::NotFound, format!("Failed to retrieve locally: '{hidden}'"))
        );
        let sign_in = "This resource is not publicly readable. Try signing in".to_owned();
        assert_eq!(house_.unread(&public(), &hidden).await, (Kind::Unauthenticated, sign_in));
    }
}

#[tokio::test]
async fn strangers_read_open_rooms_where_the_house_lets_them() {
    let house_ = House::with(Limits::default(), Rules { public_read: true, ..rules() }).await;
    let ann = house_.register("ann").await;
    let (room, private) = (house_.room("room", None).await.id, house_.private_room(&ann).await);
    for stranger in [public(), caller(Identity::Agent(AgentKey([7; 32])))] {
        assert!(house_.read(&stranger, &room_at(room)).await.is_ok());
        assert!(house_.read(&stranger, &room_at(private)).await.is_err());
    }
}

#[tokio::test]
async fn an_agent_certifies_itself() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let subject = quintet_core::Subject::parse(&house_.agent_of(&ann).await).unwrap();
    let known = house_.read(&public(), &subject).await.unwrap();
    assert_eq!((known.text(term::NAME), known.is_a(term::AGENT)), (Some("ann"), true));
    assert_eq!(known.properties[term::READ], json!([term::PUBLIC_AGENT]));
    let key = AgentKey([9; 32]);
    let stranger = house_.read(&public(), &key.subject(&at("").origin())).await.unwrap();
    let mut properties = stranger.properties;
    assert!(properties.remove(term::LAST_COMMIT).is_some());
    let expected = json!({ term::IS_A: [term::AGENT], term::PUBLIC_KEY: key.base64() });
    assert_eq!(Value::Object(properties), expected);
    house_
        .make(subject.path(), json!({ term::NAME: "Ann", term::PUBLIC_KEY: "x", term::DRIVES: ["http://d.example"] }))
        .await;
    let told = house_.read(&public(), &subject).await.unwrap();
    assert_eq!(told.text(term::NAME), Some("Ann"), "what it says of itself");
    assert_eq!(told.properties[term::PUBLIC_KEY], known.properties[term::PUBLIC_KEY], "but never another key");
    assert_eq!(told.properties[term::CREATED_AT], known.properties[term::CREATED_AT]);
    assert!(ann.id().get() > 0);
}

/// The commit that the history of a subject ends with.
async fn latest(house_: &House, who: &quintet_hub::Caller, subject: &quintet_core::Subject) -> String {
    house_.commits(who, subject).await.unwrap().last().unwrap().id()
}

/// The last commit of a portrait.
async fn mark(house_: &House, who: &quintet_hub::Caller, subject: &quintet_core::Subject) -> String {
    house_.read(who, subject).await.unwrap().text(term::LAST_COMMIT).unwrap().to_owned()
}

/// `@tomic/lib` takes a document for another one than it has only where its last commit differs.
#[tokio::test]
async fn the_last_commit_of_a_chat_is_that_of_its_last_event() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let new = NewChat { subject: Some(at("/01jc")), ..crate::house::new_chat(room, "hello") };
    let chat = crate::house::chat(house_.ask(&ann, Call::PostChat(new)).await).id;
    let acts = [
        Call::React { chat, reaction: "👍".into(), adding: true },
        Call::EditChat { chat, content: "bye".into() },
        Call::React { chat, reaction: "👍".into(), adding: false },
    ];
    let mut marks = vec![mark(&house_, &ann, &at("/01jc")).await];
    for act in acts {
        house_.pass_millis(1);
        house_.ask(&ann, act).await.unwrap();
        for subject in [at("/01jc"), chat_at(room, chat)] {
            assert_eq!(mark(&house_, &ann, &subject).await, latest(&house_, &ann, &subject).await);
        }
        let now = mark(&house_, &ann, &at("/01jc")).await;
        assert!(!marks.contains(&now));
        let shown = house_.read(&ann, &room_at(room)).await.unwrap();
        assert_eq!(shown.properties[term::MESSAGES][0][term::LAST_COMMIT], *now, "the same within its room");
        let within = house_.find(&ann, crate::sheets::with(term::PARENT, room_at(room).as_str())).await.unwrap();
        assert_eq!(within.members[0].text(term::LAST_COMMIT), Some(&*now), "and in lists");
        marks.push(now);
    }
}

#[tokio::test]
async fn the_last_commit_of_a_room_changes_with_whatever_it_shows() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let mut marks = vec![mark(&house_, &ann, &room_at(room)).await];
    assert_eq!(marks[0], latest(&house_, &ann, &room_at(room)).await);
    let chat = house_.post(&ann, room, "hello").await.id;
    let edit = RoomEdit { name: Some("hall".into()), description: None, federated: None };
    let acts = [
        (&ann, Call::EditChat { chat, content: "bye".into() }),
        (&ann, Call::React { chat, reaction: "👍".into(), adding: true }),
        (&ann, Call::StartThread { chat, name: "more".into() }),
        (&house(), Call::ChangeRoom { room, edit }),
        (&ann, Call::DeleteChat(chat)),
    ];
    for (who, act) in acts {
        marks.push(mark(&house_, &ann, &room_at(room)).await);
        house_.pass_millis(1);
        house_.ask(who, act).await.unwrap();
    }
    marks.push(mark(&house_, &ann, &room_at(room)).await);
    assert_eq!(mark(&house_, &ann, &room_at(room)).await, marks[6], "nothing happened");
    let different: std::collections::HashSet<_> = marks.iter().collect();
    assert_eq!(different.len(), 7);
}

#[tokio::test]
async fn the_last_commit_of_an_agent_follows_what_it_shows() {
    let house_ = House::new().await;
    let agent = crate::signer::Agent::new(1);
    let subject = agent.key().subject(&at("").origin());
    let stranger = mark(&house_, &public(), &subject).await;
    assert_eq!(mark(&house_, &public(), &subject).await, stranger);
    house_.hand_in(&agent, crate::signer::set("/d", json!({ term::IS_A: [term::DRIVE] }))).await.unwrap();
    let user = mark(&house_, &public(), &subject).await;
    assert_ne!(user, stranger);
    let named = crate::signer::set(subject.path(), json!({ term::NAME: "Ann" }));
    let named = house_.hand_in(&agent, named).await.unwrap();
    assert_eq!(mark(&house_, &public(), &subject).await, named.id());
}
