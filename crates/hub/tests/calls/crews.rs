//! Procedures of workers: how their connections share the calls, and what becomes of calls when one is lost.

use std::future::Future;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use quintet_core::procedure::{Catalogue, Claim, Interface, Offer, Order, OrderId, Outcome};
use quintet_core::{Answer, Call, Error, Identity, Kind, Limits};
use quintet_hub::procedures::Errand;
use quintet_hub::{Attachment, Caller, Outlet};
use tokio::time::Instant;

use crate::attached::{bounded_house, open_house};
use crate::house::{House, house};
use crate::procedures::{invoke, json, open, outcome, ready, report};

/// A way out that leads nowhere.
struct Nowhere;

impl Outlet for Nowhere {
    fn write(&self, _: &[Bytes]) {}

    fn compressed(&self) -> bool {
        false
    }

    fn close(&self, _: u16, _: &str) {}
}

/// One connection of a worker.
pub(crate) struct Worker(pub(crate) Attachment);

impl Worker {
    pub(crate) fn attach(house_: &House, identity: Identity) -> Self {
        let address = IpAddr::from([127, 0, 0, 1]);
        Self(house_.hub.attach(Arc::new(Nowhere), 0, identity, (address, true)))
    }

    /// Runs these, so many calls at once.
    pub(crate) fn of(house_: &House, name: &str, procedures: &[&str], calls: u32) -> Self {
        let mut worker = Self::attach(house_, Identity::Worker(name.into()));
        worker.offer(procedures, calls).unwrap();
        worker
    }

    fn offer(&mut self, procedures: &[&str], calls: u32) -> Result<(), Error> {
        self.0.offer(procedures.iter().map(|name| open(name)).collect(), calls)
    }

    /// The next errand, if there is one by now.
    pub(crate) fn waiting(&mut self) -> Option<Errand> {
        ready(&mut std::future::poll_fn(|cx| self.0.poll_errand(cx)))
    }

    /// The next order, which is there already.
    pub(crate) fn order(&mut self) -> (OrderId, Box<Order>) {
        match self.waiting() {
            Some(Errand::Do(id, order)) => (id, order),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn answer(&mut self, id: OrderId, json_: &str) {
        self.0.result(id, Ok(Outcome::ok(json(json_))));
    }
}

/// A call under way.
pub(crate) type Asking<'a> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + 'a>>;

/// Begins calls, in order.
fn begin<'a>(house_: &'a House, who: &'a Caller, name: &str, count: usize) -> Vec<Asking<'a>> {
    let mut calls = Vec::new();
    for _ in 0..count {
        let mut call: Asking<'_> = Box::pin(house_.ask(who, invoke(name)));
        assert!(ready(&mut call).is_none());
        calls.push(call);
    }
    calls
}

fn gone(answer: Result<Answer, Error>) {
    let error = answer.unwrap_err();
    assert_eq!((error.status(), error.public()), (503, "whoever ran add is gone, try again"));
}

pub(crate) fn all_is_quiet(house_: &House) {
    assert_eq!(house_.procedures.calls(), (0, 0));
    assert!(house_.procedures.reports().iter().all(|report| report.running == 0));
}

#[tokio::test]
async fn a_worker_answers_a_call() {
    let house_ = open_house().await;
    let mut worker = Worker::of(&house_, "w", &["add"], 8);
    let who = house();
    let mut call = pin!(house_.ask(&who, invoke("add")));
    assert!(ready(&mut call).is_none());
    let (id, order) = worker.order();
    assert_eq!((&*order.invocation.name, order.invocation.payload.get(), order.attempt), ("add", "1", 1));
    assert_eq!(order.deadline.millis() - house_.now().millis(), 30_000);
    worker.answer(id, "3");
    assert_eq!(outcome(call.await), "3");
    worker.answer(id, "4");
    assert!(worker.waiting().is_none());

    let mut call = pin!(house_.ask(&who, invoke("add")));
    assert!(ready(&mut call).is_none());
    let (id, _) = worker.order();
    worker.0.result(id, Err(Error::conflict("note is locked")));
    assert_eq!(call.await.unwrap_err().public(), "note is locked");
    assert_eq!((report(&house_, "add").calls, report(&house_, "add").errors), (2, 1));
    all_is_quiet(&house_);
}

#[tokio::test]
async fn only_workers_run_procedures_and_only_what_nobody_else_runs() {
    let limits = Limits { worker_procedures: 2, ..Limits::default() };
    let house_ = bounded_house(limits).await;
    let ann = house_.register("ann").await;
    for identity in [Identity::Public, ann.identity.clone(), Identity::House] {
        let refusal = Worker::attach(&house_, identity).offer(&["add"], 1).unwrap_err();
        assert_eq!(refusal.kind(), Kind::Forbidden);
    }
    let _billing = Worker::of(&house_, "billing", &["orders:create"], 1);
    let mut other = Worker::of(&house_, "other", &["orders:delete"], 1);
    let refusal = other.offer(&["orders:list", "orders:create"], 1).unwrap_err();
    assert_eq!(
        refusal.public(),
        "\"orders:create\" is run by worker billing already; worker other cannot run it too, choose another name"
    );
    assert!(house_.procedures.find("orders:list").is_none());
    assert!(house_.procedures.find("orders:delete").is_some(), "what it ran before it runs still");
    assert_eq!(other.offer(&["family:*"], 1).unwrap_err().kind(), Kind::BadMessage);
    assert_eq!(other.offer(&["a", "b", "c"], 1).unwrap_err().kind(), Kind::TooMany);
}

#[tokio::test]
async fn offering_again_replaces_what_was_offered_and_leaves_calls_alone() {
    let house_ = open_house().await;
    let mut worker = Worker::of(&house_, "w", &["add", "sub"], 8);
    let who = house();
    let call = begin(&house_, &who, "add", 1).pop().unwrap();
    let (id, _) = worker.order();
    worker.offer(&["sub", "mul"], 8).unwrap();
    assert_eq!(house_.refusal(&who, invoke("add")).await, Kind::NotFound);
    worker.answer(id, "5");
    assert_eq!(outcome(call.await), "5");
    for name in ["sub", "mul"] {
        assert_eq!(report(&house_, name).runners, 1);
    }
    worker.offer(&[], 8).unwrap();
    assert!(["sub", "mul"].iter().all(|name| house_.procedures.find(name).is_none()));
}

#[tokio::test]
async fn connections_of_one_name_share_the_calls() {
    let house_ = open_house().await;
    let mut workers = [8, 8, 2].map(|calls| Worker::of(&house_, "w", &["add"], calls));
    let who = house();
    assert_eq!(report(&house_, "add").runners, 3);
    let mut calls = begin(&house_, &who, "add", 3);
    // Each has one: the least busy is asked.
    for worker in &mut workers {
        let (id, _) = worker.order();
        assert!(worker.waiting().is_none());
        worker.answer(id, "0");
    }
    for call in calls.drain(..) {
        outcome(call.await);
    }
    // One after the other: they take turns.
    for worker in &mut workers {
        let call = begin(&house_, &who, "add", 1).pop().unwrap();
        let (id, _) = worker.order();
        worker.answer(id, "0");
        outcome(call.await);
    }
    // Nobody gets more than it takes at once.
    let calls = begin(&house_, &who, "add", 18);
    for (worker, most) in workers.iter_mut().zip([8, 8, 2]) {
        for _ in 0..most {
            worker.order();
        }
        assert!(worker.waiting().is_none());
    }
    drop(calls);
    all_is_quiet(&house_);
}

#[tokio::test]
async fn who_offers_last_is_believed() {
    let house_ = open_house().await;
    let _first = Worker::of(&house_, "w", &["add"], 1);
    let mut second = Worker::attach(&house_, Identity::Worker("w".into()));
    let interface = Interface { kind: "walker".into(), spec: Arc::default() };
    let offer = Offer { claims: vec![Claim::Admin], interface: Some(interface), ..Offer::new("add") };
    second.0.offer(vec![offer], 1).unwrap();
    assert_eq!(house_.procedures.find("add").unwrap().offer.claims, [Claim::Admin]);
    assert_eq!(house_.procedures.with_interface("walker").len(), 1);
    assert!(house_.procedures.with_interface("other").is_empty());
    drop(second);
    assert_eq!(report(&house_, "add").runners, 1, "it is described as before, and the first runs it still");
}

#[tokio::test(start_paused = true)]
async fn calls_wait_for_a_place_in_the_order_in_which_they_came() {
    let limits = Limits { procedure_waiting_calls: 3, ..Limits::default() };
    let house_ = bounded_house(limits).await;
    let mut worker = Worker::of(&house_, "w", &["add", "sub"], 1);
    let who = house();
    let first = begin(&house_, &who, "add", 1).pop().unwrap();
    let second = begin(&house_, &who, "sub", 1).pop().unwrap();
    let third = begin(&house_, &who, "add", 1).pop().unwrap();
    let fourth = begin(&house_, &who, "sub", 1).pop().unwrap();
    assert_eq!(house_.procedures.calls(), (4, 3));
    let refusal = house_.ask(&who, invoke("add")).await.unwrap_err();
    assert_eq!((refusal.status(), refusal.public()), (503, "too many calls are waiting, try again soon"));
    let (id, _) = worker.order();
    assert!(worker.waiting().is_none(), "it takes one at once");
    // Who does not wait any more is passed over.
    drop(third);
    worker.answer(id, "1");
    outcome(first.await);
    for mut call in [second, fourth] {
        assert!(ready(&mut call).is_none());
        let (id, order) = worker.order();
        assert_eq!(&*order.invocation.name, "sub");
        worker.answer(id, "2");
        outcome(call.await);
    }
    all_is_quiet(&house_);
}

#[tokio::test]
async fn another_worker_and_more_room_help_those_who_wait() {
    let house_ = open_house().await;
    let mut first = Worker::of(&house_, "w", &["add"], 1);
    let who = house();
    let mut calls = begin(&house_, &who, "add", 4);
    first.order();
    let mut second = Worker::of(&house_, "w", &["sub", "add"], 1);
    for call in &mut calls {
        assert!(ready(call).is_none());
    }
    second.order();
    first.offer(&["add"], 3).unwrap();
    for call in &mut calls {
        assert!(ready(call).is_none());
    }
    first.order();
    first.order();
    assert_eq!(house_.procedures.calls(), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_or_has_waited_enough_cancels_the_order() {
    let house_ = open_house().await;
    let mut worker = Worker::of(&house_, "w", &["add"], 1);
    let who = house();
    let left = begin(&house_, &who, "add", 1);
    let (id, _) = worker.order();
    drop(left);
    assert!(matches!(worker.waiting(), Some(Errand::Cancel(cancelled)) if cancelled == id));
    worker.answer(id, "\"too late\"");

    // What the worker was not told yet it never hears of.
    drop(begin(&house_, &who, "add", 1));
    assert!(worker.waiting().is_none());

    let begun = Instant::now();
    let mut call = begin(&house_, &who, "add", 1).pop().unwrap();
    let (id, _) = worker.order();
    assert_eq!((&mut call).await.unwrap_err().status(), 504);
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
    assert!(matches!(worker.waiting(), Some(Errand::Cancel(cancelled)) if cancelled == id));
    all_is_quiet(&house_);
}

#[tokio::test]
async fn ten_thousand_who_leave_at_once_leave_nothing_behind() {
    let house_ = open_house().await;
    let names: Vec<_> = (0..100).map(|number| format!("p{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut workers = [2, 1_024].map(|calls| Worker::of(&house_, "w", &names, calls));
    let who = house();
    let calls: Vec<_> = (0..10_000).flat_map(|number| begin(&house_, &who, names[number % 100], 1)).collect();
    assert_eq!(house_.procedures.calls(), (10_000, 10_000 - 1_026));
    let told: Vec<_> = (0..2).map(|_| workers[0].order().0).collect();
    drop(calls);
    all_is_quiet(&house_);
    let mut cancelled = Vec::new();
    while let Some(errand) = workers[0].waiting() {
        match errand {
            Errand::Cancel(id) => cancelled.push(id),
            Errand::Do(..) | Errand::Send(_) | Errand::Part(_) => panic!("nobody waits for it"),
        }
    }
    assert_eq!(cancelled, told, "it hears of what it was told, and of nothing else");
    assert!(workers[1].waiting().is_none(), "it never knew");
    // And everything has its place again.
    let _calls = begin(&house_, &who, "p1", 1_026);
    assert_eq!(house_.procedures.calls(), (1_026, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_worker_had_begun_fails_at_once_and_the_rest_goes_to_another() {
    let house_ = open_house().await;
    let mut lost = Worker::of(&house_, "w", &["add"], 4);
    let who = house();
    let mut calls = begin(&house_, &who, "add", 4);
    lost.order();
    lost.order();
    let mut other = Worker::of(&house_, "w", &["add"], 8);
    let begun = Instant::now();
    drop(lost);
    for call in calls.drain(..2) {
        gone(call.await);
    }
    for mut call in calls {
        assert!(ready(&mut call).is_none());
        let (id, order) = other.order();
        assert_eq!(order.attempt, 1, "the lost one never knew of it");
        other.answer(id, "1");
        outcome(call.await);
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(report(&house_, "add").runners, 1);
    all_is_quiet(&house_);
}

#[tokio::test(start_paused = true)]
async fn an_idempotent_call_is_made_again_elsewhere_but_not_for_ever() {
    let house_ = open_house().await;
    let idempotent = || {
        let mut worker = Worker::attach(&house_, Identity::Worker("w".into()));
        worker.0.offer(vec![Offer { idempotent: true, ..open("add") }], 1).unwrap();
        worker
    };
    let who = house();
    let mut workers: Vec<_> = (0..4).map(|_| idempotent()).collect();
    let mut call = begin(&house_, &who, "add", 1).pop().unwrap();
    for attempt in 1..=3 {
        assert!(ready(&mut call).is_none());
        let mut asked = workers.remove(0);
        assert_eq!(asked.order().1.attempt, attempt);
    }
    gone(call.await);
    assert!(workers[0].waiting().is_none(), "a call that ends whoever runs it does not end them all");

    let call = begin(&house_, &who, "add", 1).pop().unwrap();
    workers[0].order();
    drop(workers);
    gone(call.await);
    all_is_quiet(&house_);
}

#[tokio::test]
async fn nothing_is_left_of_workers_that_are_gone() {
    let house_ = open_house().await;
    let worker = Worker::of(&house_, "w", &["add"], 1);
    let who = house();
    let calls = begin(&house_, &who, "add", 3);
    drop(worker);
    join_all(calls).await.into_iter().for_each(gone);
    assert_eq!(house_.refusal(&who, invoke("add")).await, Kind::NotFound);
    assert!(house_.procedures.find("add").is_none());
    all_is_quiet(&house_);
    let _again = Worker::of(&house_, "another", &["add"], 1);
    assert_eq!(report(&house_, "add").calls, 3, "its figures go on");
}

#[tokio::test]
async fn who_drains_finishes_what_it_has_and_gets_no_more() {
    let house_ = open_house().await;
    let mut worker = Worker::of(&house_, "w", &["add"], 1);
    let who = house();
    let mut calls = begin(&house_, &who, "add", 2);
    let (id, _) = worker.order();
    worker.0.drain();
    gone(calls.pop().unwrap().await);
    assert_eq!(house_.refusal(&who, invoke("add")).await, Kind::NotFound);
    worker.answer(id, "1");
    outcome(calls.pop().unwrap().await);
    assert!(worker.waiting().is_none());
    worker.offer(&["add"], 1).unwrap();
    let _call = begin(&house_, &who, "add", 1);
    worker.order();
}

#[tokio::test]
async fn who_becomes_somebody_else_runs_nothing_any_more() {
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let Ok(Answer::SignedIn(signed_in)) = house_.ask(&ann, Call::RenewToken).await else { panic!("no token") };
    let mut worker = Worker::of(&house_, "w", &["add"], 1);
    let who = house();
    let call = begin(&house_, &who, "add", 1).pop().unwrap();
    worker.order();
    worker.0.authenticate(&quintet_core::Credential::Token(signed_in.token)).unwrap();
    gone(call.await);
    assert_eq!(worker.offer(&["add"], 1).unwrap_err().kind(), Kind::Forbidden);
}
