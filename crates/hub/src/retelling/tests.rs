//! Vectors of retelling: what a listener of Atomic Data hears of a chat that came in by another room.

use std::sync::Arc;

use ed25519_dalek::{SigningKey, VerifyingKey};
use quintet_core::commit::Unverified;
use quintet_core::room::ServerRecord;
use quintet_core::topic::Topic;
use quintet_core::user::{AgentSecret, Status};
use quintet_core::{AgentKey, Author, Chat, Id, Origin, Properties, Room, Timestamp, User, term};
use quintet_store::Snapshot;
use serde_json::{Value, json};

use super::*;
use crate::directory::Directory;

const ANN: u64 = 4097;
const ROOM: u64 = 4101;
const CHAT: u64 = 5550;

/// What a teller needs: a house in which ann's key is held.
struct House {
    origin: Origin,
    directory: Directory,
    keyring: Keyring,
}

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

fn agent(seed: u8) -> AgentKey {
    AgentKey(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

fn user(number: u64, name: &str, agent: AgentKey) -> User {
    User {
        id: id(number),
        username: name.into(),
        nickname: name.into(),
        bio: None,
        avatar: None,
        created_at: Timestamp::from_millis(7),
        disabled: false,
        remote: None,
        agent,
        status: Status::Offline,
    }
}

impl House {
    fn new() -> Self {
        let origin = Origin("http://a.example".into());
        let server = ServerRecord { name: String::new(), description: String::new(), icon: None, default_room: None };
        let snapshot = Snapshot {
            server,
            users: vec![(user(ANN, "ann", agent(2)), 0)],
            secrets: Vec::new(),
            rooms: Vec::new(),
            roles: Vec::new(),
            follows: Vec::new(),
            grants: Vec::new(),
        };
        let keyring = Keyring::new(&[1; 32], origin.clone(), &[(id(ANN), AgentSecret([2; 32]))]);
        Self { origin, directory: Directory::new(snapshot), keyring }
    }

    fn teller(&self) -> Teller<'_> {
        let painter = Painter { origin: &self.origin, directory: &self.directory, house: self.keyring.house() };
        Teller { painter, keyring: &self.keyring }
    }

    fn subject(&self, path: &str) -> Subject {
        Subject::at(&self.origin, path)
    }

    /// What the commit says, where its signature is that of this agent.
    fn verified(&self, commit: &Commit, agent: AgentKey) -> Value {
        assert_eq!(AgentKey::within(&commit.signer, &self.origin), Some(agent));
        let unverified = Unverified::parse(&commit.json, &self.origin).unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(&unverified.signature);
        VerifyingKey::from_bytes(&agent.0).unwrap().verify_strict(unverified.signed.as_bytes(), &signature).unwrap();
        serde_json::from_str(&commit.json).unwrap()
    }
}

fn chat(subject: Option<Subject>) -> Chat {
    Chat {
        id: id(CHAT),
        room: id(ROOM),
        thread: None,
        author: Author { id: id(ANN), name: "ann".into() },
        content: "hello".into(),
        created_at: Timestamp::from_millis(1_763_000_000_000),
        edited: false,
        reactions: Vec::new(),
        via: "concord".into(),
        subject,
    }
}

fn room(description: Option<&str>) -> Room {
    Room {
        id: id(ROOM),
        parent: None,
        ordinality: 0,
        name: "general".into(),
        description: description.map(str::to_owned),
        capabilities: None,
        created_at: Timestamp::from_millis(5),
        created_by: Id::HOUSE,
        federated: false,
    }
}

fn said(body: Body) -> Event {
    Event {
        id: id(6000),
        topics: vec![Topic::room(id(ROOM))],
        position: Some(Position { epoch: 1, offset: 2 }),
        at: Timestamp::from_millis(1_763_000_000_500),
        author: Author { id: id(ANN), name: "ann".into() },
        via: "concord".into(),
        body,
        commit: None,
    }
}

fn reacted(reactions: Vec<(String, u64)>) -> Event {
    said(Body::ChatReacted { chat: id(CHAT), room: id(ROOM), thread: None, subject: None, reactions, change: None })
}

#[test]
fn a_chat_is_told_under_its_authors_key_and_always_alike() {
    let house = House::new();
    let (event, at) = (said(Body::ChatPosted(chat(None))), house.subject("/room/4101/5550"));
    let commit = house.teller().of_chat(&event, &at).unwrap();
    let told = house.verified(&commit, agent(2));
    let expected = json!({
        term::IS_A: [term::MESSAGE],
        term::DESCRIPTION: "hello",
        term::PARENT: "http://a.example/room/4101",
        term::CREATED_AT: 1_763_000_000_000_i64,
        term::CREATED_BY: agent(2).subject(&house.origin).as_str(),
    });
    assert_eq!((&told[term::SET], &told[term::CREATED_AT]), (&expected, &json!(1_763_000_000_500_i64)));
    assert_eq!(*house.teller().of_chat(&event, &at).unwrap(), *commit);
    assert_eq!(*House::new().teller().of_chat(&event, &at).unwrap(), *commit, "after a restart too");
}

#[test]
fn whoever_holds_its_own_key_is_told_of_by_the_house() {
    let house = House::new();
    house.directory.apply(&said(Body::UserJoined(user(4098, "bob", agent(9)))));
    let mut event = said(Body::ChatPosted(Chat { author: Author { id: id(4098), name: "bob".into() }, ..chat(None) }));
    event.author.id = id(4098);
    let told = house.teller().of_chat(&event, &house.subject("/room/4101/5550")).unwrap();
    let told = house.verified(&told, house.keyring.house());
    assert_eq!(told[term::SET][term::CREATED_BY], agent(9).subject(&house.origin).as_str());
}

#[test]
fn what_becomes_of_a_chat_is_told() {
    let house = House::new();
    let at = house.subject("/room/4101/5550");
    let told = |event: &Event| house.verified(&house.teller().of_chat(event, &at).unwrap(), agent(2));
    let edited = told(&said(Body::ChatEdited(Chat { content: "bye".into(), edited: true, ..chat(None) })));
    assert_eq!(edited[term::SET], json!({ term::DESCRIPTION: "bye" }));
    let felt = told(&reacted(vec![("👍".into(), 2)]));
    assert_eq!(felt[term::SET], json!({ term::REACTIONS: { "👍": 2 } }));
    assert_eq!(told(&reacted(Vec::new()))[term::REMOVE], json!([term::REACTIONS]));
    let gone = Body::ChatDeleted { chat: id(CHAT), room: id(ROOM), thread: None, subject: None };
    assert_eq!(told(&said(gone))[term::DESTROY], true);
    assert_eq!(house.teller().of_chat(&said(Body::RoomCreated(room(None))), &at), None);
}

#[test]
fn a_signed_commit_is_told_as_it_is_where_it_speaks_of_that_subject() {
    let house = House::new();
    let (own, at) = (house.subject("/01jc"), house.subject("/room/4101/5550"));
    let mut signed = Unsigned::new(own.clone());
    signed.set.insert(term::DESCRIPTION.into(), "hello".into());
    let signed = signed.sign("http://a.example/agents/x", Timestamp::from_millis(1), |_| [7; 64]);
    let posted = Event { commit: Some(Arc::new(signed.clone())), ..said(Body::ChatPosted(chat(Some(own.clone())))) };
    let subjects: Vec<_> = house.teller().subjects_of_chat(&posted).collect();
    assert_eq!(subjects, [at.clone(), own.clone()]);
    assert_eq!(*house.teller().of_chat(&posted, &own).unwrap(), signed);
    house.verified(&house.teller().of_chat(&posted, &at).unwrap(), agent(2));
    let body = Body::ChatReacted {
        chat: id(CHAT),
        room: id(ROOM),
        thread: None,
        subject: Some(own.clone()),
        reactions: vec![("👍".into(), 3)],
        change: None,
    };
    let felt = Event { commit: Some(Arc::new(signed)), ..said(body) };
    let counted = house.teller().of_chat(&felt, &own).unwrap();
    assert_eq!(counted.set[term::REACTIONS], json!({ "👍": 3 }), "what all felt, not only the signer");
}

#[test]
fn a_room_hears_of_its_messages_by_the_houses_key() {
    let house = House::new();
    let own = house.subject("/01jc");
    for (subject, named) in [(None, "http://a.example/room/4101/5550"), (Some(own), "http://a.example/01jc")] {
        let event = said(Body::ChatPosted(chat(subject)));
        let commit = house.teller().of_room(&event).unwrap();
        let told = house.verified(&commit, house.keyring.house());
        assert_eq!((&told[term::SUBJECT], told.get(term::SET)), (&json!("http://a.example/room/4101"), None));
        let message = &told[term::PUSH][term::MESSAGES][0];
        assert_eq!((&message["@id"], &message[term::DESCRIPTION]), (&json!(named), &json!("hello")));
        assert_eq!(house.teller().of_room_itself(&event), None, "no part of what the room is itself");
    }
    assert_eq!(house.teller().of_room(&reacted(Vec::new())), None);
}

#[test]
fn what_becomes_of_a_room_is_told() {
    let house = House::new();
    let told = |body| house.teller().of_room(&said(body)).unwrap();
    let state = told(Body::RoomCreated(room(Some("all")))).apply(Properties::new()).unwrap().unwrap();
    assert_eq!((&state[term::NAME], &state[term::PARENT]), (&json!("general"), &json!("http://a.example")));
    let changed = told(Body::RoomChanged(Room { name: "hall".into(), ..room(None) }));
    let state = changed.apply(state).unwrap().unwrap();
    assert_eq!((state[term::NAME].as_str(), state.get(term::DESCRIPTION)), (Some("hall"), None));
    assert!(told(Body::RoomDeleted { room: id(ROOM) }).destroy);
}

#[test]
fn a_message_that_is_a_document_is_pushed_to_what_it_stands_in() {
    let house = House::new();
    let made = |class: &str, created| {
        let mut unsigned = Unsigned::new(house.subject("/m"));
        unsigned.set.insert(term::IS_A.into(), json!([class]));
        unsigned.set.insert(term::PARENT.into(), "http://a.example/chat".into());
        let commit = Arc::new(house.keyring.sign(id(ANN), Timestamp::from_millis(1), unsigned));
        let committed = Committed { subject: house.subject("/m"), created, audience: Audience::Everyone };
        (Event { commit: Some(commit), ..said(Body::Committed(committed.clone())) }, committed)
    };
    let parent = |(event, committed): (Event, Committed)| house.teller().room_of_message(&event, &committed);
    assert_eq!(parent(made(term::MESSAGE, false)), None, "only what is new");
    assert_eq!(parent(made(term::DRIVE, true)), None);
    let (event, committed) = made(term::MESSAGE, true);
    let room = parent((event.clone(), committed)).unwrap();
    assert_eq!(room, house.subject("/chat"));
    let told = house.verified(&house.teller().of_message(&event, &room).unwrap(), house.keyring.house());
    let message = &told[term::PUSH][term::MESSAGES][0];
    assert_eq!(message["@id"], "http://a.example/m");
    assert_eq!(message[term::LAST_COMMIT], event.commit.unwrap().id());
}
