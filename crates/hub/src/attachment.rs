//! An attachment: one open connection, as the hall knows it.

use std::mem;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use quintet_core::chat::Via;
use quintet_core::dialect::{Carriage, Parting};
use quintet_core::federation::{ParcelId, Receipt};
use quintet_core::limits;
use quintet_core::procedure::{Offer, OrderId, Outcome};
use quintet_core::user::Status;
use quintet_core::{Body, Credential, Dialect, Error, Id, Identity, Pattern, Right, Topic};
use tokio::time::Instant;

use crate::delivery::inbox::Command;
use crate::delivery::small_map::SmallMap;
use crate::delivery::voice::Voice;
use crate::fanout::Seat;
use crate::federation::Link;
use crate::hub::{Caller, Hub};
use crate::outlet::Outlet;
use crate::procedures::{Bench, Errand};

/// One connection's hold on the hall: who it is, and what it listens to. Dropping it lets go of everything.
pub struct Attachment {
    hub: Arc<Hub>,
    seat: Seat,
    dialect: u8,
    address: IpAddr,
    local: bool,
    identity: Identity,
    patterns: SmallMap<Pattern, ()>,
    /// How many of them hear more than one topic.
    wide: u32,
    /// What was said in the house when this connection last said something that it may hear itself.
    said: AtomicU64,
    /// Only where it runs procedures.
    bench: Option<Box<Bench>>,
    /// Only where it carries parcels.
    link: Option<Box<Link>>,
}

impl Hub {
    /// A peer of the dialect at this place in [`Hub::dialects`] came as `identity`, from `address`, which is `local` as [`Caller::local`] says.
    pub fn attach(
        self: &Arc<Self>,
        outlet: Arc<dyn Outlet>,
        dialect: usize,
        identity: Identity,
        (address, local): (IpAddr, bool),
    ) -> Attachment {
        let voice = Voice::new(dialect, outlet.compressed());
        let seat = self.fanout.attach(outlet, identity.clone(), voice);
        let dialect = u8::try_from(dialect).expect("a house has few dialects");
        let attachment = Attachment {
            hub: Arc::clone(self),
            seat,
            dialect,
            address,
            local,
            identity,
            patterns: SmallMap::default(),
            wide: 0,
            said: AtomicU64::new(0),
            bench: None,
            link: None,
        };
        attachment.arrive();
        attachment
    }

    /// Tells that a connection became somebody's, or is no longer, where that is a user and anybody listens (flamigo.md, section 6.1).
    fn tell_session(&self, who: &Identity, dialect: u8, authenticated: bool) {
        let Some(user) = who.user() else { return };
        let topic = if authenticated { Topic::authenticated(user) } else { Topic::disconnected(user) };
        if self.listens(&topic) {
            let dialect = Via::from(self.dialects()[usize::from(dialect)].name());
            let body = Body::Session { dialect: dialect.clone(), authenticated };
            // As with a departure: the news may be lost under overload, not the fact.
            let _ = self.say(self.policy.author(who), dialect, vec![topic], body);
        }
    }
}

impl Attachment {
    /// Who this is now.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Who asks, when this asks.
    pub fn caller(&self) -> Caller {
        let (address, local) = (self.address, self.local);
        Caller { identity: self.identity.clone(), via: self.dialect_name().into(), address, local, socket: true }
    }

    fn dialect(&self) -> &dyn Dialect {
        &*self.hub.dialects()[usize::from(self.dialect)]
    }

    fn dialect_name(&self) -> &'static str {
        self.dialect().name()
    }

    /// Becomes whoever the credential says; changes nothing if it does not hold. That a user authenticates is told each time, also where it is
    /// the same one as before (flamigo.md, section 6.1).
    pub fn authenticate(&mut self, credential: &Credential) -> Result<Identity, Error> {
        let identity = self.hub.identify_in(self.dialect(), credential)?;
        if identity == self.identity {
            self.hub.tell_session(&identity, self.dialect, true);
            return Ok(identity);
        }
        self.bench = None;
        self.link = None;
        self.leave_all();
        self.depart();
        let former = mem::replace(&mut self.identity, identity.clone());
        self.hub.fanout.rebind(self.seat, identity.clone());
        self.hub.tell_session(&former, self.dialect, false);
        self.arrive();
        self.enter_all();
        Ok(identity)
    }

    /// Listens to a pattern, from now on; listening twice is listening once. Tells whether it may be heard at this moment: rights are asked again
    /// at each delivery. `TooMany` beyond the bound, `TooLarge` for too long a topic or too deep a pattern.
    pub fn subscribe(&mut self, pattern: Pattern) -> Result<bool, Error> {
        let limits = self.hub.limits();
        if pattern.path().as_str().len() > limits::size(limits.topic_bytes) {
            return Err(Error::too_large(format!("a topic may have {} bytes at most", limits.topic_bytes)));
        }
        let segments = pattern.path().as_str().split('/').count();
        if pattern.is_wide() && segments > limits::size(limits.pattern_segments) {
            return Err(Error::too_large(format!("a pattern may have {} segments at most", limits.pattern_segments)));
        }
        let readable = self.hub.policy.may_listen(&self.identity, &pattern);
        if self.patterns.contains(&pattern) {
            return Ok(readable);
        }
        if self.patterns.len() >= limits::size(limits.connection_subscriptions) {
            return Err(Error::too_many("too many subscriptions on this connection, end some first"));
        }
        self.hub.fanout.subscribe(self.seat, &pattern);
        self.enter(&pattern);
        self.wide += u32::from(pattern.is_wide());
        self.patterns.insert(pattern, ());
        Ok(readable)
    }

    /// Listens no longer; nothing happens if it did not.
    pub fn unsubscribe(&mut self, pattern: &Pattern) {
        if self.patterns.remove(pattern).is_some() {
            self.wide -= u32::from(pattern.is_wide());
            self.hub.fanout.unsubscribe(self.seat, pattern);
            self.leave(pattern);
        }
    }

    /// Says something that is not kept; the errors are those of [`Hub::publish`].
    pub fn publish(&self, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        let hears_itself = topics.iter().any(|topic| self.hears(topic));
        self.hub.publish(&self.identity, self.dialect_name().into(), topics, body)?;
        if hears_itself {
            self.mark();
        }
        Ok(())
    }

    /// What is sent from now on is to stand behind everything said so far: to be called when a call of this connection is answered.
    pub fn mark(&self) {
        self.said.store(self.hub.fanout.said(self.seat), Ordering::Relaxed);
    }

    /// Whether this connection is about to hear something that it has said or caused itself. What is sent straight to its outlet would overtake that.
    pub fn is_behind(&self) -> bool {
        !self.hub.fanout.is_heard(self.seat, self.said.load(Ordering::Relaxed))
    }

    /// Keeps back what is heard from now on, until [`Attachment::release`]; beyond the bounds the connection is closed as a slow one.
    pub fn hold(&self) {
        self.hub.fanout.obey(self.seat, Command::Hold);
    }

    /// Lets out what was kept back, but for the events of these topics up to these offsets. What is sent from now on is to stand behind that.
    pub fn release(&self, known: Vec<(Topic, u64)>) {
        self.hub.fanout.obey(self.seat, |slot| Command::Release(slot, known));
        self.mark();
    }

    /// Runs procedures from now on, `calls` at once at the most, in the place of those that it ran before. `Forbidden` for who is no worker,
    /// `Conflict` for what somebody else runs, `TooMany`, `BadMessage` for a name that is none.
    pub fn offer(&mut self, offers: Vec<Offer>, calls: u32) -> Result<(), Error> {
        let Identity::Worker(name) = &self.identity else {
            return Err(Error::forbidden("only workers run procedures, come with a worker's token"));
        };
        let limits = self.hub.limits();
        if offers.len() > limits::size(limits.worker_procedures) {
            return Err(Error::too_many(format!("a worker may run {} procedures at most", limits.worker_procedures)));
        }
        let calls = calls.min(u32::try_from(limits.worker_calls).unwrap_or(u32::MAX));
        let bench = self.bench.get_or_insert_with(|| Box::new(Bench::new(&self.hub.procedures, name)));
        bench.offer(offers, calls)
    }

    /// Takes no more orders; those under way are finished.
    pub fn drain(&mut self) {
        if let Some(bench) = &mut self.bench {
            bench.drain();
        }
    }

    /// Gives the result of an order; nothing happens if nobody waits for it any more.
    pub fn result(&mut self, order: OrderId, result: Result<Outcome, Error>) {
        if let Some(bench) = &mut self.bench {
            bench.result(order, result);
        }
    }

    /// Carries parcels to the house that this is, from now on. `Forbidden` for who is no house.
    pub fn carry(&mut self, carriage: Carriage) -> Result<(), Error> {
        let Identity::Instance(host) = &self.identity else {
            return Err(Error::forbidden("only another house is sent parcels, say hello first"));
        };
        self.link = Some(self.hub.federation()?.link(host, carriage)?);
        Ok(())
    }

    /// What the peer says of a parcel; nothing happens if nobody waits for it any more.
    pub fn receipt(&mut self, parcel: ParcelId, receipt: Receipt) {
        if let Some(link) = &mut self.link {
            link.receipt(parcel, receipt);
        }
    }

    /// Whether anybody waits for a result.
    pub fn has_orders(&self) -> bool {
        self.bench.as_ref().is_some_and(|bench| bench.has_orders())
    }

    /// The next order or parcel, or the end of an order. Pending for ever where nothing was offered, and nothing is carried.
    pub fn poll_errand(&mut self, cx: &mut Context<'_>) -> Poll<Errand> {
        if let Some(link) = &mut self.link
            && let Poll::Ready(errand) = link.poll(cx)
        {
            return Poll::Ready(errand);
        }
        self.bench.as_mut().map_or(Poll::Pending, |bench| bench.poll(cx))
    }

    /// Why a connection that carries is to leave, once it is: for one that can be told nothing else now.
    pub fn poll_parting(&mut self, cx: &mut Context<'_>) -> Poll<Parting> {
        self.link.as_mut().map_or(Poll::Pending, |link| link.poll_parting(cx))
    }

    /// Whether the positions of what is heard from now on are heard, too.
    pub fn hear_positions(&self, positions: bool) {
        self.hub.fanout.obey(self.seat, |slot| Command::Positions(slot, positions));
    }

    /// Sends bytes to this connection behind what is on its way to it. `false` if too much waits there: the bytes are not sent then.
    pub fn send_behind(&self, bytes: &Bytes) -> bool {
        let behind = self.hub.fanout.send_behind(self.seat, bytes);
        if let Some(said) = behind {
            self.said.store(said, Ordering::Relaxed);
        }
        behind.is_some()
    }

    fn hears(&self, topic: &Topic) -> bool {
        let heard_within = || self.patterns.keys().any(|pattern| pattern.is_wide() && pattern.matches(topic));
        self.patterns.contains(&topic.clone().into()) || (self.wide > 0 && heard_within())
    }

    fn say(&self, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        let author = self.hub.policy.author(&self.identity);
        self.hub.say(author, self.dialect_name().into(), topics, body)
    }

    fn arrive(&self) {
        if let Some(user) = self.identity.user() {
            self.hub.presence.arrive(user, Instant::now());
            self.hub.tell_session(&self.identity, self.dialect, true);
        }
    }

    fn depart(&self) {
        let Some(user) = self.identity.user() else { return };
        if let Some(status) = self.hub.presence.depart(user) {
            // An inbox that is full loses the news of a departure, not the departure.
            let _ = self.say(vec![Topic::user(user)], Body::StatusChanged(status));
        }
    }

    fn enter_all(&self) {
        self.patterns.keys().for_each(|pattern| self.enter(pattern));
    }

    fn leave_all(&self) {
        self.patterns.keys().for_each(|pattern| self.leave(pattern));
    }

    fn enter(&self, pattern: &Pattern) {
        let Some(user) = self.identity.user() else { return };
        // Of somebody who is not online yet the doorkeeper tells, if it stays.
        if self.hub.attendance.enter(user, self.dialect, pattern, self.hub.now()) && self.is_online(user) {
            for room in self.hub.attendance.news(user, self.dialect, |room| self.may_view(room)) {
                self.announce(room, true);
            }
        }
    }

    fn leave(&self, pattern: &Pattern) {
        let Some(user) = self.identity.user() else { return };
        for (room, told) in self.hub.attendance.leave(user, self.dialect, pattern) {
            if told || (self.is_online(user) && self.may_view(room)) {
                self.announce(room, false);
            }
        }
    }

    fn is_online(&self, user: Id) -> bool {
        self.hub.presence.status(user) == Status::Online
    }

    fn may_view(&self, room: Id) -> bool {
        self.hub.policy.may(&self.identity, Right::View, room)
    }

    fn announce(&self, room: Id, joined: bool) {
        let body = Body::Presence { room, dialect: self.dialect_name().into(), joined };
        // As for a departure: the news may be lost under overload, not the fact.
        let _ = self.say(vec![Topic::room(room)], body);
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.bench = None;
        self.link = None;
        self.hub.fanout.detach(self.seat, self.patterns.keys());
        self.leave_all();
        self.depart();
        self.hub.tell_session(&self.identity, self.dialect, false);
    }
}
