//! The post office: what courier and postmen work with, and how many of them there are.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use metrics::{describe_counter, describe_gauge, gauge};
use parking_lot::Mutex;
use quintet_core::dialect::Parting;
use quintet_core::federation::peer::{Peer, PeerReport, Standing};
use quintet_core::federation::pen::Hand as _;
use quintet_core::federation::{Federation as Tongue, Host, Own, PeerProfile};
use quintet_core::limits::size;
use quintet_core::time::Clock;
use quintet_core::{Error, Id, Limits, Timestamp};
use quintet_store::{NewItem, Store};
use tokio::sync::{Semaphore, mpsc, watch};

use super::bell::{Bell, Ring};
use super::carrier::Carrier;
use super::keys::Keys;
use super::links::Links;
use super::peers::{Peers, Prospect};
use super::postman::Postman;
use super::{Rules, courier};
use crate::hub::Hub;

/// How often peers are written down and totals are measured.
const ROUND: Duration = Duration::from_secs(15);
/// How often what is old is forgotten.
const SWEEP: Duration = Duration::from_hours(1);
/// How long a shutdown waits for those who work here.
const PATIENCE: Duration = Duration::from_secs(5);

/// Finds out what another house says of itself: as it is known, or, if `true`, as it says now where it can be asked.
pub(super) type Introduce =
    Box<dyn Fn(Host, bool) -> BoxFuture<'static, Result<Arc<PeerProfile>, Error>> + Send + Sync>;

/// What everybody here works with.
pub(super) struct Office {
    pub(super) store: Arc<dyn Store>,
    pub(super) tongue: Arc<dyn Tongue>,
    pub(super) keys: Arc<Keys>,
    pub(super) peers: Peers,
    pub(super) links: Arc<Links>,
    pub(super) limits: Limits,
    pub(super) rules: Rules,
    pub(super) clock: Clock,
    /// Houses being asked, dialed or posted to; further ones wait, first come first served.
    pub(super) posts: Semaphore,
    /// The same for those that were missed last: thousands that do not answer hold up nobody who does.
    pub(super) doubtful: Semaphore,
    pub(super) news: courier::News,
    /// Once the office is open.
    means: OnceLock<Means>,
    /// Of the postmen who work or wait: one for each house for which something waits.
    bells: Mutex<HashMap<Host, Arc<Bell>>>,
    closing: watch::Sender<bool>,
    /// Held by everybody who works here; `None` once the office closes.
    staff: Mutex<Option<mpsc::Sender<()>>>,
    gone: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

/// What there is once the office is open.
pub(super) struct Means {
    pub(super) hub: Weak<Hub>,
    pub(super) carrier: Arc<dyn Carrier>,
    pub(super) introduce: Introduce,
}

/// What an office is made of.
pub(super) struct Fittings {
    pub(super) store: Arc<dyn Store>,
    pub(super) tongue: Arc<dyn Tongue>,
    pub(super) keys: Arc<Keys>,
    pub(super) limits: Limits,
    pub(super) rules: Rules,
    pub(super) clock: Clock,
}

impl Office {
    /// Reads what is remembered of peers.
    pub(super) async fn new(fittings: Fittings) -> Result<Arc<Self>, Error> {
        let Fittings { store, tongue, keys, limits, rules, clock } = fittings;
        describe();
        let known = store.correspondence().peers().await?;
        let (staff, gone) = mpsc::channel(1);
        let postings = size(limits.postings).clamp(1, Semaphore::MAX_PERMITS);
        let doubtful = (postings / 4).max(1);
        Ok(Arc::new(Self {
            peers: Peers::new(known, rules, &limits),
            posts: Semaphore::new((postings - doubtful).max(1)),
            doubtful: Semaphore::new(doubtful),
            links: Arc::default(),
            news: courier::News::default(),
            means: OnceLock::new(),
            bells: Mutex::default(),
            closing: watch::Sender::new(false),
            staff: Mutex::new(Some(staff)),
            gone: tokio::sync::Mutex::new(gone),
            store,
            tongue,
            keys,
            limits,
            rules,
            clock,
        }))
    }

    /// Begins to work; once.
    pub(super) fn open(self: &Arc<Self>, means: Means) {
        if self.means.set(means).is_err() {
            return;
        }
        self.employ(courier::run(Arc::clone(self)));
        self.employ(attend(Arc::clone(self)));
    }

    /// What there is once it is open; `None` before.
    pub(super) fn means(&self) -> Option<&Means> {
        self.means.get()
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Tells a house's postman; there is one from now on if there was none. Nothing happens before the office is open: it then looks what waits.
    pub(super) fn ring(self: &Arc<Self>, host: &Host, why: Ring) {
        if self.means.get().is_none() {
            return;
        }
        let mut bells = self.bells.lock();
        if let Some(bell) = bells.get(host) {
            return bell.ring(why);
        }
        let bell = Arc::new(Bell::default());
        bell.ring(why);
        bells.insert(host.clone(), Arc::clone(&bell));
        self.peers.set_awaited(host, true);
        drop(bells);
        self.employ(Postman::new(Arc::clone(self), host.clone(), bell).run());
    }

    /// Until when something is tried to be delivered.
    pub(super) fn end_of(&self, item: &NewItem) -> Timestamp {
        item.at.plus_millis(i64::try_from(self.limits.outbox_seconds.saturating_mul(1000)).unwrap_or(i64::MAX))
    }

    /// The public half of the key with which a user of this house signs for others.
    pub(super) fn public_key(&self, user: Id) -> [u8; 32] {
        self.keys.public(&Own::User(user))
    }

    /// Something of a house was taken, or it opened a connection.
    pub(super) fn hear(self: &Arc<Self>, host: &Host) {
        if self.peers.hear(host, self.now()) {
            self.ring(host, Ring::Now);
        }
    }

    /// A house that was given up is tried again.
    pub(super) fn revive(self: &Arc<Self>, host: &Host) {
        if self.peers.revive(host) {
            self.ring(host, Ring::Now);
        }
    }

    /// Every peer that is known, and every house for which something waits, by name; without what it says of itself.
    pub(super) async fn reports(&self) -> Result<Vec<PeerReport>, Error> {
        let awaited = self.store.correspondence().awaited().await?;
        let tallies: HashMap<_, _> = awaited.into_iter().map(|waiting| (waiting.host, waiting.tally)).collect();
        let now = self.now();
        let report = |(peer, prospect): (Peer, Prospect)| {
            let tally = tallies.get(&peer.host).copied().unwrap_or_default();
            PeerReport {
                sockets: self.links.count(&peer.host),
                http_only: prospect.http_only,
                waiting: tally.waiting,
                oldest: tally.oldest,
                dead_letters: tally.dead,
                next_try: prospect.next_try.filter(|_| tally.waiting > 0),
                key: None,
                software: None,
                peer,
            }
        };
        for host in tallies.keys() {
            self.peers.know(host);
        }
        Ok(self.peers.list(now).into_iter().map(report).collect())
    }

    /// Sets whether a house is listened and spoken to; durable when it returns. Ends its connections where it is not.
    pub(super) async fn set_standing(self: &Arc<Self>, host: &Host, standing: Standing) -> Result<(), Error> {
        let peer = self.peers.set_standing(host, standing)?;
        if self.peers.check(host).is_err() {
            self.links.part(host, Parting::Blocked);
        }
        self.store.correspondence().put_peer(peer).await?;
        self.ring(host, Ring::News);
        Ok(())
    }

    /// Tries a house again at once, with what was given up; tells how much that is.
    pub(super) async fn requeue(self: &Arc<Self>, host: &Host) -> Result<u64, Error> {
        let requeued = self.store.correspondence().requeue(host, self.now()).await?;
        self.peers.revive(host);
        self.ring(host, Ring::Afresh);
        Ok(requeued)
    }

    /// A postman has nothing more to do; `false` where it was called again meanwhile.
    pub(super) fn leave(&self, host: &Host, bell: &Bell) -> bool {
        let mut bells = self.bells.lock();
        if bell.is_rung() {
            return false;
        }
        bells.remove(host);
        self.peers.set_awaited(host, false);
        true
    }

    /// Resolves when the office closes.
    pub(super) async fn closed(&self) {
        // The sender is this office's own: it outlives the wait.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Something that ends with the office; `None` where it was not over by then.
    pub(super) async fn until_closed<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.closed() => None,
            done = work => Some(done),
        }
    }

    /// Asks everybody to go.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
        *self.staff.lock() = None;
    }

    /// Waits until everybody went, and writes down what is known of peers.
    pub(super) async fn finish(&self) {
        self.close();
        let gone = async { self.gone.lock().await.recv().await };
        if tokio::time::timeout(PATIENCE, gone).await.is_err() {
            tracing::warn!("what is sent to other servers did not end in time; it will be sent again");
        }
        self.write_down().await;
    }

    fn employ(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Some(badge) = self.staff.lock().clone() else { return };
        tokio::spawn(async move {
            work.await;
            drop(badge);
        });
    }

    async fn write_down(&self) {
        for peer in self.peers.take_unwritten() {
            let host = peer.host.clone();
            if let Err(error) = self.store.correspondence().put_peer(peer).await {
                tracing::warn!(%host, %error, "how things stand with a server was not written down");
            }
        }
    }

    async fn measure(&self) -> Result<(), Error> {
        let awaited = self.store.correspondence().awaited().await?;
        let sum = |count: fn(&quintet_store::Waiting) -> u64| awaited.iter().map(count).sum::<u64>();
        #[expect(clippy::cast_precision_loss, reason = "a metric is a float")]
        {
            gauge!("quintet_outbox_entities").set(sum(|of| of.tally.waiting) as f64);
            gauge!("quintet_dead_letters").set(sum(|of| of.tally.dead) as f64);
        }
        Ok(())
    }
}

/// Sends for whom something waits, then keeps house until the office closes.
async fn attend(office: Arc<Office>) {
    let _ = office.until_closed(keep_house(Arc::clone(&office))).await;
}

async fn keep_house(office: Arc<Office>) {
    match office.store.correspondence().awaited().await {
        Ok(awaited) => awaited
            .iter()
            .filter(|waiting| waiting.tally.waiting > 0)
            .for_each(|waiting| office.ring(&waiting.host, Ring::News)),
        Err(error) => tracing::error!(%error, "what waits for other servers could not be read"),
    }
    let mut rounds = 0;
    loop {
        if rounds % (SWEEP.as_secs() / ROUND.as_secs()) == 0 {
            let age = i64::try_from(office.limits.transient_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
            if let Err(error) = office.store.correspondence().forget(office.now().plus_millis(-age)).await {
                tracing::warn!(%error, "what is old was not forgotten");
            }
        }
        rounds += 1;
        if let Err(error) = office.measure().await {
            tracing::warn!(%error, "what waits for other servers could not be counted");
        }
        tokio::time::sleep(ROUND).await;
        office.write_down().await;
    }
}

/// Tells the recorder what each metric of the office says.
fn describe() {
    describe_gauge!("quintet_peer_links", "Open connections that carry entities to other servers");
    describe_gauge!("quintet_outbox_entities", "Entities that wait for other servers");
    describe_gauge!("quintet_dead_letters", "Entities for other servers that were given up and are kept");
    describe_counter!("quintet_entities_sent_total", "Entities that other servers took, by way");
    describe_counter!("quintet_entity_retries_total", "Tries to deliver an entity that failed for now");
    describe_counter!("quintet_dead_letters_total", "Entities for other servers that were given up");
    describe_counter!("quintet_peer_dials_total", "Sockets opened to other servers, by result");
}
