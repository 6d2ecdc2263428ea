//! Workers that come, answer, and are lost at random, while callers come and leave: every call has one answer, and nothing is left behind.

use std::collections::HashSet;

use quintet_core::procedure::{Offer, OrderId};
use quintet_core::{Answer, Error, Identity};
use quintet_hub::Caller;
use quintet_hub::procedures::Errand;

use crate::attached::open_house;
use crate::crews::{Asking, Worker, all_is_quiet};
use crate::house::{House, house};
use crate::procedures::{invoke, open, outcome, ready, report};

/// The same numbers for the same seed (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    /// Thrown from this seed on, which is not zero.
    pub(crate) fn of(seed: u64) -> Self {
        Self(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed))
    }

    /// A number below this.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

/// A connection, and what it has been told to do.
struct Busy {
    worker: Worker,
    calls: u32,
    orders: Vec<OrderId>,
    known: HashSet<OrderId>,
}

impl Busy {
    fn come(house_: &House, dice: &mut Dice) -> Self {
        let calls = u32::try_from(1 + dice.below(4)).unwrap();
        let worker = Worker::attach(house_, Identity::Worker("w".into()));
        let mut busy = Self { worker, calls, orders: Vec::new(), known: HashSet::new() };
        busy.offer();
        busy
    }

    fn offer(&mut self) {
        let again = Offer { idempotent: true, ..open("again") };
        self.worker.0.offer(vec![open("once"), again], self.calls).unwrap();
    }

    /// Takes what there is to do.
    fn look(&mut self) {
        while let Some(errand) = self.worker.waiting() {
            match errand {
                Errand::Do(id, _) => {
                    assert!(self.known.insert(id), "an order is given once");
                    self.orders.push(id);
                }
                Errand::Cancel(id) => self.orders.retain(|other| *other != id),
                Errand::Send(_) | Errand::Part(_) => panic!("it is no house"),
            }
        }
        assert!(self.orders.len() <= self.calls as usize, "more than it takes at once");
    }

    fn answer(&mut self, at: usize) {
        let id = self.orders.swap_remove(at);
        self.worker.answer(id, "1");
    }
}

/// Callers and workers.
struct Scene<'a> {
    house_: &'a House,
    who: &'a Caller,
    calls: Vec<Asking<'a>>,
    workers: Vec<Busy>,
    answered: [usize; 2],
}

impl Scene<'_> {
    fn step(&mut self, dice: &mut Dice) {
        match dice.below(20) {
            0..7 => {
                let name = ["once", "again"][dice.below(2)];
                self.calls.push(Box::pin(self.house_.ask(self.who, invoke(name))));
            }
            7 if !self.calls.is_empty() => drop(self.calls.swap_remove(dice.below(self.calls.len()))),
            8..11 => self.wait(),
            11 if self.workers.len() < 4 => self.workers.push(Busy::come(self.house_, dice)),
            12 if !self.workers.is_empty() => drop(self.workers.swap_remove(dice.below(self.workers.len()))),
            13 if !self.workers.is_empty() => {
                let worker = dice.below(self.workers.len());
                let busy = &mut self.workers[worker];
                if dice.below(2) == 0 { busy.worker.0.drain() } else { busy.offer() }
            }
            _ => self.work(dice),
        }
    }

    /// Somebody does some of what it is to do.
    fn work(&mut self, dice: &mut Dice) {
        if self.workers.is_empty() {
            return;
        }
        let worker = dice.below(self.workers.len());
        let busy = &mut self.workers[worker];
        busy.look();
        if !busy.orders.is_empty() {
            let order = dice.below(busy.orders.len());
            busy.answer(order);
        }
    }

    /// Takes the answers that there are.
    fn wait(&mut self) {
        let answered = &mut self.answered;
        self.calls.retain_mut(|call| match ready(call) {
            Some(answer) => {
                answered[usize::from(is_loss(answer))] += 1;
                false
            }
            None => true,
        });
    }

    /// Everything is answered by somebody who stays.
    fn finish(&mut self) {
        self.workers.clear();
        self.wait();
        assert!(self.calls.is_empty(), "nobody is there any more who could answer");
    }
}

/// Whether nobody answered a call; no other error may come.
pub(crate) fn is_loss(answer: Result<Answer, Error>) -> bool {
    match answer {
        Err(error) => {
            assert!([404, 503].contains(&error.status()), "{error}");
            true
        }
        answer => {
            assert_eq!(outcome(answer), "1");
            false
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_has_one_answer_whoever_is_lost() {
    let house_ = open_house().await;
    let who = house();
    for seed in 1..=100 {
        println!("seed {seed}");
        let mut dice = Dice::of(seed);
        let (calls, workers) = (Vec::new(), Vec::new());
        let mut scene = Scene { house_: &house_, who: &who, calls, workers, answered: [0; 2] };
        for _ in 0..400 {
            scene.step(&mut dice);
        }
        scene.finish();
        assert!(scene.answered.iter().all(|count| *count > 0), "{:?}", scene.answered);
        all_is_quiet(&house_);
        assert!(
            house_
                .procedures
                .reports()
                .iter()
                .all(|report| !["once", "again"].contains(&&*report.procedure.offer.name))
        );
    }
    // Those that come later find it as it should be.
    let mut worker = Worker::of(&house_, "w", &["once"], 1);
    let mut call: Asking<'_> = Box::pin(house_.ask(&who, invoke("once")));
    assert!(ready(&mut call).is_none());
    let (id, _) = worker.order();
    worker.answer(id, "1");
    outcome(call.await);
    assert_eq!(report(&house_, "once").runners, 1);
}
