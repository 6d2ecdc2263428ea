//! The workbench: the orders of one connection that runs procedures.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use quintet_core::Error;
use quintet_core::dialect::Parting;
use quintet_core::federation::Parcel;
use quintet_core::procedure::{Offer, Order, OrderId, Outcome, Owner};
use tokio::sync::oneshot;

use super::crew::Crew;
use super::registry::{Registration, Registry};

/// What a connection that runs procedures is told.
#[derive(Debug)]
pub enum Errand {
    /// To run this.
    Do(OrderId, Box<Order>),
    /// That nobody waits for this any more.
    Cancel(OrderId),
    /// To send this to the house that it is.
    Send(Arc<Parcel>),
    /// To leave.
    Part(Parting),
}

/// A connection's end of it. Dropping it fails what is under way.
pub struct Bench {
    registry: Arc<Registry>,
    worker: Owner,
    crew: Arc<Crew>,
    /// Its place in the crew.
    number: u64,
    tray: Arc<Tray>,
    registration: Option<Registration>,
}

impl Bench {
    /// A place among the connections of a worker of this name, which runs nothing yet.
    pub fn new(registry: &Arc<Registry>, worker: &Arc<str>) -> Self {
        let (crew, number) = (registry.crew(worker), registry.number());
        let tray = Arc::new(Tray::default());
        crew.enter(number, &tray);
        let worker = Owner::Worker(Arc::clone(worker));
        Self { registry: Arc::clone(registry), worker, crew, number, tray, registration: None }
    }

    /// Runs procedures from now on, `calls` at once at the most, in the place of those that it ran before; all or none, with the errors of
    /// [`Registry::register`]. Calls under way go on.
    pub fn offer(&mut self, offers: Vec<Offer>, calls: u32) -> Result<(), Error> {
        let fresh = self.registry.register_member(&self.worker, offers, &self.crew, self.number)?;
        // The former procedures go after the new ones came: those that are in both are never without somebody to run them.
        self.registration = Some(fresh);
        self.crew.widen(self.number, calls);
        Ok(())
    }

    /// Takes no more orders; those under way are finished.
    pub fn drain(&mut self) {
        self.registration = None;
    }

    /// The next errand.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Errand> {
        self.tray.poll(cx)
    }

    /// Gives a result; nothing happens if nobody waits for it any more.
    pub fn result(&mut self, order: OrderId, result: Result<Outcome, Error>) {
        self.tray.end(order, result);
    }

    /// Whether orders are without a result. That one is not waited for any more is an errand, or it was never told.
    pub fn has_orders(&self) -> bool {
        !self.tray.papers.lock().open.is_empty()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // First, so that what is made again is not made here.
        self.registration = None;
        self.crew.exit(self.number);
        self.tray.lose();
    }
}

/// How an order ended.
pub(super) enum Ended {
    /// With a result.
    Answered(Result<Outcome, Error>),
    /// The connection is gone, and never knew of it.
    Unbegun(Box<Order>),
    /// The connection is gone; what it did of it is unknown.
    Lost,
}

/// Where orders lie between those who call and the connection.
#[derive(Default)]
pub(super) struct Tray {
    papers: Mutex<Papers>,
}

#[derive(Default)]
struct Papers {
    /// What the connection was not told yet. Bounded by the orders that it takes at once, and as many that were cancelled.
    errands: VecDeque<Errand>,
    /// The orders without a result.
    open: HashMap<OrderId, oneshot::Sender<Ended>>,
    /// Of the connection, while it has nothing to do.
    waker: Option<Waker>,
    lost: bool,
}

/// An order that is given. Dropping it cancels it.
struct Given<'a> {
    tray: &'a Tray,
    id: OrderId,
}

impl Tray {
    /// Has an order done. Dropping the future cancels it.
    pub(super) async fn give(&self, id: OrderId, order: Box<Order>) -> Ended {
        let (end, ended) = oneshot::channel();
        let _given = {
            let mut papers = self.papers.lock();
            if papers.lost {
                return Ended::Unbegun(order);
            }
            papers.open.insert(id, end);
            papers.errands.push_back(Errand::Do(id, order));
            papers.wake();
            Given { tray: self, id }
        };
        ended.await.unwrap_or(Ended::Lost)
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Errand> {
        let mut papers = self.papers.lock();
        if let Some(errand) = papers.errands.pop_front() {
            return Poll::Ready(errand);
        }
        papers.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn end(&self, id: OrderId, result: Result<Outcome, Error>) {
        let end = self.papers.lock().open.remove(&id);
        if let Some(end) = end {
            // Whoever does not wait any more has no need of it.
            let _ = end.send(Ended::Answered(result));
        }
    }

    fn cancel(&self, id: OrderId) {
        let mut papers = self.papers.lock();
        if papers.open.remove(&id).is_none() {
            return;
        }
        let untold = papers.errands.iter().position(|errand| matches!(errand, Errand::Do(other, _) if *other == id));
        if let Some(place) = untold {
            papers.errands.remove(place);
        } else {
            papers.errands.push_back(Errand::Cancel(id));
            papers.wake();
        }
    }

    /// The connection is gone.
    fn lose(&self) {
        let (errands, mut open) = {
            let mut papers = self.papers.lock();
            papers.lost = true;
            papers.waker = None;
            (std::mem::take(&mut papers.errands), std::mem::take(&mut papers.open))
        };
        for errand in errands {
            if let Errand::Do(id, order) = errand
                && let Some(end) = open.remove(&id)
            {
                let _ = end.send(Ended::Unbegun(order));
            }
        }
    }
}

impl Papers {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        self.tray.cancel(self.id);
    }
}
