//! A correspondence that fails now and then, and what its readers make of that.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::note::{Audience, NewNote};
use quintet_core::federation::peer::{DeadLetter, Peer};
use quintet_core::federation::{Address, Ask, Deed, Form, Host, Note, Own, Target};
use quintet_core::{Change, Error, Event, Id, Timestamp};
use quintet_store::{Bond, Correspondence, Item, Memory, NewItem, Post, Settled, Store as _, Waiting};
use tokio::time::{Instant, sleep};

use crate::house::Who as _;
use crate::inbox::{accept, append};
use crate::peer::{Abroad, address, entity, host};

/// What goes wrong.
#[derive(Default)]
pub(crate) struct Trouble {
    /// The next items are queued, but said not to be.
    lies: AtomicBool,
    /// So often a queue cannot be read.
    failures: AtomicUsize,
    /// When that was tried while it could not.
    tries: Mutex<Vec<Instant>>,
}

/// A memory's correspondence, with [`Trouble`].
pub(crate) struct Troubled(pub(crate) Arc<Memory>, pub(crate) Arc<Trouble>);

impl Troubled {
    fn plain(&self) -> &dyn Correspondence {
        self.0.correspondence()
    }
}

#[async_trait]
impl Correspondence for Troubled {
    async fn log(&self, after: Id, limit: u64) -> Result<Vec<Event>, Error> {
        self.plain().log(after, limit).await
    }

    async fn told(&self) -> Result<Id, Error> {
        self.plain().told().await
    }

    async fn enqueue(&self, told: Id, items: Vec<NewItem>) -> Result<(), Error> {
        let lies = !items.is_empty() && self.1.lies.swap(false, Ordering::Relaxed);
        self.plain().enqueue(told, items).await?;
        if lies { Err(Error::unavailable("the answer was lost")) } else { Ok(()) }
    }

    async fn waiting(&self, host: &Host, after: u64, limit: u64) -> Result<Vec<Item>, Error> {
        let fewer = |failures: usize| failures.checked_sub(1);
        if self.1.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok() {
            self.1.tries.lock().unwrap().push(Instant::now());
            return Err(Error::unavailable("the disk is away"));
        }
        self.plain().waiting(host, after, limit).await
    }

    async fn notes_of(&self, authors: &[Id], before: Option<Id>, limit: u64) -> Result<Vec<Note>, Error> {
        self.plain().notes_of(authors, before, limit).await
    }

    async fn awaited(&self) -> Result<Vec<Waiting>, Error> {
        self.plain().awaited().await
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), Error> {
        self.plain().settle(settled).await
    }

    async fn dead_letters(&self, host: Option<&Host>, limit: u64) -> Result<Vec<DeadLetter>, Error> {
        self.plain().dead_letters(host, limit).await
    }

    async fn requeue(&self, host: &Host, now: Timestamp) -> Result<u64, Error> {
        self.plain().requeue(host, now).await
    }

    async fn peers(&self) -> Result<Vec<Peer>, Error> {
        self.plain().peers().await
    }

    async fn put_peer(&self, peer: Peer) -> Result<(), Error> {
        self.plain().put_peer(peer).await
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, Error> {
        self.plain().forget(before).await
    }

    async fn note(&self, id: Id) -> Result<Option<Note>, Error> {
        self.plain().note(id).await
    }

    async fn notes(&self, author: Id, public: bool, offset: u64, limit: u64) -> Result<(Vec<Note>, u64), Error> {
        self.plain().notes(author, public, offset, limit).await
    }

    async fn entity(&self, key: &str) -> Result<Option<Kept>, Error> {
        self.plain().entity(key).await
    }

    async fn entity_numbered(&self, id: Id) -> Result<Option<Kept>, Error> {
        self.plain().entity_numbered(id).await
    }

    async fn entities(&self, query: &Post) -> Result<Vec<Kept>, Error> {
        self.plain().entities(query).await
    }

    async fn about(
        &self,
        own: Id,
        bond: Bond,
        kind: Option<&str>,
        form: Option<Form>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Kept>, u64), Error> {
        self.plain().about(own, bond, kind, form, offset, limit).await
    }

    async fn felt(&self, user: Id, entity: Id, reaction: &str) -> Result<Option<Timestamp>, Error> {
        self.plain().felt(user, entity, reaction).await
    }

    async fn name_of_chat(&self, chat: Id) -> Result<Option<Address>, Error> {
        self.plain().name_of_chat(chat).await
    }
}

/// Ann, whom bea of another house follows; what waited for that house is gone.
async fn followed(trouble: &Arc<Trouble>) -> (Abroad, Id) {
    let abroad = Abroad::troubled(Arc::clone(trouble)).await;
    let bea = address("b.example", "bea");
    abroad.net.serve_key(&bea.key, 1);
    let ann = abroad.house.register("ann").await.id();
    let follow = entity(&abroad, &bea, "follow", Deed::Follow(Target::Own(Own::User(ann))));
    accept(&abroad, &bea, &follow).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    (abroad, ann)
}

async fn say(abroad: &Abroad, ann: Id) {
    let new = NewNote { content: "hello".into(), audience: Audience::Public, mentions: Vec::new(), replies_to: None };
    append(abroad, ann, Change::PostNote(new)).await;
    // Time passes only when nobody has anything to do.
    sleep(Duration::from_secs(5)).await;
}

async fn queued(abroad: &Abroad) -> usize {
    abroad.house.store.correspondence().waiting(&host("b.example"), 0, 100).await.unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn what_was_queued_although_the_store_said_no_is_not_queued_twice() {
    let trouble = Arc::new(Trouble::default());
    let (abroad, ann) = followed(&trouble).await;
    let before = queued(&abroad).await;
    trouble.lies.store(true, Ordering::Relaxed);
    say(&abroad, ann).await;
    assert!(!trouble.lies.load(Ordering::Relaxed), "it was said not to be");
    assert_eq!(queued(&abroad).await, before + 1);
    say(&abroad, ann).await;
    assert_eq!(queued(&abroad).await, before + 2, "the courier goes on");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_cannot_be_read_is_tried_less_and_less_often() {
    let trouble = Arc::new(Trouble::default());
    let (abroad, _) = followed(&trouble).await;
    trouble.failures.store(9, Ordering::Relaxed);
    abroad.ask_as_house(Ask::Requeue(host("b.example"))).await.unwrap();
    sleep(Duration::from_mins(10)).await;
    let tries = trouble.tries.lock().unwrap().clone();
    let waits: Vec<_> = tries.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}
