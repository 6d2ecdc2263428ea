//! The courier: reads the log, and puts what others are to hear into their queues.
//!
//! What it queues and how far it has read go into the store together, so that nothing is lost or told twice when the house falls over.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use quintet_core::{Body, Event, Id};
use quintet_store::NewItem;
use tokio::sync::Notify;

use super::bell::Ring;
use super::office::Office;
use super::story::Story;
use crate::directory::Directory;

/// How long the courier rests when the store fails.
const TROUBLE: Duration = Duration::from_secs(1);
/// How often it is written down how far the log was read, while nobody is to hear anything.
const NOTHING: Duration = Duration::from_mins(1);

/// What was said in the house since the courier last looked.
#[derive(Default)]
pub(super) struct News {
    heard: Mutex<Heard>,
    notify: Notify,
}

#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// The first event that may concern others, and the last one.
    concerning: Option<(Id, Id)>,
    /// The last of all.
    last: Option<Id>,
}

impl News {
    /// Takes notice of a kept event; in log order.
    pub(super) fn hear(&self, event: &Event, directory: &Directory) {
        let concerns = concerns(&event.body, directory);
        {
            let mut heard = self.heard.lock();
            heard.last = Some(event.id);
            if !concerns {
                return;
            }
            if let Some((_, last)) = &mut heard.concerning {
                *last = event.id;
                return;
            }
            heard.concerning = Some((event.id, event.id));
        }
        self.notify.notify_one();
    }

    fn take(&self) -> Heard {
        std::mem::take(&mut *self.heard.lock())
    }
}

/// Whether others may have to hear of this: looked at more closely later.
fn concerns(body: &Body, directory: &Directory) -> bool {
    match body {
        Body::ChatPosted(chat) | Body::ChatEdited(chat) => directory.is_federated(chat.room),
        Body::ChatDeleted { room, .. } | Body::ChatReacted { room, .. } => directory.is_federated(*room),
        Body::RoomChanged(room) => room.federated,
        Body::UserChanged { user, .. } => user.remote.is_none(),
        Body::NotePosted(_)
        | Body::NoteEdited(_)
        | Body::NoteDeleted(_)
        | Body::NoteReacted { .. }
        | Body::Followed(_) => true,
        _ => false,
    }
}

/// Works until the office closes.
pub(super) async fn run(office: Arc<Office>) {
    let _ = office.until_closed(work(&office)).await;
}

async fn work(office: &Arc<Office>) {
    let mut told = loop {
        match office.store.correspondence().told().await {
            Ok(told) => break told,
            Err(error) => rest(&error).await,
        }
    };
    let mut written = told;
    let mut caught_up = false;
    loop {
        let heard = office.news.take();
        // Once the log was read to its end, everything before the first news concerns nobody.
        let first = heard.concerning.filter(|_| caught_up).map(|(first, _)| first);
        if let Some(before) = first.and_then(|first| Id::new(first.get().saturating_sub(1))) {
            told = told.max(before);
        }
        // Everything behind the last news concerns nobody either: what others send in the meantime is not read.
        let last = heard.concerning.filter(|_| caught_up).map(|(_, last)| last);
        while last.is_none_or(|last| told < last) && !catch_up(office, &mut told, &mut written).await {}
        caught_up = true;
        wait(office, &mut told, &mut written).await;
    }
}

/// Reads one stretch of the log; tells whether that was its end.
async fn catch_up(office: &Arc<Office>, told: &mut Id, written: &mut Id) -> bool {
    match stretch(office, *told).await {
        Ok(None) => true,
        Ok(Some((until, queued))) => {
            *told = until;
            if queued {
                *written = until;
            }
            false
        }
        Err(error) => {
            rest(&error).await;
            recover(office, told, written).await;
            false
        }
    }
}

/// Finds out how far the store is, once it answers: what it failed to do may be done all the same, and is not to be queued twice.
async fn recover(office: &Arc<Office>, told: &mut Id, written: &mut Id) {
    let post = office.store.correspondence();
    loop {
        let state = async { Ok((post.told().await?, post.awaited().await?)) };
        match state.await {
            Ok((kept, _)) if kept <= *told => return,
            Ok((kept, awaited)) => {
                (*told, *written) = (kept, kept);
                let waits = awaited.iter().filter(|waiting| waiting.tally.waiting > 0);
                return waits.for_each(|waiting| office.ring(&waiting.host, Ring::News));
            }
            Err(error) => rest(&error).await,
        }
    }
}

/// Queues what a stretch of the log comes to. Tells how far that is, and whether it was written down; `None` where there is nothing more.
async fn stretch(office: &Arc<Office>, after: Id) -> Result<Option<(Id, bool)>, quintet_core::Error> {
    let post = office.store.correspondence();
    let events = post.log(after, office.limits.outbox_batch).await?;
    let Some(until) = events.last().map(|event| event.id) else { return Ok(None) };
    let Some(hub) = office.means().and_then(|means| means.hub.upgrade()) else { return Ok(None) };
    let mut items = Vec::new();
    for event in &events {
        items.extend(Story { hub: &hub, office, event }.items().await?);
    }
    if items.is_empty() {
        return Ok(Some((until, false)));
    }
    let mut hosts: Vec<_> = items.iter().map(|item: &NewItem| item.host.clone()).collect();
    post.enqueue(until, items).await?;
    hosts.sort_unstable();
    hosts.dedup();
    for host in &hosts {
        office.ring(host, Ring::News);
    }
    Ok(Some((until, true)))
}

/// Waits for news. Meanwhile it is written down how far the log was read, so that a long talk that concerns nobody is not read again.
async fn wait(office: &Arc<Office>, told: &mut Id, written: &mut Id) {
    while tokio::time::timeout(NOTHING, office.news.notify.notified()).await.is_err() {
        let heard = *office.news.heard.lock();
        if heard.concerning.is_none()
            && let Some(last) = heard.last
        {
            *told = (*told).max(last);
        }
        if told != written && office.store.correspondence().enqueue(*told, Vec::new()).await.is_ok() {
            *written = *told;
        }
    }
}

async fn rest(error: &quintet_core::Error) {
    tracing::warn!(%error, source = ?std::error::Error::source(error), "the log was not read for other servers");
    tokio::time::sleep(TROUBLE).await;
}
