//! Calls of procedures while workers die, hang, and come back, and while the server ends: each has one answer, and nobody else notices.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::{join_all, try_join_all};
use quintet::{Builder, Call, Procedure};
use quintet_tests::client::{Heard, Knock, PATIENCE, Socket};
use quintet_tests::house::{House, Plan, User};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::Notify;

/// How many calls each of the callers makes.
const CALLS: usize = 100;
const CALLERS: usize = 10;
/// How many calls a worker takes at once.
const AT_ONCE: usize = 64;

/// A worker in a process of its own.
struct Worker {
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    async fn start(house: &House, name: &str, answers: usize) -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_holding-worker"))
            .args([
                house.address().to_string(),
                house.worker_token("crew").await?,
                name.to_owned(),
                answers.to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // How it ends is no news.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let said = BufReader::new(process.stdout.take().context("its output is piped")?).lines();
        let mut worker = Self { process, said };
        worker.says("ready").await?;
        Ok(worker)
    }

    async fn says(&mut self, word: &str) -> Result<()> {
        let line = tokio::time::timeout(PATIENCE, self.said.next_line()).await.context("a worker says nothing")??;
        ensure!(line.as_deref() == Some(word), "{line:?} instead of {word}");
        Ok(())
    }

    async fn go_on(&mut self) -> Result<()> {
        Ok(self.process.stdin.as_mut().context("its input is piped")?.write_all(b"go on\n").await?)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.process.id().context("it has ended")?)?;
        Ok(kill_process(Pid::from_raw(id).context("an id is positive")?, signal)?)
    }
}

/// A client, logged in.
async fn client(house: &House, user: &User) -> Result<Socket> {
    let mut socket = Socket::open(house.address(), "/ws").await?;
    let login = json!({"topic": "app::websocket:auth", "payload": {"token": user.token}});
    socket.say(login.to_string()).await?;
    ensure!(socket.hear_json().await?["payload"]["success"] == true, "not logged in");
    Ok(socket)
}

fn call(name: &str, ack: usize, overlap: bool) -> String {
    json!({"topic": format!("app::{name}"), "payload": ack, "ack": ack.to_string(), "overlap": overlap}).to_string()
}

/// Makes [`CALLS`] calls at once, by turns to `once` and `again`; gives the answer of each.
async fn ask_all(mut socket: Socket) -> Result<Vec<Value>> {
    for ack in 0..CALLS {
        socket.say(call(["once", "again"][ack % 2], ack, true)).await?;
    }
    let mut answers = BTreeMap::new();
    for _ in 0..CALLS {
        let answer = socket.hear_json().await?;
        let ack: usize = answer["ack"].as_str().context("no ack")?.parse()?;
        ensure!(answers.insert(ack, answer).is_none(), "{ack} was answered twice");
    }
    // Nothing more comes but what is asked for now.
    socket.say(call("echo", CALLS, true)).await?;
    let last = socket.hear_json().await?;
    ensure!(last["ack"].as_str() == Some(&CALLS.to_string()), "one answer too many: {last}");
    Ok(answers.into_values().collect())
}

/// Waits until no call is under way any more.
async fn all_is_quiet(house: &House) -> Result<()> {
    let quiet = async {
        while house.hub().procedures().calls() != (0, 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, quiet).await.context("calls are left")?;
    ensure!(house.procedures().await?.iter().all(|report| report.running == 0), "a procedure still runs");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_amid_a_thousand_calls_costs_only_what_it_had() -> Result<()> {
    let house = House::open(Plan::default()).await?;
    let ann = house.user("ann").await?;
    let mut victim = Worker::start(&house, "victim", 20).await?;
    let mut survivor = Worker::start(&house, "survivor", 20).await?;
    let clients = try_join_all((0..CALLERS).map(|_| client(&house, &ann))).await?;
    let asking: Vec<_> = clients.into_iter().map(|socket| tokio::spawn(ask_all(socket))).collect();
    victim.says("holding").await?;
    survivor.says("holding").await?;
    victim.signal(Signal::KILL)?;
    victim.process.wait().await?;
    survivor.go_on().await?;

    let (mut lost, mut saved) = (0, 0);
    for answers in join_all(asking).await {
        for (ack, answer) in answers??.into_iter().enumerate() {
            match (&answer["payload"]["by"], &answer["payload"]["status"]) {
                (Value::String(_), _) => saved += usize::from(answer["payload"]["attempt"] == 2),
                (_, status) if *status == 503 && ack % 2 == 0 => lost += 1,
                _ => bail!("{answer}"),
            }
        }
    }
    ensure!(lost + saved == AT_ONCE, "{lost} calls were lost and {saved} made again, the worker had {AT_ONCE}");
    let next = house.call("once").await?;
    ensure!(next.status == 200 && next.json()?["by"] == "survivor", "{next:?}");
    let runners: Vec<_> = house.procedures().await?.iter().map(|report| report.runners).collect();
    ensure!(runners.iter().all(|runners| *runners == 1), "the dead worker runs nothing: {runners:?}");
    all_is_quiet(&house).await?;
    house.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_hangs_is_lost_like_a_dead_one() -> Result<()> {
    let mut plan = Plan::default();
    plan.limits.extend([("ping_seconds".into(), 1), ("pong_seconds".into(), 1)]);
    let house = House::open(plan).await?;
    let worker = Worker::start(&house, "stopped", 1).await?;
    ensure!(house.call("once").await?.status == 200, "it answers");
    worker.signal(Signal::STOP)?;
    let told: Vec<_> = try_join_all((0..100).map(|_| house.call("once"))).await?;
    for answer in told {
        ensure!([503, 404].contains(&answer.status), "{answer:?}");
    }
    all_is_quiet(&house).await?;
    house.close().await
}

/// Two procedures that end when they are let go, having published something; and one that panics.
fn slow(builder: Builder, let_go: &Arc<Notify>) -> Builder {
    let of = |name: &str| {
        let (let_go, topic) = (Arc::clone(let_go), format!("news/{name}"));
        Procedure::new(name, move |call: Call| {
            let (let_go, topic) = (Arc::clone(&let_go), topic.clone());
            async move {
                call.publish(&topic, 1)?;
                let_go.notified().await;
                Ok("slow")
            }
        })
    };
    builder
        .register(of("slow"))
        .register(Procedure::new("never", |_| std::future::pending::<Result<(), _>>()).open())
        .procedure("panics", |call: Call| async move {
            assert_eq!(call.name(), "something else");
            Ok(())
        })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_procedure_holds_up_no_push() -> Result<()> {
    let let_go = Arc::new(Notify::new());
    let house = House::open_with(Plan::default(), |builder| slow(builder, &let_go)).await?;
    let (ann, bob) = (house.user("ann").await?, house.user("bob").await?);
    let (mut first, mut second) = (client(&house, &ann).await?, client(&house, &bob).await?);
    first.say(json!({"topic": "app::topic:subscribe", "payload": {"topic": "news/*"}}).to_string()).await?;
    ensure!(first.hear_json().await?["payload"]["success"] == true, "not subscribed");
    for overlap in [false, true] {
        first.say(call("slow", 1, overlap)).await?;
        ensure!(first.hear_json().await?["topic"] == "news/slow", "what the call itself publishes");
        first.say(call("echo", 2, false)).await?;
        if overlap {
            ensure!(first.hear_json().await?["ack"] == "2", "who overlaps does not wait");
        }
        for number in 0..100 {
            let said = json!({"topic": "app::topic:publish", "payload": {"topic": "news/other", "payload": number}});
            second.say(said.to_string()).await?;
            ensure!(second.hear_json().await?["payload"]["success"] == true, "not published");
            ensure!(first.hear_json().await?["payload"] == number, "pushes come meanwhile, in order");
        }
        let_go.notify_one();
        ensure!(first.hear_json().await?["payload"] == "slow", "the slow answer");
        if !overlap {
            ensure!(first.hear_json().await?["ack"] == "2", "what came behind it");
        }
    }
    for ack in 0..3 {
        first.say(call("panics", ack, false)).await?;
        let answer = first.hear_json().await?;
        let error = &answer["payload"];
        ensure!(
            error["status"] == 500 && error["message"] == "internal error",
            "a panic is this call's alone: {answer}"
        );
    }
    first.say(call("never", 1, false)).await?;
    let begun = async {
        while house.hub().procedures().calls() != (1, 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, begun).await.context("it was not called")?;
    drop((first, second));
    all_is_quiet(&house).await?;
    house.close().await
}

/// A worker of `add`, in this process.
async fn adder(house: &House, token: &str) -> Result<Socket> {
    let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
    let Knock::Open(mut worker) = Socket::knock(house.address(), "/worker", &headers).await? else {
        bail!("the worker is not let in");
    };
    let offer = json!({"topic": "worker::register", "ack": "r", "payload": {"procedures": [{"name": "add"}]}});
    worker.say(offer.to_string()).await?;
    ensure!(worker.hear_json().await?["payload"]["success"] == true, "not registered");
    Ok(*worker)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_when_the_server_ends_is_answered_and_workers_come_back() -> Result<()> {
    let mut plan = Plan::default();
    plan.limits.insert("drain_seconds".into(), 1);
    let let_go = Arc::new(Notify::new());
    let house = House::open_with(plan, |builder| slow(builder, &let_go)).await?;
    let token = house.worker_token("adder").await?;
    let mut worker = adder(&house, &token).await?;
    let ann = house.user("ann").await?;
    let (mut caller, mut idle) = (client(&house, &ann).await?, client(&house, &ann).await?);
    caller.say(call("never", 1, false)).await?;
    let asking: Vec<_> = ["slow", "never", "add"].into_iter().map(|name| tokio::spawn(house.calling(name))).collect();
    let order = worker.hear_json().await.context("the worker's call")?;
    while house.hub().procedures().calls().0 < 4 {
        tokio::task::yield_now().await;
    }
    let ending = tokio::spawn(house.open_again());
    let goodbye = Heard::Close(Some((1001, "server is shutting down".into())));
    ensure!(idle.hear().await? == goodbye, "who waits for nothing leaves at once");
    worker.say(json!({"topic": "worker::call", "ack": order["ack"], "payload": 3}).to_string()).await?;
    ensure!(worker.hear().await? == goodbye, "a worker leaves when its results are there");
    let_go.notify_one();
    ensure!(caller.hear_json().await?["payload"]["status"] == 503, "waited for in vain at a socket");
    ensure!(caller.hear().await? == goodbye, "and then the end");
    drop((worker, caller, idle));
    let mut told = Vec::new();
    for answer in join_all(asking).await {
        told.push(answer??.status);
    }
    ensure!(told == [200, 503, 200], "finished, waited for in vain, answered by its worker: {told:?}");

    let house = ending.await??;
    let mut worker = adder(&house, &token).await?;
    let asking = tokio::spawn(house.calling("add"));
    let order = worker.hear_json().await?;
    worker.say(json!({"topic": "worker::call", "ack": order["ack"], "payload": 3}).to_string()).await?;
    ensure!(asking.await??.json()? == 3, "the same token holds, and the worker is called again");
    drop(worker);
    all_is_quiet(&house).await?;
    house.close().await
}
