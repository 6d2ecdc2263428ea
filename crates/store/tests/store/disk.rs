//! What only the store on disk does: it stays.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use futures_util::future::join_all;
use quintet_core::change::Change;
use quintet_core::chat::ChatFilter;
use quintet_core::error::Kind;
use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::topic::Topic;
use quintet_core::user::NewLogin;
use quintet_store::{Post, Rooms, Settled, Store};

use crate::conformance::outbox::{item, told, waiting};
use crate::house::{DAWN, House, chat, image, open, room_in};
use crate::letters::{host, letter, note};

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let house = House::on_disk();
    let (admin, general) = house.found().await;
    let ann = house.register(NewLogin::Email("Ann@example.org".into())).await;
    let chat = house.post(&admin, general.id, "running late").await;
    for change in [
        Change::React { chat: chat.id, reaction: "a.b".into(), adding: true },
        Change::StartThread { chat: chat.id, name: "late".into() },
        Change::CreateRoom(room_in(general.id, "menu")),
        Change::CreateRole { name: "mods".into(), ordinality: 2 },
        Change::SetAvatar { user: ann.id, image: image(b"face") },
        Change::SetDisabled { user: ann.id, disabled: true },
        Change::SetGrant(Grant {
            scope: Scope::Room(general.id),
            holder: Holder::User(ann.id),
            rights: Rights::admin(),
        }),
    ] {
        house.make(&admin, change).await;
    }
    let role = house.snapshot().await.roles[0].0.id;
    house.make(&admin, Change::AssignRole { role, user: ann.id, member: true }).await;
    let secret = house.store.secret("tokens", [5; 32]).await.unwrap();

    let (before, view) = (everything(&house).await, house.heard.lock().clone());
    let house = house.reopen().await;
    assert_eq!(everything(&house).await, before);
    assert_eq!(house.store.secret("tokens", [6; 32]).await.unwrap(), secret);

    // Numbers and places go on, though the clock stands still.
    let last = view.last().unwrap();
    let next = house.append(&admin, Change::AssignRole { role, user: ann.id, member: false }).await.unwrap();
    assert!(next[0].id > last.id);
    let (last, next) = (last.position.unwrap(), next[0].position.unwrap());
    assert_eq!((next.epoch, next.offset), (last.epoch, last.offset + 1));
}

/// All that can be read from the house, as text.
async fn everything(house: &House) -> String {
    let snapshot = house.snapshot().await;
    let filter = ChatFilter { words: Some("run".into()), limit: 9, ..ChatFilter::default() };
    let chats = house.store.chats(&filter, Rooms::All).await.unwrap();
    assert_eq!(chats.len(), 1);
    let mut told = vec![
        format!("{:?}", house.store.reactors(chats[0].id).await.unwrap()),
        format!("{:?}", house.store.threads(chats[0].room).await.unwrap()),
        format!("{:?}", house.store.account_by_login("ann@EXAMPLE.org").await.unwrap()),
        format!("{:?}", house.store.image(snapshot.users[1].0.avatar.unwrap()).await.unwrap()),
        format!("{:?}", house.store.history(&Topic::rights(), 0, 99).await.unwrap()),
        format!("{:?}", house.store.history(&Topic::room(chats[0].room), 0, 99).await.unwrap()),
    ];
    told.extend([format!("{chats:?}"), format!("{snapshot:?}")]);
    told.join("\n")
}

#[tokio::test]
async fn what_waits_for_others_is_there_after_a_restart() {
    let house = House::on_disk();
    let (admin, _) = house.found().await;
    let bob = house.adopt("bob").await;
    house.follows(&admin, &bob).await;
    let letter = || letter(&house, "notes/1", "Note", note("hello")).of(&bob);
    house.take(letter()).await;
    let again = letter();
    let items = ["1", "2", "3", "4"].map(|text| item(&house, "b.example", text));
    let correspondence = house.store.correspondence();
    correspondence.enqueue(told(7), items.to_vec()).await.unwrap();
    let queue = correspondence.waiting(&host("b.example"), 0, 9).await.unwrap();
    let dead = Settled::Dead { id: queue[1].id, error: "no such user".into() };
    let later = Settled::Again { id: queue[0].id, due: DAWN.plus_millis(9) };
    correspondence.settle(vec![dead, later, Settled::Gone(queue[3].id)]).await.unwrap();

    // The process ends without a word: its files are as they were at that moment.
    let copy = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let name = format!("quintet.db{suffix}");
        std::fs::copy(house.file().parent().unwrap().join(&name), copy.path().join(&name)).unwrap();
    }
    let before = correspondences(&*house.store).await;
    let revived = open(copy.path(), &house.clock).unwrap();
    assert_eq!(correspondences(&revived).await, before);
    revived.close().await.unwrap();

    let house = house.reopen().await;
    assert_eq!(correspondences(&*house.store).await, before);
    house.known(again).await;
    let correspondence = house.store.correspondence();
    correspondence.enqueue(told(8), vec![item(&house, "b.example", "5")]).await.unwrap();
    assert_eq!(waiting(&house).await, ["1", "3", "5"]);
    assert!(correspondence.waiting(&host("b.example"), queue[3].id, 9).await.unwrap().len() == 1, "no number twice");
}

/// All that is remembered of others, as text.
async fn correspondences(store: &dyn Store) -> String {
    let correspondence = store.correspondence();
    let told = correspondence.told().await.unwrap();
    let queue = correspondence.waiting(&host("b.example"), 0, 9).await.unwrap();
    let dead = correspondence.dead_letters(None, 9).await.unwrap();
    let entities = correspondence.entities(&Post { limit: 9, ..Post::default() }).await.unwrap();
    let follows = store.snapshot().await.unwrap().unwrap().follows;
    assert_eq!((told.get(), queue.len(), dead.len(), entities.len(), follows.len()), (7, 2, 1, 1, 1));
    format!("{queue:?}\n{dead:?}\n{entities:?}\n{follows:?}\n{:?}", correspondence.awaited().await.unwrap())
}

#[tokio::test]
async fn a_database_is_open_once_at_a_time() {
    let house = House::on_disk();
    let directory = house.file().parent().unwrap().to_owned();
    let clock = Arc::new(AtomicI64::new(DAWN.millis()));
    let error = open(&directory, &clock).err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.public().contains("another process"), "{error}");
    house.store.close().await.unwrap();
    open(&directory, &clock).unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("quintet.db");
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer.execute_batch("PRAGMA user_version = 1000; CREATE TABLE future (x)").unwrap();
    drop(newer);
    let error = open(directory.path(), &Arc::new(AtomicI64::new(DAWN.millis()))).err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    let tables = "SELECT count(*) FROM sqlite_schema";
    let count: i64 = rusqlite::Connection::open(&file).unwrap().query_row(tables, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;

    let house = House::on_disk();
    house.found().await;
    let directory = house.file().parent().unwrap().to_owned();
    let mut modes = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        modes.push((entry.file_name(), entry.metadata().unwrap().permissions().mode() & 0o777));
    }
    assert!(modes.len() >= 3, "database, log and lock: {modes:?}");
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
}

#[tokio::test]
async fn closing_leaves_one_whole_file() {
    let house = House::on_disk();
    let (admin, general) = house.found().await;
    house.post(&admin, general.id, "last words").await;
    house.store.close().await.unwrap();
    let mut log = house.file().into_os_string();
    log.push("-wal");
    assert!(!std::path::Path::new(&log).exists(), "the log was not brought home");
    let connection = rusqlite::Connection::open(house.file()).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    // The index of words is whole, too.
    connection.execute_batch("INSERT INTO stems (stems) VALUES ('integrity-check')").unwrap();
}

#[tokio::test]
async fn a_draft_that_cannot_be_written_harms_no_other() {
    let house = House::on_disk();
    let (admin, general) = house.found().await;
    let disk = rusqlite::Connection::open(house.file()).unwrap();
    disk.execute_batch(
        "CREATE TRIGGER broken BEFORE INSERT ON events WHEN NEW.body LIKE '%poison%'
            BEGIN SELECT RAISE(ABORT, 'bad sector'); END",
    )
    .unwrap();
    let contents = ["one", "poison", "two", "poison", "three"];
    let posts = contents.map(|content| house.append(&admin, Change::PostChat(chat(general.id, content))));
    for (content, outcome) in contents.iter().zip(join_all(posts).await) {
        match outcome {
            Ok(_) => assert_ne!(*content, "poison"),
            Err(error) => {
                assert_eq!((error.kind(), error.public(), *content), (Kind::Internal, "internal error", "poison"));
            }
        }
    }
    assert_eq!(house.contents(ChatFilter::default()).await, ["three", "two", "one"]);
    let history = house.store.history(&Topic::room(general.id), 0, 99).await.unwrap();
    let places: Vec<_> = history.iter().map(|event| event.position.unwrap().offset).collect();
    assert_eq!(places, [1, 2, 3, 4]);
    let heard: Vec<_> = house.heard.lock().iter().skip(3).map(|event| (**event).clone()).collect();
    assert_eq!(heard, history[1..]);
}

#[tokio::test]
async fn health_tells_that_the_disk_refuses_changes() {
    let house = House::on_disk();
    let (admin, general) = house.found().await;
    let disk = rusqlite::Connection::open(house.file()).unwrap();
    disk.execute_batch("CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'bad sector'); END")
        .unwrap();
    assert!(house.store.ping().await.is_ok());
    house.append(&admin, Change::PostChat(chat(general.id, "lost"))).await.unwrap_err();
    assert_eq!(house.store.ping().await.unwrap_err().kind(), Kind::Unavailable);
    disk.execute_batch("DROP TRIGGER broken").unwrap();
    house.append(&admin, Change::PostChat(chat(general.id, "kept"))).await.unwrap();
    assert!(house.store.ping().await.is_ok());
}
