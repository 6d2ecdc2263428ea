//! Procedures of a program around a server, called as any room would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use quintet::{Body, Builder, Call, Claim, Error, Handle, Heard, Id, Procedure, Running, Server, StartError};
use quintet_core::procedure::{Connection, Invocation, Outcome};
use quintet_core::{Answer, Identity, Limits};
use quintet_hub::Caller;
use quintet_store::{Memory, Options};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

fn builder() -> Builder {
    let store = Memory::new(Options { limits: Limits::default(), clock: quintet::system_clock() });
    Server::builder().store(Arc::new(store)).listen((Ipv4Addr::LOCALHOST, 0).into()).admin_password("a secret")
}

/// A user of this name, as a procedure knows it.
async fn user(running: &Running, name: &str) -> Id {
    let login = quintet_core::user::NewLogin::Username(name.to_owned());
    let register = quintet_core::Call::Register { login, password: quintet_core::identity::Secret::new("a secret") };
    match ask(running, Identity::House, register).await.unwrap() {
        Answer::User(user) => user.id,
        other => panic!("{other:?}"),
    }
}

async fn ask(running: &Running, identity: Identity, call: quintet_core::Call) -> Result<Answer, Error> {
    let caller =
        Caller { identity, via: "flamigo".into(), address: Ipv4Addr::LOCALHOST.into(), local: true, socket: true };
    running.hub().call(&caller, call).await
}

/// Calls as somebody on a socket.
async fn on_socket(running: &Running, identity: Identity, name: &str, payload: Value) -> Result<Outcome, Error> {
    let connection = Connection { name: "c-1".into(), dialect: "flamigo".into() };
    let payload = to_raw_value(&payload).unwrap();
    let invocation = Invocation { name: name.into(), payload, connection: Some(connection), extra: None };
    match ask(running, identity, quintet_core::Call::Invoke(Box::new(invocation))).await? {
        Answer::Outcome(outcome) => Ok(outcome),
        other => panic!("{other:?}"),
    }
}

fn told<T>(result: Result<T, Error>) -> (u16, String) {
    let error = result.err().unwrap();
    (error.status(), error.public().to_owned())
}

async fn describe(call: Call) -> Result<Value, Error> {
    let user = call.actor().user.as_ref().map(|user| user.username.to_string());
    let socket = call.connection().map(|connection| connection.name.to_string());
    let payload: Value = call.payload()?;
    Ok(json!([call.name(), call.actor().kind.name(), user, socket, call.actor().admin, payload]))
}

#[tokio::test]
async fn a_closure_knows_who_calls() {
    let running = builder().procedure("describe", describe).start().await.unwrap();
    let ann = user(&running, "ann").await;
    let outcome = on_socket(&running, Identity::User(ann), "describe", json!({"a": 1})).await.unwrap();
    assert_eq!(outcome.payload.get(), r#"["describe","websocket","ann","c-1",false,{"a":1}]"#);
    let handle = running.handle();
    let as_user: Value = handle.as_user(ann).call("describe", 2).await.unwrap();
    assert_eq!(as_user, json!(["describe", "http", "ann", null, false, 2]));
    let as_house: Value = handle.call("describe", 3).await.unwrap();
    assert_eq!(as_house, json!(["describe", "backend", null, null, true, 3]));
    running.shutdown().await;
    assert_eq!(told(handle.call::<Value>("describe", 4).await).0, 503);
}

#[tokio::test]
async fn what_is_asked_as_the_caller_has_its_rights() {
    let running = builder()
        .register(Procedure::new("admins", |_| async { Ok(()) }).claim(Claim::Admin))
        .register(
            Procedure::new("try", |call: Call| async move { call.as_caller().invoke("admins", ()).await.map(|_| ()) })
                .open(),
        )
        .start()
        .await
        .unwrap();
    let house = running.handle();
    let ann = house.as_user(user(&running, "ann").await);
    for (who, expected) in [(house.as_public(), 401), (ann, 403), (house, 200)] {
        let status = who.invoke("try", ()).await.map_or_else(|error| error.status(), |outcome| outcome.status);
        assert_eq!(status, expected);
    }
}

#[tokio::test]
async fn claims_are_those_that_were_said() {
    let nothing = |_| async { Ok(()) };
    let running = builder()
        .procedure("usual", nothing)
        .register(Procedure::new("open", nothing).open())
        .register(Procedure::new("admins", nothing).claim(Claim::Admin))
        .register(Procedure::new("strangers", nothing).open().claim(Claim::Unauthenticated))
        .start()
        .await
        .unwrap();
    let house = running.handle();
    let who = [house.as_public(), house.as_user(user(&running, "ann").await), house];
    for (name, statuses) in
        [("usual", [401, 200, 200]), ("open", [200; 3]), ("admins", [401, 403, 200]), ("strangers", [200, 403, 403])]
    {
        for (who, expected) in who.iter().zip(statuses) {
            let status = who.invoke(name, ()).await.map_or_else(|error| error.status(), |outcome| outcome.status);
            assert_eq!(status, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_and_the_server_goes_on() {
    let running = builder()
        .procedure("sum", |call| async move {
            let (a, b): (i64, i64) = call.payload()?;
            Ok(a + b)
        })
        .procedure("locked", |_| async { Err::<(), _>(Error::conflict("note is locked").with_status(423)) })
        .procedure("panics", |call| {
            assert_eq!(call.name(), "something else");
            async { Ok(()) }
        })
        .procedure("no-json", |_| async { Ok([((1, 2), 3)].into_iter().collect::<std::collections::HashMap<_, _>>()) })
        .register(Procedure::new("slow", |_| pending::<Result<(), Error>>()).timeout(Duration::from_millis(20)))
        .procedure("twice", |call: Call| async move {
            let half: i64 = call.call("sum", (1, 2)).await?;
            Ok(2 * half)
        })
        .start()
        .await
        .unwrap();
    let house = running.handle();
    assert_eq!(told(house.invoke("sum", (1, "x")).await), (400, "1 failed for whole-number".to_owned()));
    assert_eq!(told(house.invoke("locked", ()).await), (423, "note is locked".to_owned()));
    assert_eq!(told(house.invoke("panics", ()).await), (500, "internal error".to_owned()));
    assert_eq!(told(house.invoke("no-json", ()).await), (500, "internal error".to_owned()));
    assert_eq!(told(house.invoke("slow", ()).await).0, 504);
    assert_eq!(told(house.invoke("nobody", ()).await).0, 404);
    assert_eq!(house.call::<i64>("twice", ()).await.unwrap(), 6);
}

#[tokio::test]
async fn a_name_has_one_owner() {
    let nothing = |_| async { Ok(()) };
    let refused = async |builder: Builder| match builder.start().await {
        Err(StartError::Procedure(error)) => error.public().to_owned(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it started"),
    };
    let twice = refused(builder().procedure("a", nothing).procedure("a", nothing)).await;
    assert!(twice.contains("\"a\"") && twice.contains("a closure of this server"), "{twice}");
    let built_in = refused(builder().procedure("chat:send", nothing)).await;
    assert!(built_in.contains("the server itself") && built_in.contains("a closure of this server"), "{built_in}");
    let webhook = r#"[[procedure]]
        name = "billing:*"
        url = "http://localhost:9"
        secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz""#;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), webhook).unwrap();
    let sources = quintet::config::Sources { file: Some(file.path().to_owned()), ..Default::default() };
    let config = quintet::config::load(&sources).unwrap().config;
    let with = |name: &'static str| {
        let builder = Server::builder().config(config.clone()).procedure(name, nothing).admin_password("a secret");
        let store = Memory::new(Options { limits: Limits::default(), clock: quintet::system_clock() });
        builder.store(Arc::new(store)).listen((Ipv4Addr::LOCALHOST, 0).into())
    };
    let family = refused(with("billing:pay")).await;
    assert!(family.contains("webhook billing:*") && family.contains("a closure of this server"), "{family}");
    let running = with("pay").start().await.unwrap();
    let error = running.handle().invoke("billing:pay", ()).await;
    assert_eq!(told(error), (503, "billing:pay cannot be reached, try again soon".to_owned()));
}

#[tokio::test]
async fn what_is_said_is_heard_by_listeners() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(8);
    let builder = builder();
    let handle: Handle = builder.handle();
    let mut fragile = true;
    let running = builder
        .on("orders/*", move |heard| {
            assert!(!std::mem::take(&mut fragile), "a listener that panics goes on");
            let (sender, handle) = (sender.clone(), handle.clone());
            async move {
                let Heard::Event(event) = heard else { panic!("nothing was missed") };
                let Body::Message { name, payload } = &event.body else { panic!("{event:?}") };
                let echo: Value = handle.call("echo", json!([&**name, &**payload])).await.unwrap();
                sender.send(echo).await.unwrap();
            }
        })
        .procedure("shout", |call| async move {
            call.publish("orders/1", json!({"first": true}))?;
            call.publish("others/1", ())?;
            call.publish("orders/2", call.raw())?;
            call.publish_as("orders/3/deep", "order:created", json!([]))?;
            call.notify_self(json!({}))
        })
        .start()
        .await
        .unwrap();
    let mut listening = running.listen("orders").unwrap();
    let verbatim = RawValue::from_string("{\"b\":1.50}".to_owned()).unwrap();
    running.handle().call::<()>("shout", verbatim).await.unwrap();
    assert_eq!(receiver.recv().await.unwrap(), json!(["orders/2", "{\"b\":1.50}"]));
    assert_eq!(receiver.recv().await.unwrap(), json!(["order:created", "[]"]));
    let Some(Heard::Event(first)) = listening.next().await else { panic!("it was said") };
    assert_eq!(first.topics[0].as_str(), "orders/1");
}
