//! A crew: the connections of workers of one name, and the calls that wait for one of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use quintet_core::Error;
use quintet_core::procedure::{Order, OrderId, Outcome};
use tokio::sync::oneshot;

use super::registry::Registry;
use super::workbench::{Ended, Tray};

/// How often an idempotent call is made: one that ends whoever runs it is not to end them all.
const ATTEMPTS: u32 = 3;

/// All connections of one worker's name.
#[derive(Default)]
pub(super) struct Crew {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Every connection, by its number.
    seats: HashMap<u64, Seat>,
    /// Who runs what. A connection that offers again is there twice for a moment.
    members: HashMap<Arc<str>, Vec<u64>>,
    /// The calls that wait for a place, by procedure and in the order in which they came.
    waiting: HashMap<Arc<str>, BTreeMap<u64, oneshot::Sender<Place>>>,
    /// Grows with each place that is given, and each call that waits for one.
    turn: u64,
}

/// One connection.
struct Seat {
    tray: Arc<Tray>,
    /// How many calls it takes at once.
    calls: u32,
    taken: u32,
    /// When it was last given a call.
    last: u64,
}

/// One of the calls that a connection takes at once, until this is dropped.
struct Place {
    /// None where it was given back already.
    crew: Option<Arc<Crew>>,
    number: u64,
    tray: Arc<Tray>,
}

/// A call that waits for a place; leaves the queue when this is dropped.
struct Waiting<'a> {
    crew: &'a Crew,
    name: &'a Arc<str>,
    turn: u64,
}

impl Crew {
    /// A connection came. It takes no calls yet.
    pub(super) fn enter(&self, number: u64, tray: &Arc<Tray>) {
        let seat = Seat { tray: Arc::clone(tray), calls: 0, taken: 0, last: 0 };
        self.state.lock().seats.insert(number, seat);
    }

    /// A connection takes so many calls at once from now on.
    pub(super) fn widen(self: &Arc<Self>, number: u64, calls: u32) {
        let mut state = self.state.lock();
        if let Some(seat) = state.seats.get_mut(&number) {
            seat.calls = calls.max(1);
        }
        state.serve(self, number);
    }

    /// A connection is gone.
    pub(super) fn exit(&self, number: u64) {
        self.state.lock().seats.remove(&number);
    }

    /// A connection runs these from now on.
    pub(super) fn join(self: &Arc<Self>, number: u64, names: &[Arc<str>]) {
        let mut state = self.state.lock();
        for name in names {
            state.members.entry(Arc::clone(name)).or_default().push(number);
        }
        state.serve(self, number);
    }

    /// A connection runs these no longer. Gives those that nobody runs any more: calls that wait for one of them are refused.
    pub(super) fn leave<'a>(&self, number: u64, names: &'a [Arc<str>]) -> Vec<&'a Arc<str>> {
        let mut state = self.state.lock();
        names.iter().filter(|name| state.leave(number, name)).collect()
    }

    /// How many connections run a procedure.
    pub(super) fn members(&self, name: &str) -> u64 {
        self.state.lock().members.get(name).map_or(0, |members| members.len() as u64)
    }

    /// Has a call answered by one of those who run the procedure: at once by the least busy one that has a place, else by the first that has.
    ///
    /// `Unavailable` where nobody runs it any more, too many wait, or whoever ran it is gone; an idempotent call is made again then, and so is
    /// one that the connection did not know of yet.
    pub(super) async fn work(
        self: &Arc<Self>,
        registry: &Registry,
        (name, idempotent): (&Arc<str>, bool),
        order: Order,
    ) -> Result<Outcome, Error> {
        let mut order = Box::new(order);
        loop {
            let place = self.place(name, registry).await?;
            let spare = (idempotent && order.attempt < ATTEMPTS).then(|| order.clone());
            match (place.tray.give(OrderId(registry.number()), order).await, spare) {
                (Ended::Answered(result), _) => return result,
                (Ended::Unbegun(same), _) => order = same,
                (Ended::Lost, Some(spare)) => {
                    order = spare;
                    order.attempt += 1;
                }
                (Ended::Lost, None) => return Err(gone(name)),
            }
        }
    }

    async fn place(self: &Arc<Self>, name: &Arc<str>, registry: &Registry) -> Result<Place, Error> {
        if let Some(place) = self.state.lock().take(self, name) {
            return Ok(place);
        }
        let _one = registry.wait()?;
        let (turn, place) = {
            let mut state = self.state.lock();
            // One may have become free just now.
            if let Some(place) = state.take(self, name) {
                return Ok(place);
            }
            state.queue(name)?
        };
        let _waiting = Waiting { crew: self, name, turn };
        place.await.map_err(|_| gone(name))
    }

    fn give_back(self: &Arc<Self>, number: u64) {
        let mut state = self.state.lock();
        if let Some(seat) = state.seats.get_mut(&number) {
            seat.taken -= 1;
        }
        state.serve(self, number);
    }
}

impl State {
    /// A place at the least busy connection that has one; of those that are alike, at the one that was longest without a call.
    fn take(&mut self, crew: &Arc<Crew>, name: &str) -> Option<Place> {
        let free = |number: &u64| {
            let seat = self.seats.get(number).filter(|seat| seat.is_free())?;
            Some((seat.taken, seat.last, *number))
        };
        let (_, _, number) = self.members.get(name)?.iter().filter_map(free).min()?;
        self.seat(crew, number)
    }

    /// Takes a place at one connection; none where it has none.
    fn seat(&mut self, crew: &Arc<Crew>, number: u64) -> Option<Place> {
        self.turn += 1;
        let seat = self.seats.get_mut(&number).filter(|seat| seat.is_free())?;
        seat.taken += 1;
        seat.last = self.turn;
        Some(Place { crew: Some(Arc::clone(crew)), number, tray: Arc::clone(&seat.tray) })
    }

    /// Waits for a place.
    fn queue(&mut self, name: &Arc<str>) -> Result<(u64, oneshot::Receiver<Place>), Error> {
        if !self.members.contains_key(name) {
            return Err(gone(name));
        }
        let (give, receive) = oneshot::channel();
        self.turn += 1;
        self.waiting.entry(Arc::clone(name)).or_default().insert(self.turn, give);
        Ok((self.turn, receive))
    }

    /// Gives the free places of a connection to the calls that have waited longest.
    fn serve(&mut self, crew: &Arc<Crew>, number: u64) {
        while self.seats.get(&number).is_some_and(Seat::is_free)
            && let Some(give) = self.next_for(number).and_then(|name| self.pop(&name))
            && let Some(place) = self.seat(crew, number)
        {
            if let Err(mut unsent) = give.send(place) {
                // Nobody waits there any more. The lock is held already, so it is given back by hand.
                unsent.crew = None;
                self.seats.entry(number).and_modify(|seat| seat.taken -= 1);
            }
        }
    }

    /// What the call that has waited longest of those that this connection runs is to be answered by.
    fn next_for(&self, number: u64) -> Option<Arc<str>> {
        let runs = |name: &Arc<str>| self.members.get(name).is_some_and(|members| members.contains(&number));
        let first = |(name, calls): (&Arc<str>, &BTreeMap<u64, _>)| Some((*calls.keys().next()?, Arc::clone(name)));
        self.waiting.iter().filter(|(name, _)| runs(name)).filter_map(first).min().map(|(_, name)| name)
    }

    fn pop(&mut self, name: &Arc<str>) -> Option<oneshot::Sender<Place>> {
        let calls = self.waiting.get_mut(name)?;
        let (_, give) = calls.pop_first()?;
        if calls.is_empty() {
            self.waiting.remove(name);
        }
        Some(give)
    }

    /// Tells whether nobody runs the procedure any more.
    fn leave(&mut self, number: u64, name: &Arc<str>) -> bool {
        let Some(members) = self.members.get_mut(name) else { return false };
        if let Some(place) = members.iter().position(|member| *member == number) {
            members.swap_remove(place);
        }
        if !members.is_empty() {
            return false;
        }
        self.members.remove(name);
        self.waiting.remove(name);
        true
    }
}

impl Seat {
    fn is_free(&self) -> bool {
        self.taken < self.calls
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(crew) = self.crew.take() {
            crew.give_back(self.number);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.crew.state.lock();
        if let Some(calls) = state.waiting.get_mut(self.name) {
            calls.remove(&self.turn);
            if calls.is_empty() {
                state.waiting.remove(self.name);
            }
        }
    }
}

/// What a call hears that nobody runs any more.
pub(super) fn gone(name: &str) -> Error {
    Error::unavailable(format!("whoever ran {name} is gone, try again"))
}
