//! The registry: one name, one owner.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use metrics::gauge;
use parking_lot::RwLock;
use quintet_core::limits::size;
use quintet_core::procedure::{Catalogue, NAME_BYTES, Offer, Order, Outcome, Owner, Procedure, Report, check_name};
use quintet_core::{Error, Limits};
use tokio::sync::watch;

use super::crew::Crew;
use super::crowd::{Crowd, One};
use super::entry::{Entry, Hands};
use super::shares::{Party, Share, Shares};
use super::tables::Tables;

/// Whoever can run a procedure.
pub trait Runner: Send + Sync {
    /// Answers one call. Dropping the future cancels it. A panic is an internal error of this call, and of nothing else.
    fn run(&self, order: Order) -> Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;
}

/// Every procedure there is.
pub struct Registry {
    tables: RwLock<Tables>,
    limits: Limits,
    /// How many procedures the house runs itself, which do not count against the bound.
    built_in: usize,
    under_way: Crowd,
    shares: Shares,
    waiting: Crowd,
    /// The last number that was given to a connection or an order.
    number: AtomicU64,
    /// Becomes true when calls under way are waited for no longer.
    ended: watch::Sender<bool>,
}

/// Procedures that are registered as long as this lives.
#[must_use = "what is registered goes when this is dropped"]
pub struct Registration {
    registry: Arc<Registry>,
    names: Vec<Arc<str>>,
    /// The connection that runs them, where that is one of a worker's.
    member: Option<(Arc<Crew>, u64)>,
}

impl Registry {
    /// Without any procedure but the house's own.
    pub fn new(limits: &Limits) -> Self {
        let tables = Tables::of_the_house();
        Self {
            built_in: tables.len(),
            tables: RwLock::new(tables),
            under_way: Crowd::new(limits.procedure_calls),
            shares: Shares::new(limits.identity_calls),
            waiting: Crowd::new(limits.procedure_waiting_calls),
            limits: limits.clone(),
            number: AtomicU64::new(0),
            ended: watch::Sender::new(false),
        }
    }

    /// Registers procedures of a closure or webhook, all or none. `Conflict` that names both owners, `TooMany`, `BadMessage` for a name that is
    /// none or twice there; only a webhook may have a family. Workers come by [`crate::Attachment::offer`].
    pub fn register(
        self: &Arc<Self>,
        owner: &Owner,
        offers: Vec<Offer>,
        runner: &Arc<dyn Runner>,
    ) -> Result<Registration, Error> {
        if matches!(owner, Owner::House | Owner::Worker(_)) {
            return Err(Error::forbidden(format!("{owner} does not run procedures in this way")));
        }
        let names = self.put(owner, offers, &Hands::Runner(Arc::clone(runner)), |_| {})?;
        Ok(Registration { registry: Arc::clone(self), names, member: None })
    }

    /// Registers procedures of a worker's connection. Those that other connections of its name run are shared with them, and are from now on as
    /// described here: whoever offers last is believed.
    pub(super) fn register_member(
        self: &Arc<Self>,
        owner: &Owner,
        offers: Vec<Offer>,
        crew: &Arc<Crew>,
        number: u64,
    ) -> Result<Registration, Error> {
        let hands = Hands::Crew(Arc::clone(crew));
        let names = self.put(owner, offers, &hands, |names| crew.join(number, names))?;
        Ok(Registration { registry: Arc::clone(self), names, member: Some((Arc::clone(crew), number)) })
    }

    fn put(
        &self,
        owner: &Owner,
        offers: Vec<Offer>,
        hands: &Hands,
        joined: impl FnOnce(&[Arc<str>]),
    ) -> Result<Vec<Arc<str>>, Error> {
        check(&offers, owner)?;
        let mut tables = self.tables.write();
        offers.iter().try_for_each(|offer| tables.must_be_free(&offer.name, owner))?;
        let fresh = offers.iter().filter(|offer| tables.registered(&offer.name).is_none()).count();
        let bound = size(self.limits.procedures);
        if tables.len() - self.built_in + fresh > bound {
            return Err(Error::too_many(format!("there may be {bound} procedures at most, register fewer")));
        }
        let names: Vec<_> = offers.iter().map(|offer| Arc::clone(&offer.name)).collect();
        for offer in offers {
            tables.put(offer, owner, hands, bound.saturating_add(self.built_in));
        }
        joined(&names);
        show(&tables);
        Ok(names)
    }

    /// Every procedure, by name.
    pub fn reports(&self) -> Vec<Report> {
        let mut entries: Vec<_> = self.tables.read().all().map(Arc::clone).collect();
        entries.sort_by(|a, b| a.offer().name.cmp(&b.offer().name));
        entries.iter().map(|entry| entry.report()).collect()
    }

    /// How many calls are under way, and how many of them wait for a place.
    pub fn calls(&self) -> (u64, u64) {
        (self.under_way.inside(), self.waiting.inside())
    }

    /// Every call under way, and each that begins from now on, is answered with `Unavailable`: for the end of a shutdown.
    pub fn end_calls(&self) {
        self.ended.send_replace(true);
    }

    /// Resolves when calls under way are waited for no longer.
    pub(crate) async fn ended(&self) {
        // It lives as long as the sender, which is here.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// Whoever answers to a name.
    pub(crate) fn entry(&self, name: &str) -> Option<Arc<Entry>> {
        // Longer ones are no names.
        (name.len() <= NAME_BYTES).then(|| self.tables.read().find(name).map(Arc::clone)).flatten()
    }

    /// How long a call of a procedure may take.
    pub(crate) fn patience(&self, offer: &Offer) -> Duration {
        let longest = Duration::from_secs(self.limits.procedure_longest_seconds);
        offer.timeout.unwrap_or(Duration::from_secs(self.limits.procedure_seconds)).min(longest)
    }

    /// A call begins, and ends with what this gives. `Unavailable` where too many are under way.
    pub(crate) fn begin(&self) -> Result<One<'_>, Error> {
        let full = || Error::unavailable("too many calls are under way, try again soon");
        self.under_way.enter().ok_or_else(full)
    }

    /// May a call of a party, which [`Registry::begin`] has let in, go on? `TooMany` where too many of its own are under way.
    pub(crate) fn must_have_room(&self, party: Party) -> Result<(), Error> {
        let others = self.under_way.inside().saturating_sub(1);
        let full = || Error::too_many("too many calls of yours are under way, wait for some of them");
        if self.shares.has_room(party, others) { Ok(()) } else { Err(full()) }
    }

    /// A call of a party is not ready at once: it counts until what this gives is dropped.
    pub(crate) fn share(&self, party: Party) -> Share<'_> {
        self.shares.enter(party)
    }

    /// A call begins to wait for a place, and does so no longer with what this gives. `Unavailable` where too many wait.
    pub(super) fn wait(&self) -> Result<One<'_>, Error> {
        self.waiting.enter().ok_or_else(|| Error::unavailable("too many calls are waiting, try again soon"))
    }

    /// A number that nobody has.
    pub(super) fn number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The connections of a worker of this name.
    pub(super) fn crew(&self, worker: &Arc<str>) -> Arc<Crew> {
        let crews = &mut self.tables.write().crews;
        if let Some(crew) = crews.get(worker).and_then(Weak::upgrade) {
            return crew;
        }
        crews.retain(|_, crew| crew.strong_count() > 0);
        let crew = Arc::default();
        crews.insert(Arc::clone(worker), Arc::downgrade(&crew));
        crew
    }
}

/// Refuses names that are none, or twice there.
fn check(offers: &[Offer], owner: &Owner) -> Result<(), Error> {
    let mut names = HashSet::new();
    for Offer { name, .. } in offers {
        check_name(name, matches!(owner, Owner::Webhook(_)))?;
        if !names.insert(name) {
            return Err(Error::bad_message(format!("{name:?} is offered twice, offer it once")));
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; procedures are bounded far below 2^53")]
fn show(tables: &Tables) {
    gauge!("quintet_procedures").set(tables.len() as f64);
}

impl Catalogue for Registry {
    fn find(&self, name: &str) -> Option<Arc<Procedure>> {
        self.entry(name).map(|entry| Arc::clone(&entry.procedure))
    }

    fn with_interface(&self, kind: &str) -> Vec<Arc<Procedure>> {
        let has =
            |entry: &&Arc<Entry>| entry.offer().interface.as_ref().is_some_and(|interface| *interface.kind == *kind);
        let mut found: Vec<_> =
            self.tables.read().all().filter(has).map(|entry| Arc::clone(&entry.procedure)).collect();
        found.sort_by(|a, b| a.offer.name.cmp(&b.offer.name));
        found
    }

    fn revision(&self) -> Option<u64> {
        Some(self.tables.read().revision())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut tables = self.registry.tables.write();
        let left = match &self.member {
            Some((crew, number)) => crew.leave(*number, &self.names),
            None => self.names.iter().collect(),
        };
        let gone: Vec<_> = left.into_iter().filter_map(|name| tables.remove(name)).collect();
        show(&tables);
        // What belongs to a runner may do anything when it goes: not while the tables are locked.
        drop(tables);
        for entry in gone {
            entry.close();
        }
    }
}
