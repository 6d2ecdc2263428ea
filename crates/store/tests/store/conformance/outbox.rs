//! What waits for other houses, and how things stand with these.

use quintet_core::federation::peer::{Peer, Standing};
use quintet_core::federation::{Form, Own};
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::{Kind, Timestamp};
use quintet_store::{NewItem, Settled, Tally, Waiting};

use crate::house::House;
use crate::letters::host;

on_every_store! {
    items_wait_in_their_order
    what_became_of_items_is_noted
    what_was_given_up_is_put_back_to_its_place
    what_is_too_much_is_given_up
    old_dead_letters_are_forgotten
    peers_are_remembered
    peers_are_bounded
    strangers_make_place
}

pub(crate) fn item(house: &House, to: &str, text: &str) -> NewItem {
    NewItem {
        host: host(to),
        form: Form::Reference,
        kind: "Note".into(),
        signer: Own::User(Id::new(4200).unwrap()),
        text: text.into(),
        at: house.now(),
        inbox: Some("https://b.example/inbox".into()),
    }
}

pub(crate) fn told(number: u64) -> Id {
    Id::new(number).unwrap()
}

/// The texts that wait for `b.example`.
pub(crate) async fn waiting(house: &House) -> Vec<String> {
    let items = house.store.correspondence().waiting(&host("b.example"), 0, 99).await.unwrap();
    items.into_iter().map(|item| item.item.text.to_string()).collect()
}

async fn ids(house: &House) -> Vec<u64> {
    let items = house.store.correspondence().waiting(&host("b.example"), 0, 99).await.unwrap();
    items.into_iter().map(|item| item.id).collect()
}

async fn tally(house: &House, to: &str) -> Tally {
    let awaited = house.store.correspondence().awaited().await.unwrap();
    awaited.into_iter().find(|waiting| waiting.host == host(to)).map(|waiting| waiting.tally).unwrap_or_default()
}

async fn items_wait_in_their_order(house: House) {
    let correspondence = house.store.correspondence();
    assert_eq!((correspondence.told().await.unwrap(), correspondence.awaited().await.unwrap()), (Id::HOUSE, vec![]));
    let items = vec![item(&house, "b.example", "1"), item(&house, "c.example", "2"), item(&house, "b.example", "3")];
    correspondence.enqueue(told(7), items.clone()).await.unwrap();
    house.wait(5);
    correspondence.enqueue(told(9), vec![item(&house, "b.example", "4")]).await.unwrap();
    correspondence.enqueue(told(11), Vec::new()).await.unwrap();
    assert_eq!(correspondence.told().await.unwrap(), told(11));
    assert_eq!(waiting(&house).await, ["1", "3", "4"]);
    let all = correspondence.waiting(&host("b.example"), 0, 2).await.unwrap();
    assert_eq!(all.iter().map(|item| item.item.clone()).collect::<Vec<_>>(), [items[0].clone(), items[2].clone()]);
    assert_eq!((all[0].attempts, all[0].due), (0, all[0].item.at));
    let rest = correspondence.waiting(&host("b.example"), all[1].id, 9).await.unwrap();
    assert_eq!(rest.iter().map(|item| &*item.item.text).collect::<Vec<_>>(), ["4"]);
    let oldest = Some(house.now().plus_millis(-5));
    let expected = [("b.example", 3), ("c.example", 1)]
        .map(|(name, waiting)| Waiting { host: host(name), tally: Tally { waiting, dead: 0, oldest } });
    assert_eq!(correspondence.awaited().await.unwrap(), expected);
}

async fn what_became_of_items_is_noted(house: House) {
    let correspondence = house.store.correspondence();
    let items = ["1", "2", "3", "4"].map(|text| item(&house, "b.example", text));
    correspondence.enqueue(told(7), items.to_vec()).await.unwrap();
    let ids = ids(&house).await;
    let due = house.now().plus_millis(99);
    let dead = |id, error: &str| Settled::Dead { id, error: error.into() };
    let settled = vec![
        Settled::Gone(ids[1]),
        Settled::Again { id: ids[0], due },
        dead(ids[2], "no such user"),
        dead(ids[2], "again"),
        Settled::Again { id: ids[2], due },
        Settled::Gone(ids[3] + 7),
    ];
    correspondence.settle(settled).await.unwrap();
    correspondence.settle(vec![Settled::Gone(ids[1]), Settled::Again { id: ids[0], due }]).await.unwrap();
    let left = correspondence.waiting(&host("b.example"), 0, 9).await.unwrap();
    let seen: Vec<_> = left.iter().map(|item| (item.id, item.attempts, item.due)).collect();
    assert_eq!(seen, [(ids[0], 2, due), (ids[3], 0, house.now())]);
    let letters = correspondence.dead_letters(None, 9).await.unwrap();
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!((letter.id, &*letter.text, &*letter.kind, letter.attempts), (ids[2], "3", "Note", 1));
    assert_eq!((&*letter.error, letter.queued_at, &letter.host), ("no such user", house.now(), &host("b.example")));
    let expected = Tally { waiting: 2, dead: 1, oldest: Some(house.now()) };
    assert_eq!(tally(&house, "b.example").await, expected);
    // A number is never given twice.
    correspondence.settle(vec![Settled::Gone(ids[0]), Settled::Gone(ids[3])]).await.unwrap();
    assert_eq!(tally(&house, "b.example").await, Tally { waiting: 0, dead: 1, oldest: None });
    correspondence.enqueue(told(8), vec![item(&house, "b.example", "5")]).await.unwrap();
    assert!(self::ids(&house).await[0] > ids[3]);
}

async fn what_was_given_up_is_put_back_to_its_place(house: House) {
    let correspondence = house.store.correspondence();
    let items = ["1", "2", "3"].map(|text| item(&house, "b.example", text));
    correspondence.enqueue(told(7), items.to_vec()).await.unwrap();
    correspondence.enqueue(told(8), vec![item(&house, "c.example", "4")]).await.unwrap();
    let numbers = ids(&house).await;
    let other = correspondence.waiting(&host("c.example"), 0, 1).await.unwrap()[0].id;
    let dead = [numbers[0], numbers[1], other].map(|id| Settled::Dead { id, error: "gone".into() });
    correspondence.settle(dead.to_vec()).await.unwrap();
    assert_eq!(waiting(&house).await, ["3"]);
    let of = async |host, limit| {
        let letters = correspondence.dead_letters(host, limit).await.unwrap();
        letters.into_iter().map(|letter| letter.text).collect::<Vec<_>>()
    };
    assert_eq!(of(None, 9).await, ["4", "2", "1"]);
    let b = host("b.example");
    assert_eq!(of(Some(&b), 9).await, ["2", "1"]);
    assert_eq!(of(None, 1).await, ["4"]);

    house.wait(60_000);
    assert_eq!(correspondence.requeue(&host("b.example"), house.now()).await.unwrap(), 2);
    assert_eq!(correspondence.requeue(&host("b.example"), house.now()).await.unwrap(), 0);
    assert_eq!((ids(&house).await, waiting(&house).await), (numbers, vec!["1".into(), "2".into(), "3".into()]));
    let first = correspondence.waiting(&host("b.example"), 0, 1).await.unwrap().remove(0);
    // It has all its time again.
    assert_eq!((first.attempts, first.due, first.item.at), (0, house.now(), house.now()));
    assert_eq!(of(None, 9).await, ["4"]);
}

async fn what_is_too_much_is_given_up(house: House) {
    let house = house.with(Limits { outbox_items: 2, ..Limits::default() }).await;
    let correspondence = house.store.correspondence();
    let items = ["1", "2", "3", "4", "5"].map(|text| item(&house, "b.example", text));
    correspondence.enqueue(told(7), items.to_vec()).await.unwrap();
    correspondence.enqueue(told(8), vec![item(&house, "c.example", "6")]).await.unwrap();
    assert_eq!(waiting(&house).await, ["1", "2"]);
    // Dead letters have the same bound: the oldest goes.
    let letters = correspondence.dead_letters(None, 9).await.unwrap();
    assert_eq!(letters.iter().map(|letter| &*letter.text).collect::<Vec<_>>(), ["5", "4"]);
    assert!(letters[0].error.contains("too much waited"), "{letters:?}");
    let first = ids(&house).await[0];
    correspondence.settle(vec![Settled::Gone(first)]).await.unwrap();
    correspondence.enqueue(told(9), vec![item(&house, "b.example", "7")]).await.unwrap();
    assert_eq!(waiting(&house).await, ["2", "7"]);
    assert_eq!(tally(&house, "c.example").await.waiting, 1);
}

async fn old_dead_letters_are_forgotten(house: House) {
    let correspondence = house.store.correspondence();
    let items = ["1", "2"].map(|text| item(&house, "b.example", text));
    correspondence.enqueue(told(7), items.to_vec()).await.unwrap();
    let first = ids(&house).await[0];
    correspondence.settle(vec![Settled::Dead { id: first, error: "gone".into() }]).await.unwrap();
    assert_eq!(correspondence.forget(house.now()).await.unwrap(), 0);
    assert_eq!(correspondence.forget(house.now().plus_millis(1)).await.unwrap(), 1);
    assert_eq!(correspondence.dead_letters(None, 9).await.unwrap(), []);
    assert_eq!(waiting(&house).await, ["2"]);
}

fn peer(name: &str) -> Peer {
    let host = host(name);
    Peer { host, standing: Standing::Neutral, dead_since: None, last_error: None, heard_at: None, reached_at: None }
}

async fn peers_are_remembered(house: House) {
    let correspondence = house.store.correspondence();
    assert_eq!(correspondence.peers().await.unwrap(), []);
    let time = |millis| Some(Timestamp::from_millis(millis));
    let full = Peer {
        standing: Standing::Blocked,
        dead_since: time(1),
        last_error: time(2).zip(Some("refused".to_owned())),
        heard_at: time(3),
        reached_at: time(4),
        ..peer("a.example:8443")
    };
    let allowed = Peer { standing: Standing::Allowed, ..peer("c.example") };
    for peer in [allowed.clone(), peer("b.example"), full.clone(), peer("c.example"), allowed.clone()] {
        correspondence.put_peer(peer).await.unwrap();
    }
    assert_eq!(correspondence.peers().await.unwrap(), [full, peer("b.example"), allowed]);
}

async fn peers_are_bounded(house: House) {
    let house = house.with(Limits { peers: 1, ..Limits::default() }).await;
    let correspondence = house.store.correspondence();
    let blocked = Peer { standing: Standing::Blocked, ..peer("a.example") };
    correspondence.put_peer(peer("a.example")).await.unwrap();
    correspondence.put_peer(blocked.clone()).await.unwrap();
    assert_eq!(correspondence.put_peer(peer("b.example")).await.unwrap_err().kind(), Kind::TooMany);
    assert_eq!(correspondence.peers().await.unwrap(), [blocked]);
}

async fn strangers_make_place(house: House) {
    let house = house.with(Limits { peers: 4, ..Limits::default() }).await;
    let correspondence = house.store.correspondence();
    let time = |millis| Some(Timestamp::from_millis(millis));
    let early = Peer { heard_at: time(1), ..peer("early.example") };
    let late = Peer { heard_at: time(9), ..peer("late.example") };
    let reached = Peer { reached_at: time(0), ..peer("reached.example") };
    correspondence.enqueue(Id::HOUSE, vec![item(&house, "waits.example", "1")]).await.unwrap();
    for peer in [late.clone(), early, reached.clone(), peer("waits.example")] {
        correspondence.put_peer(peer).await.unwrap();
    }
    correspondence.put_peer(Peer { reached_at: time(10), ..peer("new.example") }).await.unwrap();
    let names = async || {
        let peers = correspondence.peers().await.unwrap();
        peers.iter().map(|peer| peer.host.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["late.example", "new.example", "reached.example", "waits.example"]);
    correspondence.put_peer(Peer { reached_at: time(11), ..peer("newer.example") }).await.unwrap();
    assert_eq!(names().await, ["new.example", "newer.example", "reached.example", "waits.example"]);
    assert_eq!(correspondence.put_peer(peer("newest.example")).await.unwrap_err().kind(), Kind::TooMany);
}
