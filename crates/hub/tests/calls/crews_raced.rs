//! Workers that come, answer, and are lost on several threads, while callers come and leave on others. What happens is chosen by a seed that is
//! printed; in which order is up to the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use quintet_core::Identity;
use quintet_core::procedure::{Offer, OrderId};
use quintet_hub::procedures::Errand;
use tokio::task::yield_now;

use crate::attached::open_house;
use crate::crews::{Worker, all_is_quiet};
use crate::crews_at_random::{Dice, is_loss};
use crate::house::{House, house};
use crate::procedures::{invoke, open, ready};

const WORKERS: usize = 3;
const LIVES: usize = 60;
const CALLERS: usize = 8;
const CALLS: usize = 400;

/// A worker that lives again and again, each time for so many looks at what there is to do.
async fn live(house_: Arc<House>, mut dice: Dice) {
    for _ in 0..LIVES {
        let mut worker = Worker::attach(&house_, Identity::Worker("w".into()));
        let offers = || vec![open("once"), Offer { idempotent: true, ..open("again") }];
        worker.0.offer(offers(), 4).unwrap();
        let mut held: Vec<OrderId> = Vec::new();
        for _ in 0..dice.below(200) {
            match worker.waiting() {
                Some(Errand::Do(id, _)) => held.push(id),
                Some(Errand::Cancel(id)) => held.retain(|other| *other != id),
                Some(Errand::Send(_) | Errand::Part(_)) | None => yield_now().await,
            }
            match dice.below(40) {
                0 => worker.0.offer(offers(), 1 + u32::try_from(dice.below(8)).unwrap()).unwrap(),
                1 => worker.0.drain(),
                2..20 => held.drain(..).for_each(|id| worker.answer(id, "1")),
                _ => {}
            }
        }
    }
}

/// Calls, and waits for the answer or leaves before it. Tells how many calls were answered with a result.
async fn ask(house_: Arc<House>, mut dice: Dice) -> usize {
    let (who, mut results) = (house(), 0);
    for _ in 0..CALLS {
        let call = house_.ask(&who, invoke(["once", "again"][dice.below(2)]));
        if dice.below(4) > 0 {
            results += usize::from(!is_loss(call.await));
            yield_now().await;
            continue;
        }
        let mut call = Box::pin(call);
        for _ in 0..dice.below(8) {
            if ready(&mut call).is_some() {
                break;
            }
            yield_now().await;
        }
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_race_registration_and_loss() {
    for seed in 1..=5 {
        println!("seed {seed}");
        let house_ = Arc::new(open_house().await);
        let answered = Arc::new(AtomicUsize::new(0));
        let dice = |index: usize| Dice::of(seed * 1_000 + index as u64);
        let workers = (0..WORKERS).map(|index| tokio::spawn(live(Arc::clone(&house_), dice(index))));
        let workers: Vec<_> = workers.collect();
        let callers = (0..CALLERS).map(|index| {
            let (house_, answered, dice) = (Arc::clone(&house_), Arc::clone(&answered), dice(100 + index));
            tokio::spawn(async move { answered.fetch_add(ask(house_, dice).await, Ordering::Relaxed) })
        });
        let all = join_all(callers.collect::<Vec<_>>());
        let answers = tokio::time::timeout(Duration::from_mins(1), all).await.expect("a call has no answer");
        assert!(answers.iter().all(Result::is_ok), "a caller panicked");
        assert!(join_all(workers).await.iter().all(Result::is_ok), "a worker panicked");
        assert!(answered.load(Ordering::Relaxed) > 0);
        all_is_quiet(&house_);
    }
}
