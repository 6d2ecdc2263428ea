//! Procedures of closures and webhooks: who may call them, how long that may take, and what becomes of those who run them badly.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use quintet_core::procedure::{Actor, Catalogue, Claim, Invocation, Offer, Order, Outcome, Owner, Report};
use quintet_core::{Answer, Call, Error, Identity, Kind, Limits};
use quintet_hub::Caller;
use quintet_hub::procedures::{Registration, Runner};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::house::{House, caller, house, public, rules};

type Running = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;

/// Runs a closure.
struct Runs<F>(F);

impl<F: Fn(Order) -> Running + Send + Sync> Runner for Runs<F> {
    fn run(&self, order: Order) -> Running {
        (self.0)(order)
    }
}

pub(crate) fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

pub(crate) fn invocation(name: &str) -> Invocation {
    Invocation { name: name.into(), payload: json("1"), connection: None, extra: None }
}

pub(crate) fn invoke(name: &str) -> Call {
    Call::Invoke(Box::new(invocation(name)))
}

pub(crate) fn outcome(answer: Result<Answer, Error>) -> String {
    match answer {
        Ok(Answer::Outcome(outcome)) => outcome.payload.get().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// What a future gives that is ready now, however often others were asked before.
pub(crate) fn ready<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    tokio::task::unconstrained(future).now_or_never()
}

/// An open procedure: anybody may call it.
pub(crate) fn open(name: &str) -> Offer {
    Offer { claims: Vec::new(), ..Offer::new(name) }
}

fn register(
    house_: &House,
    owner: &Owner,
    offers: Vec<Offer>,
    run: impl Fn(Order) -> Running + Send + Sync + 'static,
) -> Result<Registration, Error> {
    let runner: Arc<dyn Runner> = Arc::new(Runs(run));
    house_.procedures.register(owner, offers, &runner)
}

fn closure(house_: &House, offer: Offer, run: impl Fn(Order) -> Running + Send + Sync + 'static) -> Registration {
    register(house_, &Owner::Closure, vec![offer], run).unwrap()
}

fn echo(order: Order) -> Running {
    Box::pin(async move { Ok(Outcome::ok(order.invocation.payload)) })
}

/// Never answers; tells how many calls there are.
fn stuck(inside: &Arc<AtomicUsize>) -> impl Fn(Order) -> Running + Send + Sync + 'static {
    struct Inside(Arc<AtomicUsize>);
    impl Drop for Inside {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let inside = Arc::clone(inside);
    move |_| {
        inside.fetch_add(1, Ordering::Relaxed);
        let one = Inside(Arc::clone(&inside));
        Box::pin(async move {
            let _one = one;
            std::future::pending().await
        })
    }
}

pub(crate) fn report(house_: &House, name: &str) -> Report {
    house_.procedures.reports().into_iter().find(|report| *report.procedure.offer.name == *name).unwrap()
}

async fn refused(house_: &House, who: &Caller, name: &str) -> (u16, String) {
    let error = house_.ask(who, invoke(name)).await.unwrap_err();
    (error.status(), error.public().to_owned())
}

#[tokio::test]
async fn a_closure_answers_whoever_its_claims_let_in() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let _add = closure(&house_, Offer::new("add"), echo);
    let _free = closure(&house_, open("free"), echo);
    assert_eq!(outcome(house_.ask(&ann, invoke("add")).await), "1");
    assert_eq!(outcome(house_.ask(&house(), invoke("add")).await), "1");
    assert_eq!(outcome(house_.ask(&public(), invoke("free")).await), "1");
    assert_eq!(refused(&house_, &public(), "add").await, (401, "actor is not authenticated".into()));
    assert_eq!(refused(&house_, &ann, "sub").await, (404, "no procedure sub".into()));
    assert_eq!(refused(&house_, &ann, &"x".repeat(1_000)).await.0, 404);
    let report = report(&house_, "add");
    assert_eq!((report.calls, report.running, report.errors, report.runners), (2, 0, 0, 1));
    assert!(report.p50 <= report.p99 && report.p50.is_some());
}

#[tokio::test]
async fn a_procedure_is_told_who_calls() {
    let house_ = House::new().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    let _who = closure(&house_, open("who"), |Order { actor, .. }| {
        let Actor { kind, user, admin } = actor;
        let user = user.map(|user| user.username);
        let text = format!("{:?}", (kind.name(), user.as_deref(), admin));
        Box::pin(async move { Ok(Outcome::ok(json(&serde_json::to_string(&text).unwrap()))) })
    });
    let worker = caller(Identity::Worker("billing".into()));
    for (who, socket, told) in [
        (&ann, true, r#"("websocket", Some("ann"), false)"#),
        (&ann, false, r#"("http", Some("ann"), false)"#),
        (&admin, false, r#"("http", Some("admin"), true)"#),
        (&public(), true, r#"("websocket", None, false)"#),
        (&house(), false, r#"("backend", None, true)"#),
        (&worker, true, r#"("backend", None, true)"#),
    ] {
        let who = Caller { socket, ..who.clone() };
        let said: String = serde_json::from_str(&outcome(house_.ask(&who, invoke("who")).await)).unwrap();
        assert_eq!(said, told);
    }
}

#[tokio::test]
async fn a_socket_without_a_name_is_a_socket() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let _no_socket = closure(&house_, Offer { claims: vec![Claim::NotWebsocket], ..Offer::new("no-socket") }, echo);
    let _socket = closure(&house_, Offer { claims: vec![Claim::Websocket], ..Offer::new("socket") }, echo);
    // As Concord and Atomic call: they have no word for what is said to one socket alone, so none of theirs has a name.
    let on_socket = Caller { socket: true, ..ann.clone() };
    assert_eq!(refused(&house_, &on_socket, "no-socket").await, (403, "actor is a websocket actor".into()));
    assert_eq!(refused(&house_, &ann, "socket").await, (403, "actor is not a websocket actor".into()));
    assert_eq!(outcome(house_.ask(&on_socket, invoke("socket")).await), "1");
}

#[tokio::test]
async fn who_is_locked_out_calls_nothing() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let _free = closure(&house_, open("free"), echo);
    let user = ann.identity.user().unwrap();
    house_.done(&house(), Call::SetDisabled { user, disabled: true }).await;
    assert_eq!(refused(&house_, &ann, "free").await, (401, "the account is disabled, ask an admin".into()));
}

#[tokio::test]
async fn registering_is_all_or_nothing_and_ends_with_the_registration() {
    let house_ = House::new().await;
    let add = closure(&house_, Offer::new("add"), echo);
    let webhook = Owner::Webhook("billing".into());
    let both = || vec![Offer::new("pay:*"), Offer::new("add")];
    let refusal = register(&house_, &webhook, both(), echo).err().unwrap();
    assert_eq!(refusal.kind(), Kind::Conflict);
    assert_eq!(
        refusal.public(),
        "\"add\" is run by a closure of this server already; webhook billing cannot run it too, choose another name"
    );
    assert!(house_.procedures.find("pay:now").is_none());
    drop(add);
    let registered = register(&house_, &webhook, both(), echo).unwrap();
    assert_eq!(outcome(house_.ask(&house(), invoke("pay:now")).await), "1");
    assert_eq!(house_.procedures.find("pay:now").unwrap().offer.name, "pay:*".into());
    drop(registered);
    assert_eq!(refused(&house_, &house(), "add").await.0, 404);
    assert_eq!(refused(&house_, &house(), "pay:now").await.0, 404);
}

#[tokio::test]
async fn names_and_numbers_of_procedures_are_bounded() {
    let limits = Limits { procedures: 2, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let offer = |offers: &[&str]| {
        let offers = offers.iter().map(|name| Offer::new(*name)).collect();
        register(&house_, &Owner::Closure, offers, echo).map_err(|error| error.kind())
    };
    assert_eq!(offer(&["a b"]).err(), Some(Kind::BadMessage));
    assert_eq!(offer(&["family:*"]).err(), Some(Kind::BadMessage), "of a closure");
    assert_eq!(offer(&["a", "a"]).err(), Some(Kind::BadMessage));
    assert_eq!(offer(&["a", "b", "c"]).err(), Some(Kind::TooMany));
    let both = offer(&["a", "b"]).unwrap();
    assert_eq!(offer(&["c"]).err(), Some(Kind::TooMany));
    drop(both);
    assert!(offer(&["c"]).is_ok());
}

#[tokio::test]
async fn coming_and_going_leaves_nothing_behind() {
    let house_ = House::new().await;
    let before = house_.procedures.reports().len();
    // More names than figures are kept for.
    for round in 0..12 {
        let offers = (0..1_000).map(|number| open(&format!("p:{round}:{number}"))).collect();
        let registration = register(&house_, &Owner::Closure, offers, echo).unwrap();
        assert_eq!(outcome(house_.ask(&house(), invoke(&format!("p:{round}:7"))).await), "1");
        assert_eq!(house_.procedures.reports().len(), before + 1_000);
        drop(registration);
    }
    assert_eq!(house_.procedures.reports().len(), before);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_in_time_is_no_longer_waited_for() {
    let limits = Limits { procedure_seconds: 7, procedure_longest_seconds: 20, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let inside = Arc::default();
    let of = |name: &str, seconds: Option<u64>| Offer { timeout: seconds.map(Duration::from_secs), ..open(name) };
    let _all = [of("short", Some(2)), of("usual", None), of("long", Some(100))]
        .map(|offer| closure(&house_, offer, stuck(&inside)));
    for (name, seconds) in [("short", 2), ("usual", 7), ("long", 20)] {
        let begun = Instant::now();
        assert_eq!(refused(&house_, &house(), name).await, (504, format!("{name} did not answer in time")));
        assert_eq!(begun.elapsed().as_secs(), seconds);
        assert_eq!(report(&house_, name).errors, 1);
    }
    assert_eq!(inside.load(Ordering::Relaxed), 0, "the calls are cancelled");
    assert_eq!(house_.procedures.calls(), (0, 0));
}

#[tokio::test]
async fn who_leaves_cancels_its_call() {
    let house_ = House::new().await;
    let inside = Arc::default();
    let _stuck = closure(&house_, open("stuck"), stuck(&inside));
    let ann = public();
    {
        let mut call = std::pin::pin!(house_.ask(&ann, invoke("stuck")));
        assert!(ready(&mut call).is_none());
        assert_eq!(inside.load(Ordering::Relaxed), 1);
        assert_eq!(report(&house_, "stuck").running, 1);
    }
    assert_eq!(inside.load(Ordering::Relaxed), 0);
    let report = report(&house_, "stuck");
    assert_eq!((report.calls, report.running, report.errors), (1, 0, 0));
    assert_eq!(house_.procedures.calls(), (0, 0));
}

#[tokio::test]
async fn a_panic_is_an_error_of_one_call() {
    let house_ = House::new().await;
    let _soon = closure(&house_, open("soon"), |_| panic!("at once"));
    let _later = closure(&house_, open("later"), |_| {
        Box::pin(async {
            tokio::task::yield_now().await;
            panic!("later")
        })
    });
    for name in ["soon", "later", "soon"] {
        assert_eq!(refused(&house_, &house(), name).await, (500, "internal error".into()));
    }
    assert_eq!((report(&house_, "soon").errors, report(&house_, "soon").running), (2, 0));
    assert_eq!(house_.procedures.calls(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_run_at_once_than_may_and_the_others_wait_in_order() {
    let limits = Limits { procedure_waiting_calls: 2, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let greatest = Arc::clone(&most);
    let offer = Offer { concurrency: Some(2), ..open("slow") };
    let _slow = closure(&house_, offer, move |order| {
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        Box::pin(async move {
            most.fetch_max(inside.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(10)).await;
            inside.fetch_sub(1, Ordering::Relaxed);
            Ok(Outcome::ok(order.invocation.payload))
        })
    });
    let begun = Instant::now();
    let who = house();
    let calls = (0..5).map(|_| async { (house_.ask(&who, invoke("slow")).await, begun.elapsed().as_secs()) });
    let answers = futures_util::future::join_all(calls).await;
    let told: Vec<_> = answers.iter().map(|(answer, seconds)| (answer.is_ok(), *seconds)).collect();
    assert_eq!(told, [(true, 10), (true, 10), (true, 20), (true, 20), (false, 0)]);
    let refusal = answers[4].0.as_ref().unwrap_err();
    assert_eq!((refusal.status(), refusal.public()), (503, "too many calls are waiting, try again soon"));
    assert_eq!(greatest.load(Ordering::Relaxed), 2);
    assert_eq!(house_.procedures.calls(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn waiting_counts_against_the_time_of_a_call_and_ends_with_the_procedure() {
    let house_ = House::new().await;
    let inside = Arc::default();
    let offer = Offer { concurrency: Some(1), ..open("stuck") };
    let registration = closure(&house_, offer, stuck(&inside));
    let who = house();
    let (first, second) = tokio::join!(house_.ask(&who, invoke("stuck")), house_.ask(&who, invoke("stuck")));
    assert_eq!([first, second].map(|answer| answer.unwrap_err().status()), [504, 504]);

    let begun = Instant::now();
    let mut first = std::pin::pin!(house_.ask(&who, invoke("stuck")));
    assert!(ready(&mut first).is_none());
    let mut second = std::pin::pin!(house_.ask(&who, invoke("stuck")));
    assert!(ready(&mut second).is_none());
    drop(registration);
    let refusal = second.await.unwrap_err();
    assert_eq!((refusal.status(), refusal.public()), (503, "whoever ran stuck is gone, try again"));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_that_is_told_is_the_one_that_holds() {
    let house_ = House::new().await;
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let offer = Offer { concurrency: Some(1), timeout: Some(Duration::from_secs(9)), ..open("slow") };
    let deadlines = Arc::clone(&told);
    let _slow = closure(&house_, offer, move |order| {
        deadlines.lock().unwrap().push(order.deadline);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(4)).await;
            Ok(Outcome::ok(order.invocation.payload))
        })
    });
    let (who, begun) = (house(), house_.now());
    let mut first = std::pin::pin!(house_.ask(&who, invoke("slow")));
    let mut second = std::pin::pin!(house_.ask(&who, invoke("slow")));
    assert!(ready(&mut first).is_none() && ready(&mut second).is_none());
    house_.pass_millis(4_000);
    outcome(first.await);
    outcome(second.await);
    let left: Vec<_> = told.lock().unwrap().iter().map(|deadline| deadline.millis() - begun.millis()).collect();
    assert_eq!(left, [9_000; 2], "a wait before it does not make it later");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_nobody_is_waited_for() {
    let house_ = House::new().await;
    let inside = Arc::default();
    let _stuck = closure(&house_, open("stuck"), stuck(&inside));
    let who = house();
    let mut call = std::pin::pin!(house_.ask(&who, invoke("stuck")));
    assert!(ready(&mut call).is_none());
    let begun = Instant::now();
    house_.procedures.end_calls();
    let refusal = call.await.unwrap_err();
    assert_eq!((refusal.status(), refusal.public()), (503, "the server is shutting down, try again soon"));
    assert_eq!(refused(&house_, &house(), "stuck").await.0, 503);
    assert_eq!((inside.load(Ordering::Relaxed), begun.elapsed()), (0, Duration::ZERO));
    assert_eq!(house_.procedures.calls(), (0, 0));
}

#[tokio::test]
async fn too_many_calls_are_refused() {
    let limits = Limits { procedure_calls: 1, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let _stuck = closure(&house_, open("stuck"), stuck(&Arc::default()));
    let who = house();
    let mut call = std::pin::pin!(house_.ask(&who, invoke("stuck")));
    assert!(ready(&mut call).is_none());
    assert_eq!(refused(&house_, &house(), "stuck").await, (503, "too many calls are under way, try again soon".into()));
}

#[tokio::test]
async fn one_caller_does_not_take_the_places_of_all() {
    let limits = Limits { identity_calls: 2, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let (nobody, elsewhere) = (public(), Caller { address: [192, 0, 2, 7].into(), ..public() });
    let (house, worker) = (house(), caller(Identity::Worker("billing".into())));
    let _stuck = closure(&house_, open("stuck"), stuck(&Arc::default()));
    let _free = closure(&house_, open("free"), echo);
    let begin = |who| {
        let mut call = Box::pin(house_.ask(who, invoke("stuck")));
        assert!(ready(&mut call).is_none());
        call
    };
    let mut calls: Vec<_> = [&ann, &nobody, &ann, &nobody].into_iter().map(begin).collect();
    let told = (429, "too many calls of yours are under way, wait for some of them".to_owned());
    for who in [&ann, &nobody] {
        assert_eq!(refused(&house_, who, "stuck").await, told);
        assert_eq!(refused(&house_, who, "free").await, told);
    }
    calls.extend([&bob, &elsewhere].map(begin));
    calls.extend([&house, &house, &house, &worker, &worker, &worker].map(begin));
    assert_eq!(house_.procedures.calls(), (12, 0));
    drop(calls.swap_remove(0));
    assert_eq!(outcome(house_.ask(&ann, invoke("free")).await), "1");
    calls.push(begin(&ann));
    assert_eq!(refused(&house_, &ann, "free").await, told);
}

#[tokio::test]
async fn a_call_that_is_ready_at_once_waits_for_nothing() {
    let house_ = House::new().await;
    let _add = closure(&house_, open("add"), echo);
    let who = house();
    let mut call = std::pin::pin!(house_.ask(&who, invoke("add")));
    assert!(ready(&mut call).is_some());
}
