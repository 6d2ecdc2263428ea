//! A small house for tests: a store with a hand-moved clock, an ear, and short words for what is done in it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;
use quintet_core::AgentKey;
use quintet_core::Draft;
use quintet_core::change::{Change, Founding};
use quintet_core::chat::{Chat, ChatFilter, NewChat};
use quintet_core::error::{Error, Kind};
use quintet_core::event::{Body, Event};
use quintet_core::id::Id;
use quintet_core::identity::{Author, Secret};
use quintet_core::image::{Image, ImageType};
use quintet_core::limits::Limits;
use quintet_core::room::{NewRoom, Room, Thread};
use quintet_core::time::Timestamp;
use quintet_core::user::{AgentSecret, NewAccount, NewLogin, User};
use quintet_store::{Listener, Memory, Options, Rooms, Snapshot, Sqlite, Store};
use tempfile::TempDir;

/// When every test begins.
pub(crate) const DAWN: Timestamp = Timestamp::from_millis(1_760_000_000_000);

/// A store with what a test needs around it.
pub(crate) struct House {
    pub(crate) store: Arc<dyn Store>,
    /// Everything that the listener heard.
    pub(crate) heard: Arc<Mutex<Vec<Arc<Event>>>>,
    pub(crate) clock: Arc<AtomicI64>,
    /// How many commits were made.
    pub(crate) commits: AtomicI64,
    directory: Option<TempDir>,
}

impl House {
    pub(crate) fn in_memory() -> Self {
        Self::in_memory_with(Limits::default())
    }

    pub(crate) fn in_memory_with(limits: Limits) -> Self {
        let clock = Arc::new(AtomicI64::new(DAWN.millis()));
        Self::around(Arc::new(Memory::new(options(limits, &clock))), clock, None)
    }

    pub(crate) fn on_disk() -> Self {
        Self::of_file(|_| ())
    }

    /// A store on disk in a file that is made before.
    pub(crate) fn of_file(make: impl FnOnce(&Path)) -> Self {
        let directory = TempDir::new().unwrap();
        make(&file(directory.path()));
        let clock = Arc::new(AtomicI64::new(DAWN.millis()));
        let store = open(directory.path(), &clock).unwrap();
        Self::around(Arc::new(store), clock, Some(directory))
    }

    fn around(store: Arc<dyn Store>, clock: Arc<AtomicI64>, directory: Option<TempDir>) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        store.listen(ear(&heard));
        Self { store, heard, clock, commits: AtomicI64::new(0), directory }
    }

    /// The same store with other bounds; nothing happened in it yet.
    pub(crate) async fn with(self, limits: Limits) -> Self {
        let Some(directory) = self.directory else { return Self::in_memory_with(limits) };
        self.store.close().await.unwrap();
        let store = Sqlite::open(&file(directory.path()), options(limits, &self.clock)).unwrap();
        Self::around(Arc::new(store), self.clock, Some(directory))
    }

    /// Closes the store on disk and opens it again.
    pub(crate) async fn reopen(self) -> Self {
        self.with(Limits::default()).await
    }

    /// Where the store on disk is.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        file(self.directory.as_ref().unwrap().path())
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::Relaxed))
    }

    /// Moves the clock on.
    pub(crate) fn wait(&self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn draft(&self, author: &Author, change: Change) -> Draft {
        Draft { author: author.clone(), via: "test".into(), at: self.now(), change, commit: None }
    }

    pub(crate) async fn append(&self, author: &Author, change: Change) -> Result<Vec<Arc<Event>>, Error> {
        self.store.append(self.draft(author, change)).await
    }

    /// The bodies that a change became.
    pub(crate) async fn make(&self, author: &Author, change: Change) -> Vec<Body> {
        let events = self.append(author, change).await.unwrap();
        events.iter().map(|event| event.body.clone()).collect()
    }

    /// The only body that a change became.
    pub(crate) async fn make_one(&self, author: &Author, change: Change) -> Body {
        let [body] = <[Body; 1]>::try_from(self.make(author, change).await).unwrap();
        body
    }

    /// The kind and text of a refusal, which leaves no trace.
    pub(crate) async fn refused(&self, author: &Author, change: Change) -> (Kind, String) {
        let heard = self.heard.lock().len();
        let error = self.append(author, change).await.unwrap_err();
        assert_eq!(self.heard.lock().len(), heard, "a refused draft was heard");
        (error.kind(), error.public().to_owned())
    }

    /// Founds the house; gives its admin and first room.
    pub(crate) async fn found(&self) -> (Author, Room) {
        let bodies = self.make(&Author::house(), Change::Found(Box::new(founding()))).await;
        let [Body::UserJoined(admin), Body::RightsChanged(_), Body::RoomCreated(room)] = bodies.as_slice() else {
            panic!("not a founding: {bodies:?}")
        };
        (author(admin), room.clone())
    }

    pub(crate) async fn register(&self, login: NewLogin) -> User {
        match self.make_one(&Author::house(), Change::Register(Box::new(account(login)))).await {
            Body::UserJoined(user) => user,
            other => panic!("not a registration: {other:?}"),
        }
    }

    pub(crate) async fn user(&self, name: &str) -> Author {
        author(&self.register(NewLogin::Username(name.into())).await)
    }

    pub(crate) async fn post(&self, author: &Author, room: Id, content: &str) -> Chat {
        self.post_in(author, room, None, content).await
    }

    pub(crate) async fn post_in(&self, author: &Author, room: Id, thread: Option<Id>, content: &str) -> Chat {
        let new = NewChat { thread, ..chat(room, content) };
        match self.make_one(author, Change::PostChat(new)).await {
            Body::ChatPosted(chat) => chat,
            other => panic!("not a chat: {other:?}"),
        }
    }

    pub(crate) async fn start_thread(&self, author: &Author, chat: Id, name: &str) -> Thread {
        match self.make_one(author, Change::StartThread { chat, name: name.into() }).await {
            Body::ThreadStarted(thread) => thread,
            other => panic!("not a thread: {other:?}"),
        }
    }

    pub(crate) async fn create_room(&self, author: &Author, new: NewRoom) -> Room {
        match self.make(author, Change::CreateRoom(new)).await.into_iter().next() {
            Some(Body::RoomCreated(room)) => room,
            other => panic!("not a room: {other:?}"),
        }
    }

    /// What chats say, by a filter of at most 100.
    pub(crate) async fn contents(&self, filter: ChatFilter) -> Vec<String> {
        let filter = if filter.limit == 0 { ChatFilter { limit: 100, ..filter } } else { filter };
        let chats = self.store.chats(&filter, Rooms::All).await.unwrap();
        chats.into_iter().map(|chat| chat.content).collect()
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.store.snapshot().await.unwrap().unwrap()
    }
}

/// Opens the store in a directory.
pub(crate) fn open(directory: &Path, clock: &Arc<AtomicI64>) -> Result<Sqlite, Error> {
    Sqlite::open(&file(directory), options(Limits::default(), clock))
}

fn file(directory: &Path) -> std::path::PathBuf {
    directory.join("quintet.db")
}

fn options(limits: Limits, clock: &Arc<AtomicI64>) -> Options {
    let clock = Arc::clone(clock);
    Options { limits, clock: Arc::new(move || Timestamp::from_millis(clock.load(Ordering::Relaxed))) }
}

fn ear(heard: &Arc<Mutex<Vec<Arc<Event>>>>) -> Listener {
    let heard = Arc::clone(heard);
    Box::new(move |event| heard.lock().push(Arc::clone(event)))
}

pub(crate) fn author(user: &User) -> Author {
    Author { id: user.id, name: user.username.as_str().into() }
}

/// An account with a key of its own, made from its login.
pub(crate) fn account(login: NewLogin) -> NewAccount {
    let (NewLogin::Username(name) | NewLogin::Email(name) | NewLogin::Agent(name)) = &login;
    let mut agent = AgentKey([8; 32]);
    agent.0.iter_mut().zip(name.bytes()).for_each(|(key, byte)| *key = byte);
    NewAccount { password: Some(Secret::new("$argon2id$1")), agent_secret: Some(AgentSecret([7; 32])), agent, login }
}

pub(crate) fn image(bytes: &'static [u8]) -> Image {
    Image { kind: ImageType::Webp, bytes: bytes.into() }
}

pub(crate) fn room(name: &str) -> NewRoom {
    NewRoom { name: name.into(), description: None, parent: None, ordinality: None, capabilities: None }
}

pub(crate) fn room_in(parent: Id, name: &str) -> NewRoom {
    NewRoom { parent: Some(parent), ..room(name) }
}

pub(crate) fn chat(room: Id, content: &str) -> NewChat {
    NewChat { room, thread: None, content: content.into(), sent_at: None, subject: None }
}

/// A number that nothing has.
pub(crate) fn nowhere() -> Id {
    Id::new(4242).unwrap()
}

pub(crate) fn founding() -> Founding {
    Founding {
        name: "My house".into(),
        description: "Come in.".into(),
        icon: image(b"icon"),
        admin: account(NewLogin::Username("admin".into())),
        room: NewRoom {
            description: Some("The default room".into()),
            capabilities: Some(vec!["text".into()]),
            ..room("general")
        },
    }
}
