//! A house with an open room, a private one and a room within it, and who may do what there.

use std::collections::HashSet;

use quintet_core::change::RightsChange;
use quintet_core::right::{Grant, Holder, Rights, Role, Scope};
use quintet_core::room::ServerRecord;
use quintet_core::user::Status;
use quintet_core::{Kind, Room, Timestamp, User};
use quintet_store::Snapshot;

use super::*;

mod audible;

const START: Timestamp = Timestamp::from_millis(0);

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

const ADMIN: u64 = 5000;
const ANN: u64 = 5001;
const BOB: u64 = 5002;
const EVE: u64 = 5003;
const OPEN: u64 = 6000;
const PRIVATE: u64 = 6001;
const WITHIN: u64 = 6002;
const FRIENDS: u64 = 7000;

fn user(number: u64, name: &str) -> User {
    User {
        id: id(number),
        username: name.into(),
        nickname: name.into(),
        bio: None,
        avatar: None,
        created_at: START,
        disabled: name == "eve",
        agent: AgentKey([8; 32]),
        remote: None,
        status: Status::Offline,
    }
}

fn room(number: u64, parent: Option<u64>) -> Room {
    Room {
        id: id(number),
        parent: parent.map(id),
        ordinality: 0,
        name: "room".into(),
        description: None,
        capabilities: None,
        created_at: START,
        created_by: id(ADMIN),
        federated: false,
    }
}

fn grant(scope: Scope, holder: Holder, right: Right, value: i32) -> Grant {
    let mut rights = Rights::default();
    rights.set(right, value);
    Grant { scope, holder, rights }
}

/// In the private room everybody's view is taken, and given back to friends; bob is one. Ann may not write in the open room. Eve is locked out.
fn directory() -> Arc<Directory> {
    let private = Scope::Room(id(PRIVATE));
    let users = [(ADMIN, "admin"), (ANN, "ann"), (BOB, "bob"), (EVE, "eve")];
    Arc::new(Directory::new(Snapshot {
        server: ServerRecord { name: String::new(), description: String::new(), icon: None, default_room: None },
        users: users.map(|(number, name)| (user(number, name), 0)).to_vec(),
        secrets: Vec::new(),
        rooms: vec![room(OPEN, None), room(PRIVATE, None), room(WITHIN, Some(PRIVATE))],
        roles: vec![(Role { id: id(FRIENDS), name: "friends".into(), ordinality: 0 }, vec![id(BOB), id(EVE)])],
        follows: Vec::new(),
        grants: vec![
            Grant { scope: Scope::Server, holder: Holder::User(id(ADMIN)), rights: Rights::admin() },
            grant(private, Holder::Role(Id::EVERYONE), Right::View, -1),
            grant(private, Holder::Role(id(FRIENDS)), Right::View, 2),
            grant(Scope::Room(id(OPEN)), Holder::User(id(ANN)), Right::Write, -1),
        ],
    }))
}

fn policy(public_read: bool) -> Policy {
    Policy::new(directory(), public_read)
}

fn who(number: u64) -> Identity {
    Identity::User(id(number))
}

fn event(topics: Vec<Topic>, body: Body) -> Event {
    Event {
        id: Id::HOUSE,
        topics,
        position: None,
        at: START,
        author: Author::house(),
        via: "test".into(),
        body,
        commit: None,
    }
}

fn typing(number: u64) -> Body {
    Body::Typing { room: id(number), thread: None, sent_at: START }
}

fn said_in(number: u64) -> Event {
    event(vec![Topic::room(id(number))], typing(number))
}

fn message(name: &str) -> Body {
    Body::Message { name: name.into(), payload: "1".into() }
}

fn session() -> Body {
    Body::Session { dialect: "test".into(), authenticated: true }
}

fn worker() -> Identity {
    Identity::Worker("w".into())
}

fn notice() -> Body {
    Body::Notice("{}".into())
}

#[test]
fn rights_are_inherited_by_the_rooms_within() {
    let (view, write, manage) = (Right::View, Right::Write, Right::ManageRooms);
    let table = [
        (who(ANN), view, OPEN, true),
        (who(ANN), write, OPEN, false),
        (who(BOB), write, OPEN, true),
        (who(BOB), manage, OPEN, false),
        (who(ANN), view, PRIVATE, false),
        (who(BOB), view, PRIVATE, true),
        (who(ANN), view, WITHIN, false),
        (who(BOB), view, WITHIN, true),
        (who(ADMIN), view, WITHIN, true),
        (who(ADMIN), manage, OPEN, true),
        (who(EVE), view, OPEN, false),
        (who(9999), view, OPEN, false),
        (who(BOB), view, 9999, false),
        (who(ADMIN), view, 9999, false),
        (Identity::Public, view, OPEN, false),
        (Identity::House, manage, PRIVATE, true),
        (Identity::Agent(AgentKey([0; 32])), view, OPEN, false),
        (Identity::Worker("w".into()), manage, PRIVATE, true),
    ];
    let policy = policy(false);
    for (who, right, room, expected) in table {
        assert_eq!(policy.may(&who, right, id(room)), expected, "{who:?} {right:?} {room}");
    }
}

#[test]
fn the_public_reads_what_everybody_may_and_does_nothing_else() {
    let policy = policy(true);
    let key = Identity::Agent(AgentKey([0; 32]));
    assert!(policy.may(&key, Right::View, id(OPEN)) && !policy.may(&key, Right::Write, id(OPEN)), "nor does a key");
    assert!(policy.may(&Identity::Public, Right::View, id(OPEN)));
    assert!(!policy.may(&Identity::Public, Right::View, id(PRIVATE)));
    assert!(!policy.may(&Identity::Public, Right::View, id(9999)));
    for right in Right::ALL.into_iter().filter(|right| *right != Right::View) {
        assert!(!policy.may(&Identity::Public, right, id(OPEN)), "{right:?}");
    }
}

#[test]
fn open_rooms_are_decided_without_asking_each_listener() {
    assert_eq!(policy(false).readers(&said_in(OPEN)), Readers::Users);
    assert_eq!(policy(true).readers(&said_in(OPEN)), Readers::Everyone);
    for private in [PRIVATE, WITHIN, 9999] {
        assert_eq!(policy(true).readers(&said_in(private)), Readers::Room(id(private)));
    }
}

#[test]
fn a_grant_that_only_gives_leaves_a_room_open() {
    let directory = directory();
    let policy = Policy::new(Arc::clone(&directory), false);
    let set = |value| {
        let grant = grant(Scope::Server, Holder::User(id(ANN)), Right::View, value);
        directory.apply(&event(vec![Topic::rights()], Body::RightsChanged(RightsChange::Granted(grant))));
    };
    set(1);
    assert_eq!(policy.readers(&said_in(OPEN)), Readers::Users);
    set(-1);
    assert_eq!(policy.readers(&said_in(OPEN)), Readers::Room(id(OPEN)));
    assert!(!policy.may(&who(ANN), Right::View, id(OPEN)));
}

#[test]
fn a_private_room_that_goes_is_told_to_those_who_saw_it() {
    let gone = event(vec![Topic::room(id(WITHIN))], Body::RoomDeleted { room: id(WITHIN) });
    let saw: HashSet<_> = [id(ADMIN), id(BOB)].into();
    assert_eq!(policy(false).readers(&gone), Readers::These(Arc::new(saw)));
}

#[test]
fn every_topic_has_its_readers() {
    let (ann, table) = (Topic::user(id(ANN)), policy(false));
    let joined = Body::UserJoined(user(ANN, "ann"));
    let changed = Body::UserChanged { user: user(ANN, "ann"), token_generation: 0 };
    let rights = Body::RightsChanged(RightsChange::RoleDeleted(id(FRIENDS)));
    let cases = [
        (ann.clone(), joined, Readers::Users),
        (ann.clone(), changed, Readers::Users),
        (ann.clone(), Body::StatusChanged(Status::Online), Readers::Users),
        (ann, notice(), Readers::Owner(id(ANN))),
        (Topic::user(Id::PUBLIC), notice(), Readers::Owner(Id::PUBLIC)),
        (Topic::of(&["user", "x"]), notice(), Readers::Nobody),
        (Topic::channel("lobby"), notice(), Readers::Named),
        (Topic::client("c"), notice(), Readers::Named),
        (Topic::of(&["notes", "1"]), message("x"), Readers::Users),
        (Topic::channel("lobby"), message("x"), Readers::Nobody),
        (Topic::authenticated(id(ANN)), session(), Readers::OwnerOrAdmin(id(ANN))),
        (Topic::disconnected(id(ANN)), session(), Readers::OwnerOrAdmin(id(ANN))),
        (Topic::user(id(ANN)), session(), Readers::Nobody),
        (Topic::disconnected(id(ANN)), notice(), Readers::Nobody),
        (Topic::room(id(OPEN)), notice(), Readers::Users),
        (Topic::of(&["room", "x"]), notice(), Readers::Nobody),
        (Topic::rights(), rights, Readers::Nobody),
        (Topic::of(&["elsewhere"]), notice(), Readers::Nobody),
    ];
    for (topic, body, expected) in cases {
        assert_eq!(table.readers(&event(vec![topic.clone()], body)), expected, "{topic}");
    }
    assert_eq!(table.readers(&event(vec![], notice())), Readers::Nobody);
}

#[test]
fn readers_hear_and_others_do_not() {
    let these = Readers::These(Arc::new([id(ANN)].into()));
    // The readers, and whether ann, bob and the public hear.
    let table = [
        (Readers::Everyone, [true, true, true]),
        (Readers::Named, [false, false, false]),
        (Readers::Users, [true, true, false]),
        (Readers::OwnerOrAdmin(id(BOB)), [false, true, false]),
        (Readers::Owner(id(ANN)), [true, false, false]),
        (Readers::Owner(Id::PUBLIC), [false, false, true]),
        (Readers::Room(id(PRIVATE)), [false, true, false]),
        (Readers::Room(id(9999)), [false, false, false]),
        (these, [true, false, false]),
        (Readers::Nobody, [false, false, false]),
    ];
    let policy = policy(true);
    for (readers, expected) in table {
        let hear = [who(ANN), who(BOB), Identity::Public].map(|who| policy.hears(&readers, &who, false));
        assert_eq!(hear, expected, "{readers:?}");
        for who in [Identity::House, Identity::Worker("w".into())] {
            assert!(policy.hears(&readers, &who, false), "{readers:?} {who:?}");
        }
    }
    assert!(policy.hears(&Readers::Named, &Identity::Public, true));
    assert!(policy.hears(&Readers::OwnerOrAdmin(id(BOB)), &who(ADMIN), false));
}

#[test]
fn listening_asks_for_the_right_to_view() {
    let exact = |topic: Topic| Pattern::from(topic);
    let of = |path: &str, whole| Pattern::of_path(path, whole);
    // The pattern, and whether ann, bob and the public may listen.
    let table = [
        (exact(Topic::room(id(OPEN))), [true, true, false]),
        (exact(Topic::room(id(WITHIN))), [false, true, false]),
        (exact(Topic::room(id(9999))), [false, false, false]),
        (exact(Topic::of(&["room", "x"])), [false, false, false]),
        (Pattern::all("room"), [true, true, false]),
        (Pattern::all("user"), [true, true, false]),
        (exact(Topic::user(id(BOB))), [true, true, true]),
        (exact(Topic::channel("lobby")), [true, true, true]),
        (exact(Topic::room_document(id(OPEN))), [true, true, false]),
        (exact(Topic::chat_document(id(WITHIN), id(9999))), [false, true, false]),
        (exact(Topic::of(&["resource", "notes", "1"])), [true, true, true]),
        (exact(Topic::client("c")), [true, true, true]),
        (Pattern::all("channel"), [false, false, false]),
        (exact(Topic::rights()), [false, false, false]),
        (exact(Topic::authenticated(id(BOB))), [false, true, false]),
        (exact(Topic::disconnected(id(BOB))), [false, true, false]),
        (exact(Topic::of(&["notes", "1"])), [true, true, false]),
        (of("room/6000", false), [true, true, false]),
        (of("room/6002", false), [false, true, false]),
        (of("room/*", true), [true, true, false]),
        (of("room", false), [true, true, false]),
        (of("room/x", false), [false, false, false]),
        (of("user", false), [true, true, false]),
        (of("user/5002", false), [true, true, true]),
        (of("user/disconnected", false), [true, true, false]),
        (of("user/disconnected/*", false), [true, true, false]),
        (of("user/disconnected/5002", false), [false, true, false]),
        (of("auth/authenticated/*", true), [true, true, false]),
        (of("auth/elsewhere", false), [false, false, false]),
        (of("channel/lobby", false), [true, true, true]),
        (of("channel", false), [false, false, false]),
        (of("client/*", true), [false, false, false]),
        (of("resource", false), [true, true, false]),
        (of("resource/room/6002", false), [false, true, false]),
        (of("server", false), [false, false, false]),
        (of("instance/x", false), [false, false, false]),
        (of("notes", false), [true, true, false]),
        (of("notes/*", true), [true, true, false]),
        (of("*", false), [true, true, false]),
        (of("*/6002", false), [true, true, false]),
    ];
    let policy = policy(false);
    for (pattern, expected) in table {
        let may = [who(ANN), who(BOB), Identity::Public].map(|who| policy.may_listen(&who, &pattern));
        assert_eq!(may, expected, "{pattern:?}");
        assert!(policy.may_listen(&Identity::House, &pattern) && policy.may_listen(&worker(), &pattern));
    }
}

#[test]
fn publishing_asks_for_the_right_to_write() {
    let table = [
        (who(BOB), Topic::room(id(OPEN)), typing(OPEN), None),
        (who(ANN), Topic::room(id(OPEN)), typing(OPEN), Some(Kind::Forbidden)),
        (who(ANN), Topic::room(id(PRIVATE)), typing(PRIVATE), Some(Kind::NotFound)),
        (who(ANN), Topic::room(id(9999)), typing(9999), Some(Kind::NotFound)),
        (who(BOB), Topic::room(id(OPEN)), typing(PRIVATE), Some(Kind::Forbidden)),
        (who(BOB), Topic::channel("lobby"), typing(OPEN), Some(Kind::Forbidden)),
        (who(BOB), Topic::room(id(OPEN)), notice(), None),
        (who(ANN), Topic::room(id(OPEN)), notice(), Some(Kind::Forbidden)),
        (Identity::Public, Topic::room(id(OPEN)), notice(), Some(Kind::Forbidden)),
        (who(ANN), Topic::of(&["room", "x"]), notice(), Some(Kind::NotFound)),
        (Identity::Public, Topic::user(id(ANN)), notice(), None),
        (Identity::Public, Topic::channel("lobby"), notice(), None),
        (Identity::Public, Topic::client("c"), notice(), None),
        (who(BOB), Topic::rights(), notice(), Some(Kind::Forbidden)),
        (who(BOB), Topic::user(id(BOB)), Body::StatusChanged(Status::Online), Some(Kind::Forbidden)),
        (who(BOB), Topic::room(id(OPEN)), Body::RoomDeleted { room: id(OPEN) }, Some(Kind::Forbidden)),
        (Identity::House, Topic::user(id(BOB)), Body::StatusChanged(Status::Online), None),
        (worker(), Topic::user(id(BOB)), Body::StatusChanged(Status::Online), Some(Kind::Forbidden)),
        (worker(), Topic::room(id(PRIVATE)), notice(), None),
        (worker(), Topic::room(id(OPEN)), typing(OPEN), Some(Kind::Forbidden)),
        (worker(), Topic::of(&["notes"]), notice(), Some(Kind::Forbidden)),
        (worker(), Topic::of(&["notes"]), message("chat:sent"), None),
        (worker(), Topic::of(&["notes"]), message("error"), Some(Kind::Forbidden)),
        (Identity::House, Topic::room(id(OPEN)), message("x"), Some(Kind::Forbidden)),
        (who(BOB), Topic::of(&["notes", "1"]), message("notes/1"), None),
        (who(BOB), Topic::of(&["notes"]), message("app::echo"), Some(Kind::Forbidden)),
        (who(BOB), Topic::of(&["notes"]), message("worker::call"), Some(Kind::Forbidden)),
        (who(BOB), Topic::of(&["notes"]), message("chat:sent"), Some(Kind::Forbidden)),
        (Identity::Public, Topic::of(&["notes"]), message("x"), Some(Kind::Unauthenticated)),
        (Identity::Agent(AgentKey([0; 32])), Topic::of(&["notes"]), message("x"), Some(Kind::Unauthenticated)),
        (who(BOB), Topic::disconnected(id(BOB)), session(), Some(Kind::Forbidden)),
    ];
    let reserved = RESERVED.map(|kind| (who(BOB), Topic::of(&[kind, "1"]), message("x"), Some(Kind::Forbidden)));
    let table = table.into_iter().chain(reserved);
    let policy = policy(true);
    for (who, topic, body, expected) in table {
        let refused = policy.may_publish(&who, &topic, &body).err().map(|error| error.kind());
        assert_eq!(refused, expected, "{who:?} {topic} {}", body.name());
    }
}

#[test]
fn an_author_has_number_and_name() {
    let policy = policy(false);
    let ann = policy.author(&who(ANN));
    assert_eq!((ann.id, &*ann.name), (id(ANN), "ann"));
    assert_eq!(policy.author(&Identity::Public), Author::public());
    assert_eq!(policy.author(&Identity::House), Author::house());
}

#[test]
fn only_known_and_enabled_users_are_welcome() {
    let policy = policy(false);
    let welcome = [who(ANN), who(EVE), who(9999), Identity::Public].map(|who| policy.is_welcome(&who));
    assert_eq!(welcome, [true, false, false, true]);
}
