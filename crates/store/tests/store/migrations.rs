//! A house of an earlier version opens, with all that was in it.

use quintet_core::change::Change;
use quintet_core::event::{Body, Event};
use quintet_core::user::NewLogin;
use quintet_core::{AgentKey, Id};
use rusqlite::Connection;

use crate::conformance::outbox::{item, waiting};
use crate::house::{House, account, author};
use crate::letters::{letter, note};
use crate::pen::{Pen, at, drive};

/// The house as version 1 left it: two users (one without a key that the server holds), a room, a chat with its events.
const ROWS: &str = r#"
INSERT INTO facts (name, value) VALUES ('epoch', 77);
INSERT INTO resources (id, class, parent, thread, author, created_at, body) VALUES
    (0, 0, NULL, NULL, 0, 0, '{"name":"My house","description":"","default_room":5002}'),
    (5000, 4, NULL, NULL, 5000, 7, '{"id":5000,"username":"ann","nickname":"Ann","created_at":7}'),
    (5001, 4, NULL, NULL, 5001, 8, '{"id":5001,"username":"bob","nickname":"Bob","created_at":8}'),
    (5002, 2, NULL, NULL, 5000, 9, '{"id":5002,"name":"general","created_at":9,"created_by":5000}'),
    (5003, 1, 5002, NULL, 5000, 9, '{"id":5003,"room":5002,"author":{"id":5000,"name":"ann"},"content":"helo","created_at":9,"via":"concord"}');
INSERT INTO accounts (user, email, password, agent, agent_secret, token_generation) VALUES
    (5000, NULL, '$argon2id$1', CAST(zeroblob(31) || x'01' AS BLOB), CAST(zeroblob(31) || x'02' AS BLOB), 0),
    (5001, NULL, '$argon2id$1', CAST(zeroblob(31) || x'03' AS BLOB), x'', 4);
INSERT INTO logins (login, user) VALUES ('=ann', 5000), ('=bob', 5001);
INSERT INTO events (id, topic, place, at, author, author_name, via, body) VALUES
    (6000, 'user/5000', 1, 7, 5000, 'ann', 'concord', '{"user_joined":{"id":5000,"username":"ann","nickname":"Ann","created_at":7}}'),
    (6001, 'room/5002', 1, 9, 5000, 'ann', 'concord', '{"chat_posted":{"id":5003,"room":5002,"author":{"id":5000,"name":"ann"},"content":"helo","created_at":9,"via":"concord"}}'),
    (6002, 'room/5002', 2, 9, 5000, 'ann', 'concord', '{"chat_reacted":{"chat":5003,"room":5002,"reactions":[["+",1]]}}');
"#;

/// What version 2 added to that house: a document.
const DOCUMENT: &str = r#"
INSERT INTO documents (id, subject, above, heading, body) VALUES
    (7000, 'http://a.example/d', NULL, '{}', '{"https://p.example/a":1}');
"#;

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

fn key(last: u8) -> AgentKey {
    let mut key = [0; 32];
    key[31] = last;
    AgentKey(key)
}

#[tokio::test]
async fn a_house_of_version_one_keeps_its_users_and_gives_them_agents() {
    let house = House::of_file(|file| {
        let old = Connection::open(file).unwrap();
        old.execute_batch(include_str!("../../src/sqlite/migrations/0001.sql")).unwrap();
        old.execute_batch(ROWS).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
    });
    let snapshot = house.snapshot().await;
    let agents: Vec<_> = snapshot.users.iter().map(|(user, _)| (user.username.as_str(), user.agent)).collect();
    assert_eq!(agents, [("ann", key(1)), ("bob", key(3))]);
    assert_eq!(
        snapshot.secrets.iter().map(|(user, secret)| (*user, secret.0)).collect::<Vec<_>>(),
        [(id(5000), key(2).0)]
    );
    assert_eq!(house.store.account_by_login("bob").await.unwrap().unwrap().token_generation, 4);

    // An old key is somebody's, too.
    let mut taken = account(NewLogin::Agent("ann".into()));
    taken.agent = key(3);
    let admin = author(&snapshot.users[0].0);
    let refusal = house.refused(&admin, Change::Register(Box::new(taken))).await;
    assert_eq!(refusal.0, quintet_core::Kind::Conflict);

    let history = house.store.chat_history(id(5003), 9).await.unwrap();
    assert_eq!(history.iter().map(|event| event.id).collect::<Vec<_>>(), [id(6001), id(6002)]);
    assert_eq!(house.contents(quintet_core::chat::ChatFilter::default()).await, ["helo"]);
    let event = house.write(&Pen::root(), drive("/d")).await;
    assert_eq!(event.position.unwrap().epoch, 77);
}

#[tokio::test]
async fn a_house_of_version_two_hears_of_others() {
    let house = House::of_file(|file| {
        let old = Connection::open(file).unwrap();
        old.execute_batch(include_str!("../../src/sqlite/migrations/0001.sql")).unwrap();
        old.execute_batch(ROWS).unwrap();
        old.execute_batch(include_str!("../../src/sqlite/migrations/0002.sql")).unwrap();
        old.execute_batch(DOCUMENT).unwrap();
        old.pragma_update(None, "user_version", 2).unwrap();
    });
    let snapshot = house.snapshot().await;
    assert!(snapshot.users.iter().all(|(user, _)| user.remote.is_none()));
    assert!(snapshot.rooms.iter().all(|room| !room.federated));
    assert_eq!(snapshot.follows, []);
    let correspondence = house.store.correspondence();
    assert_eq!((correspondence.told().await.unwrap(), correspondence.peers().await.unwrap()), (Id::HOUSE, Vec::new()));
    assert_eq!(house.store.number(&at("/d")).await.unwrap(), Some(id(7000)));
    // What was reacted before that was kept says nothing of who did what.
    let log = correspondence.log(id(6001), 9).await.unwrap();
    assert!(matches!(&log[..], [Event { body: Body::ChatReacted { change: None, .. }, .. }]), "{log:?}");

    let ann = author(&snapshot.users[0].0);
    let bob = house.adopt("bob").await;
    house.follows(&ann, &bob).await;
    house.take(letter(&house, "notes/1", "Note", note("hello")).of(&bob)).await;
    correspondence.enqueue(id(6001), vec![item(&house, "b.example", "1")]).await.unwrap();
    assert_eq!(waiting(&house).await, ["1"]);
    assert!(house.entity("notes/1").await.unwrap().id > id(7000));
}
