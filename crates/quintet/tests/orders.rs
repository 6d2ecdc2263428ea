//! The example runs: a shop as a part of this very test.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/orders.rs"]
mod orders;

use std::net::Ipv4Addr;

use quintet::Running;
use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Id, Identity};
use quintet_hub::Caller;
use quintet_tests::client::Socket;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The shop, and where its data is.
async fn open() -> (Running, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let builder = orders::server().data(data.path()).listen((Ipv4Addr::LOCALHOST, 0).into());
    (builder.admin_password("a secret").start().await.unwrap(), data)
}

async fn ask(running: &Running, call: Call) -> Answer {
    let address = Ipv4Addr::LOCALHOST.into();
    let house = Caller { identity: Identity::House, via: "api".into(), address, local: true, socket: false };
    running.hub().call(&house, call).await.unwrap()
}

async fn user(running: &Running, name: &str) -> Id {
    let login = NewLogin::Username(name.to_owned());
    match ask(running, Call::Register { login, password: Secret::new("a secret") }).await {
        Answer::User(user) => user.id,
        other => panic!("{other:?}"),
    }
}

/// A Flamigo client, logged in.
async fn client(running: &Running, username: &str) -> Socket {
    let Answer::SignedIn(signed) = ask(running, Call::IssueToken { username: username.to_owned(), ttl: None }).await
    else {
        panic!("no token")
    };
    let mut socket = Socket::open(running.addr(), "/ws").await.unwrap();
    let answer = call(&mut socket, "websocket:auth", json!({"token": signed.token.expose()})).await;
    assert_eq!(answer["payload"], json!({"success": true}));
    socket
}

/// Calls a procedure; the next thing that is heard must be its answer.
async fn call(socket: &mut Socket, name: &str, payload: Value) -> Value {
    let command = json!({"topic": format!("app::{name}"), "payload": payload, "ackId": "1"});
    socket.say(command.to_string()).await.unwrap();
    let answer = socket.hear_json().await.unwrap();
    assert_eq!(answer["ackId"], "1", "{answer}");
    answer
}

#[tokio::test]
async fn a_flamigo_client_orders_and_hears_of_it() {
    let (running, _data) = open().await;
    let ann = user(&running, "ann").await;
    user(&running, "ben").await;
    let (mut buyer, mut onlooker) = (client(&running, "ann").await, client(&running, "ben").await);
    call(&mut onlooker, "topic:subscribe", json!({"topic": "orders/*"})).await;
    call(&mut buyer, "topic:subscribe", json!({"topic": format!("user/{ann}")})).await;

    let wrong = call(&mut buyer, "orders:create", json!({"item": "", "count": 1, "size": "huge"})).await;
    assert_eq!((&wrong["topic"], &wrong["payload"]["status"]), (&json!("error"), &json!(400)), "{wrong}");
    assert_eq!(wrong["payload"]["fieldErrors"][1]["error"], "size must be one of half,full");

    let made = call(&mut buyer, "orders:create", json!({"item": "violin", "count": 1, "size": "full"})).await;
    let order = json!({"id": 0, "item": "violin", "count": 1, "price": 900, "shipped": false});
    assert_eq!(made, json!({"topic": "app::orders:create", "ackId": "1", "payload": order}));
    let heard = onlooker.hear_json().await.unwrap();
    assert_eq!(heard, json!({"topic": "orders/0", "payload": {"order": order}}));

    let refused = call(&mut buyer, "orders:ship", json!({"id": 0})).await;
    assert_eq!(refused["payload"]["status"], 403, "{refused}");
    call(&mut client(&running, "admin").await, "orders:ship", json!({"id": 0})).await;
    let notice = json!({"topic": "user:notice", "payload": {"type": "shipped", "data": {"id": 0}}});
    assert_eq!(buyer.hear_json().await.unwrap(), notice);
}

#[tokio::test]
async fn the_program_itself_orders_too() {
    let (running, _data) = open().await;
    let house = running.handle();
    let ann = user(&running, "ann").await;
    let mut listening = running.listen("orders/*").unwrap();

    let order = json!({"item": "violin", "count": 1, "size": "full"});
    let made: Value = house.as_user(ann).call("orders:create", &order).await.unwrap();
    assert_eq!(made, json!({"id": 0, "item": "violin", "count": 1, "price": 900, "shipped": false}));
    assert!(listening.next().await.is_some());

    let wrong = house.as_user(ann).invoke("orders:create", json!({"item": "", "count": 0, "size": "full"})).await;
    let fields: Vec<_> = wrong.unwrap_err().fields().iter().map(|wrong| wrong.error.clone()).collect();
    assert_eq!(fields, ["item is required", "count failed for range"]);
    assert_eq!(house.as_public().invoke("orders:create", &order).await.unwrap_err().status(), 401);
    assert_eq!(house.as_public().call::<u64>("orders:count", ()).await.unwrap(), 1);

    assert_eq!(house.as_user(ann).invoke("orders:ship", json!({"id": 0})).await.unwrap_err().status(), 403);
    let shipped: Value = house.call("orders:ship", json!({"id": 0})).await.unwrap();
    assert_eq!(shipped["shipped"], true);
    assert_eq!(house.invoke("orders:ship", json!({"id": 7})).await.unwrap_err().public(), "there is no order 7");
    running.shutdown().await;
}
