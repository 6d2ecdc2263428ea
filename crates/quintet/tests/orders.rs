//! The example runs: a shop as a part of this very test.

#[path = "../examples/orders.rs"]
mod orders;

use std::net::Ipv4Addr;

use quintet::Running;
use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Id, Identity};
use quintet_hub::Caller;
use serde_json::{Value, json};

async fn user(running: &Running, name: &str) -> Id {
    let login = NewLogin::Username(name.to_owned());
    let address = Ipv4Addr::LOCALHOST.into();
    let house = Caller { identity: Identity::House, via: "api".into(), address, local: true };
    match running.hub().call(&house, Call::Register { login, password: Secret::new("a secret") }).await.unwrap() {
        Answer::User(user) => user.id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn orders_are_taken_and_shipped() {
    let data = tempfile::tempdir().unwrap();
    let builder = orders::server().data(data.path()).listen((Ipv4Addr::LOCALHOST, 0).into());
    let running = builder.admin_password("a secret").start().await.unwrap();
    let house = running.handle();
    let ann = user(&running, "ann").await;
    let mut listening = running.listen("orders/*").unwrap();

    let order = json!({"item": "violin", "count": 1, "size": "full"});
    let made: Value = house.as_user(ann).call("orders:create", &order).await.unwrap();
    assert_eq!(made, json!({"id": 0, "by": ann.get(), "item": "violin", "count": 1, "shipped": false}));
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
