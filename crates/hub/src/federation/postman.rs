//! Postmen: one for each house for which something waits. Sends its queue in order, by a connection if there is one, else over HTTP (versia.md, section 2.7).

mod carrying;
mod outcome;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use quintet_core::federation::{Host, Own, PeerProfile};
use quintet_core::limits::size;
use quintet_core::{Error, Kind, Timestamp};
use quintet_store::Settled;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep, timeout};

use super::bell::Bell;
use super::carrier::Dialed;
use super::letter::Letter;
use super::links::Line;
use super::office::{Means, Office};

/// How long a postman rests when the store fails: at first, …
const TROUBLE: Duration = Duration::from_secs(1);
/// … and at most, twice as long each time.
const MOST_TROUBLE: Duration = Duration::from_mins(1);
/// Connections that ended without a receipt, one after the other; then the next entity goes over HTTP.
const FRUITLESS: u32 = 3;
/// How long a peer's word is taken for its profile while there is something to send.
const PROFILE: i64 = 60_000;
/// What was read of a queue is not kept over a wait of more than this: signatures are made anew then anyway.
const LONG: Duration = Duration::from_mins(4);
/// How much is read at once of the queue of a house that was not reached yet.
const FEW: usize = 8;
/// Results that wait to be written down together, at most …
const RESULTS: usize = 64;
/// … and for how long.
const WHILE: Duration = Duration::from_millis(200);

/// By which way an entity went.
#[derive(Clone, Copy)]
enum Way {
    Socket,
    Http,
}

/// Sends what waits for one house.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the queue or the house")]
pub(super) struct Postman {
    office: Arc<Office>,
    host: Host,
    bell: Arc<Bell>,
    /// What was read of the queue: the first that waits, in order.
    queue: VecDeque<Letter>,
    /// The last that was read.
    after: u64,
    /// Whether there may be more behind it.
    more: bool,
    /// What became of letters, not written down yet; and since when.
    settled: Vec<Settled>,
    unsettled_since: Option<Instant>,
    /// Whether the time of the next try does not count: the house is there.
    unbound: bool,
    /// Whether something is to be tried again, so that nothing behind it may go.
    halted: bool,
    /// Nothing before that: the peer's rates are used up.
    pause: Option<Timestamp>,
    /// Letters whose signature, or its time, was not taken; how often.
    refusals: HashMap<u64, u32>,
    /// Whose signatures are not taken there, whatever is tried.
    distrusted: HashSet<Own>,
    /// Connections in a row that ended without a receipt.
    fruitless: u32,
    profile: Option<(Timestamp, Arc<PeerProfile>)>,
    /// Whether the house was not where its profile says, so that it is asked again.
    doubted: bool,
    /// Whether something was taken there since it was missed: until then not much is read of its queue.
    warm: bool,
}

impl Postman {
    pub(super) fn new(office: Arc<Office>, host: Host, bell: Arc<Bell>) -> Self {
        Self {
            office,
            host,
            bell,
            queue: VecDeque::new(),
            after: 0,
            more: true,
            settled: Vec::new(),
            unsettled_since: None,
            unbound: false,
            halted: false,
            pause: None,
            refusals: HashMap::new(),
            distrusted: HashSet::new(),
            fruitless: 0,
            profile: None,
            doubted: false,
            warm: false,
        }
    }

    /// Works until nothing waits, or the office closes.
    pub(super) async fn run(mut self) {
        let office = Arc::clone(&self.office);
        let _ = office.until_closed(self.work()).await;
        // What was answered need not be sent again.
        if let Err(error) = self.settle().await {
            tracing::debug!(host = %self.host, %error, "what was answered last was not written down");
        }
    }

    async fn work(&mut self) {
        let mut trouble = TROUBLE;
        loop {
            match self.turn().await {
                Ok(true) => trouble = TROUBLE,
                Ok(false) => return,
                Err(error) => {
                    if trouble == TROUBLE {
                        let host = &self.host;
                        tracing::warn!(%host, %error, "what waits for a server could not be read or settled; tried on");
                    }
                    sleep(trouble).await;
                    trouble = (trouble * 2).min(MOST_TROUBLE);
                }
            }
        }
    }

    /// Does the next thing; `false` where there is none.
    async fn turn(&mut self) -> Result<bool, Error> {
        self.answer_bell();
        if self.settled.len() >= RESULTS || self.unsettled_since.is_some_and(|since| since.elapsed() >= WHILE) {
            self.settle().await?;
        }
        self.load().await?;
        if self.queue.is_empty() {
            self.settle().await?;
            return Ok(self.more || !self.office.leave(&self.host, &self.bell));
        }
        match self.obstacle() {
            Obstacle::None => self.deliver().await?,
            Obstacle::Until(then) => {
                // The time has come, whatever the clock was set to meanwhile.
                if self.rest(Some(then)).await? {
                    (self.unbound, self.pause) = (true, None);
                }
            }
            Obstacle::Closed => self.sit().await?,
        }
        Ok(true)
    }

    fn answer_bell(&mut self) {
        let rung = self.bell.take();
        self.more |= rung.news;
        self.unbound |= rung.now;
        if rung.afresh {
            self.forget();
        }
    }

    /// Forgets what was read of the queue.
    fn forget(&mut self) {
        self.queue.clear();
        (self.after, self.more) = (0, true);
    }

    /// Reads on, where there may be more and there is a place for it.
    async fn load(&mut self) -> Result<(), Error> {
        let batch = self.batch();
        if !self.more || self.queue.len() > batch / 2 {
            return Ok(());
        }
        // From the beginning, nothing may be read that is settled, but not written down.
        if self.after == 0 {
            self.settle().await?;
        }
        let room = (batch - self.queue.len()) as u64;
        let items = self.office.store.correspondence().waiting(&self.host, self.after, room).await?;
        self.more = items.len() as u64 >= room;
        self.after = items.last().map_or(self.after, |item| item.id);
        self.queue.extend(items.into_iter().map(Letter::new));
        Ok(())
    }

    /// How much is read of the queue at the most: little for a house that may not be there, as there may be thousands of them.
    fn batch(&self) -> usize {
        let batch = size(self.office.limits.outbox_batch).max(1);
        if self.warm { batch } else { batch.min(FEW) }
    }

    /// What stands in the way of the first letter.
    fn obstacle(&self) -> Obstacle {
        let now = self.office.now();
        if self.is_closed() {
            return Obstacle::Closed;
        }
        let due = self.queue.front().filter(|_| !self.unbound).map(|letter| letter.item.due);
        match self.pause.into_iter().chain(due).max() {
            Some(then) if then > now => Obstacle::Until(then),
            _ => Obstacle::None,
        }
    }

    /// Whether the house is blocked, or given up.
    fn is_closed(&self) -> bool {
        let peers = &self.office.peers;
        peers.check(&self.host).is_err_and(|error| error.kind() == Kind::Forbidden) || peers.is_dead(&self.host)
    }

    /// The house is not spoken to: waits until it is, or until the first letter is too old.
    async fn sit(&mut self) -> Result<(), Error> {
        let Some(letter) = self.queue.front() else { return Ok(()) };
        let end = self.office.end_of(&letter.item.item);
        if end > self.office.now() {
            self.rest(Some(end)).await?;
            return Ok(());
        }
        let id = letter.item.id;
        self.queue.pop_front();
        counter!("quintet_dead_letters_total").increment(1);
        self.result(Settled::Dead { id, error: "nothing was sent there for too long".to_owned() });
        Ok(())
    }

    /// Waits until then, or until the bell is rung; tells whether the time passed.
    async fn rest(&mut self, then: Option<Timestamp>) -> Result<bool, Error> {
        self.settle().await?;
        let wait = then.map_or(Duration::MAX, |then| until(self.office.now(), then));
        if wait > LONG {
            self.forget();
        }
        // A wait that nobody lives to see is no wait.
        Ok(timeout(wait.min(Duration::from_hours(24)), self.bell.rung()).await.is_err())
    }

    /// Sends as much as goes one way.
    async fn deliver(&mut self) -> Result<(), Error> {
        let office = Arc::clone(&self.office);
        let Some(means) = office.means() else {
            self.rest(None).await?;
            return Ok(());
        };
        let profile = match self.introduce(means).await {
            Ok(profile) => profile,
            Err(error) => {
                self.miss(&error);
                return Ok(());
            }
        };
        self.halted = false;
        if self.fruitless < FRUITLESS && !self.is_closed() {
            if let Some(line) = self.line() {
                return self.carry(&line, &profile).await;
            }
            if office.links.newest(&self.host).is_none() && self.dial(means, &profile).await {
                return Ok(());
            }
        }
        // It may have been blocked while it was asked or dialled.
        if !self.is_closed() {
            self.post(means, &profile).await;
        }
        Ok(())
    }

    /// What the house says of itself.
    async fn introduce(&mut self, means: &Means) -> Result<Arc<PeerProfile>, Error> {
        let now = self.office.now();
        if let Some((at, profile)) = &self.profile
            && !self.doubted
            && at.plus_millis(PROFILE) > now
            && *at <= now
        {
            return Ok(Arc::clone(profile));
        }
        self.profile = None;
        let office = Arc::clone(&self.office);
        // A house that is connected answers.
        let _slot = if office.links.newest(&self.host).is_none() { self.slot(&office).await } else { None };
        let profile = (means.introduce)(self.host.clone(), std::mem::take(&mut self.doubted)).await?;
        self.profile = Some((now, Arc::clone(&profile)));
        Ok(profile)
    }

    /// One of the places for those who ask, dial or post.
    async fn slot<'a>(&self, office: &'a Office) -> Option<SemaphorePermit<'a>> {
        let missed = !self.warm && self.queue.front().is_some_and(|letter| letter.item.attempts > 0);
        // They are never closed.
        if missed { office.doubtful.acquire().await.ok() } else { office.posts.acquire().await.ok() }
    }

    /// The newest connection, where the first letter may go that way.
    fn line(&self) -> Option<Arc<Line>> {
        let line = self.office.links.newest(&self.host)?;
        let first = self.queue.front()?;
        line.takes(&first.item.item.text).then_some(line)
    }

    /// Opens a connection, where that is worth a try; `true` once it carries.
    async fn dial(&mut self, means: &Means, profile: &PeerProfile) -> bool {
        let Some(endpoint) = &profile.endpoint else { return false };
        if !self.office.peers.may_dial(&self.host, self.office.now()) {
            return false;
        }
        let reached = {
            let _slot = self.slot(&self.office).await;
            match means.carrier.dial(&self.host, endpoint).await {
                Ok(dialed) => self.greeted(dialed).await,
                Err(error) => {
                    tracing::debug!(host = %self.host, %error, "a server's socket was not reached");
                    false
                }
            }
        };
        if !reached {
            // It may have moved its socket (versia.md, section 2.2).
            self.doubted = true;
            self.office.peers.dialed(&self.host, self.office.now(), false);
        }
        counter!("quintet_peer_dials_total", "result" => if reached { "ok" } else { "failed" }).increment(1);
        reached
    }

    /// Waits until a connection that was opened carries: each side has shown who it is. `false` once that cannot be any more.
    async fn greeted(&self, dialed: Dialed) -> bool {
        let patience = Duration::from_secs(self.office.limits.hello_seconds);
        tokio::select! {
            biased;
            () = self.office.links.linked(&self.host) => true,
            () = dialed.ended() => false,
            () = sleep(patience) => false,
        }
    }

    /// Sends the first letter over HTTP.
    async fn post(&mut self, means: &Means, profile: &PeerProfile) {
        let office = Arc::clone(&self.office);
        let _slot = self.slot(&office).await;
        let Some(letter) = self.queue.front_mut() else { return };
        let parcel = letter.parcel(&office, profile);
        let item = &letter.item.item;
        let posting = office.tongue.posting(profile, item.inbox.as_deref(), item.form, &parcel);
        let answer = means.carrier.post(posting).await;
        self.fruitless = 0;
        match answer {
            Ok(posted) => {
                let receipt = office.tongue.receipt(posted.status, &posted.headers, &posted.body);
                self.judge(parcel.id, &receipt, Way::Http);
            }
            Err(error) => self.miss(&error),
        }
    }
}

/// What stands in the way of a letter.
enum Obstacle {
    None,
    /// It is not due.
    Until(Timestamp),
    /// The house is blocked, or given up.
    Closed,
}

fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(then.millis().saturating_sub(now.millis())).unwrap_or_default())
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
