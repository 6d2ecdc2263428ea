//! Where nobody goes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use quintet_core::federation::host::Reach;
use quintet_core::{Kind, Limits};
use rustls::RootCertStore;

use super::house::{House, Names, gate, json, local_gate};

#[tokio::test]
async fn a_name_that_leads_to_a_closed_address_is_not_gone_to() {
    let house = House::saying(json("{}")).await;
    let addresses: [&[&str]; 10] = [
        &["127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["fd00:ec2::254"],
        &["64:ff9b::7f00:1"],
        &["2002:7f00:1::"],
        // One that is open does not open the others.
        &["1.1.1.1", "127.0.0.1"],
        &["127.0.0.1", "1.1.1.1"],
    ];
    for found in addresses {
        let names = Names::of(&[("a.example", &[found])]);
        let gate = gate(&Limits::default(), Reach::Net, names, RootCertStore::empty());
        let url = format!("https://a.example:{}/", house.port);
        let refused = gate.fetch(&url, vec![]).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden, "{found:?}");
        assert!(!refused.public().contains(found[0]), "nobody is told what our names lead to");
    }
    assert_eq!(house.met(), 0);
}

#[tokio::test]
async fn this_machine_is_not_gone_to_by_address() {
    let house = House::saying(json("{}")).await;
    let gate = gate(&Limits::default(), Reach::Net, Arc::default(), RootCertStore::empty());
    for url in [house.url("/"), house.url("/").replace("http:", "https:"), format!("http://localhost:{}/", house.port)]
    {
        assert_eq!(gate.fetch(&url, vec![]).await.unwrap_err().kind(), Kind::Forbidden, "{url}");
    }
    assert_eq!(house.met(), 0);
}

#[tokio::test]
async fn on_this_machine_other_private_addresses_stay_closed() {
    let names = Names::of(&[("a.example", &[&["192.168.0.1"]]), ("b.example", &[&["127.0.0.1", "10.0.0.1"]])]);
    let gate = gate(&Limits::default(), Reach::Loopback, names, RootCertStore::empty());
    for url in ["https://a.example/", "https://b.example/"] {
        assert_eq!(gate.fetch(url, vec![]).await.unwrap_err().kind(), Kind::Forbidden, "{url}");
    }
}

#[tokio::test]
async fn a_name_is_asked_for_once_for_each_connection() {
    let house = House::with(|stream| async move { drop(stream) }).await;
    // What it leads to the second time would be closed: whoever asked twice would be refused, or go there.
    let names = Names::of(&[("a.example", &[&["127.0.0.1"], &["10.0.0.1"]])]);
    let gate = gate(&Limits::default(), Reach::Loopback, Arc::clone(&names), RootCertStore::empty());
    let url = format!("https://a.example:{}/", house.port);
    let error = gate.fetch(&url, vec![]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "it speaks no TLS: {error}");
    assert_eq!((house.met(), names.asked.load(Ordering::SeqCst)), (1, 1));
    assert_eq!(gate.fetch(&url, vec![]).await.unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(house.met(), 1);
}

#[tokio::test]
async fn a_name_that_leads_nowhere_may_lead_somewhere_later() {
    let names = Names::of(&[("empty.example", &[&[]])]);
    let gate = gate(&Limits::default(), Reach::Net, names, RootCertStore::empty());
    for url in ["https://unknown.example/", "https://empty.example/"] {
        assert_eq!(gate.fetch(url, vec![]).await.unwrap_err().kind(), Kind::Unavailable, "{url}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = House::saying(json("{}")).await;
    for status in [301, 302, 303, 304, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nlocation: {}\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n",
            target.url("/")
        );
        let house = House::saying(answer).await;
        let refused = local_gate(&Limits::default()).fetch(&house.url("/"), vec![]).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden, "{status}");
    }
    assert_eq!(target.met(), 0);
}

#[tokio::test(start_paused = true)]
async fn fetches_wait_for_their_turn_and_not_for_ever() {
    // It takes the connection, and says nothing.
    let house = House::with(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let limits = Limits { host_fetches: 2, ..Limits::default() };
    let gate = local_gate(&limits);
    let url = house.url("/");
    let begun = tokio::time::Instant::now();
    let (one, two, three) = tokio::join!(gate.fetch(&url, vec![]), gate.fetch(&url, vec![]), gate.fetch(&url, vec![]));
    for answer in [one, two, three] {
        assert_eq!(answer.unwrap_err().kind(), Kind::Unavailable);
    }
    assert_eq!(house.met(), 2, "the third one waited in vain");
    assert!(begun.elapsed().as_secs() < 2 * limits.fetch_seconds);
}
