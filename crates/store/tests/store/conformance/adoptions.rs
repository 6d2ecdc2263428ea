//! Users of other houses become users here.

use quintet_core::change::Change;
use quintet_core::event::Body;
use quintet_core::federation::{Deed, Remote, UserProfile};
use quintet_core::identity::Author;
use quintet_core::topic::Topic;
use quintet_core::user::NewLogin;
use quintet_core::{AgentKey, Kind};

use crate::house::{House, account, author};
use crate::letters::{address_at, adoption, host, letter, profile};

on_every_store! {
    a_user_of_another_house_is_one_here
    it_is_told_of_anew
    names_of_others_are_unique
    nobody_here_stands_in_its_way_nor_it_in_theirs
    its_house_tells_how_it_is_shown
    nobody_looks_like_somebody_else
}

fn described(name: &str, bio: &str) -> UserProfile {
    let inbox = Some("https://b.example/inbox".into());
    UserProfile { display_name: Some(name.into()), bio: Some(bio.into()), inbox, ..profile("bob") }
}

async fn a_user_of_another_house_is_one_here(house: House) {
    house.found().await;
    let change = adoption(UserProfile { group: true, ..described("Bob B.", "hello") }, 9);
    let events = house.append(&Author::house(), change).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let Body::UserJoined(bob) = &event.body else { panic!("{event:?}") };
    assert_eq!((&event.author, &event.topics), (&author(bob), &vec![Topic::user(bob.id)]));
    assert_eq!((&*bob.username, &*bob.nickname, bob.bio.as_deref()), ("bob@b.example", "Bob B.", Some("hello")));
    assert_eq!((bob.created_at, bob.agent), (house.now(), AgentKey([9; 32])));
    let address = profile("bob").address;
    assert_eq!(bob.remote, Some(Remote { address, group: true, inbox: Some("https://b.example/inbox".into()) }));
    let snapshot = house.snapshot().await;
    assert_eq!(snapshot.users[1].0, *bob);
    assert_eq!(snapshot.secrets[1].1.0, [9; 32]);
    assert_eq!(house.store.account(bob.id).await.unwrap().unwrap().password, None);
}

async fn it_is_told_of_anew(house: House) {
    house.found().await;
    let bob = house.adopt("bob").await;
    assert_eq!((&*bob.nickname, bob.bio.as_deref()), ("bob", None));
    assert_eq!(house.make(&Author::house(), adoption(profile("bob"), 1)).await, []);
    let long = "ä".repeat(3_000);
    let events = house.append(&Author::house(), adoption(described("Bob B.", &long), 1)).await.unwrap();
    let Body::UserChanged { user, token_generation: 0 } = &events[0].body else { panic!("{events:?}") };
    assert_eq!((events[0].author.id, user.id, &*user.nickname), (bob.id, bob.id, "Bob B."));
    assert_eq!(user.bio.as_ref().map(String::len), Some(4_096), "within its bound");
    assert_eq!(user.remote.as_ref().unwrap().inbox.as_deref(), Some("https://b.example/inbox"));
    assert_eq!((user.agent, &user.username), (bob.agent, &bob.username));
    assert_eq!(house.snapshot().await.users[1].0, *user);
}

async fn names_of_others_are_unique(house: House) {
    house.found().await;
    let mut names = Vec::new();
    for (path, name, at) in [
        ("users/1", "bob", "b.example"),
        ("users/2", "bob", "b.example"),
        ("users/1", "bob", "c.example"),
        ("users/3", "b ob@x\n", "b.example"),
        ("users/4", "", "b.example"),
    ] {
        let profile = UserProfile { address: address_at(at, path), ..profile(name) };
        let key = u8::try_from(names.len()).unwrap() + 1;
        let joined = house.make_one(&Author::house(), adoption(profile, key)).await;
        let Body::UserJoined(user) = joined else { panic!("{joined:?}") };
        names.push(user.username);
    }
    let expected = ["bob@b.example", "bob2@b.example", "bob@c.example", "b_ob_x_@b.example", "user@b.example"];
    assert_eq!(names, expected);
    let taken = UserProfile { address: address_at("d.example", "users/1"), ..profile("bob") };
    assert_eq!(house.refused(&Author::house(), adoption(taken, 1)).await.0, Kind::Conflict, "the key of another");
}

async fn nobody_here_stands_in_its_way_nor_it_in_theirs(house: House) {
    let (admin, _) = house.found().await;
    let bob = house.adopt("bob").await;
    let login = NewLogin::Username("bob@b.example".into());
    assert_eq!(house.refused(&admin, Change::Register(Box::new(account(login)))).await.0, Kind::BadMessage);
    // Its name may be somebody's e-mail: who has that registers with it, and logs in.
    assert!(house.store.account_by_login("bob@b.example").await.unwrap().is_none());
    let mail = house.register(NewLogin::Email("bob@b.example".into())).await;
    let found = house.store.account_by_login("bob@b.example").await.unwrap().unwrap();
    assert_eq!((found.user.id, &*found.user.username), (mail.id, "bob"));
    assert_ne!(found.user.id, bob.id);
    house.register(NewLogin::Email("eve@b.example".into())).await;
    assert_eq!(house.adopt("eve").await.username, "eve@b.example");
}

async fn its_house_tells_how_it_is_shown(house: House) {
    house.found().await;
    let tell = |path, profile| letter(&house, path, "User", Deed::Profile(Box::new(profile)));
    assert_eq!(house.take(tell("users/bob", described("Bob B.", "hello"))).await, [], "nobody here");
    let bob = house.adopt("bob").await;
    let letter = tell("users/bob", described("Robert", "hi")).of(&bob).signed(1);
    let bodies = house.take(letter).await;
    let [Body::UserChanged { user, .. }] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert_eq!((user.id, &*user.nickname, user.bio.as_deref()), (bob.id, "Robert", Some("hi")));
    assert!(house.entity("users/bob").await.unwrap().text.contains("Robert"));
    let mut stranger = tell("users/eve", described("Eve", "is bob"));
    stranger.0.host = host("c.example");
    assert_eq!(house.returned(stranger).await, Kind::Forbidden);
}

async fn nobody_looks_like_somebody_else(house: House) {
    house.found().await;
    let table = [
        ("ad\u{202e}nim", "adnim", "one\ntwo\r\u{2066}", "one\ntwo"),
        ("a\nb\0c\u{1b}[31m", "abc[31m", "\u{9b}", ""),
        ("\u{200f} \u{feff}", "bob", "", ""),
        ("👩\u{200d}🚀", "👩\u{200d}🚀", "", ""),
    ];
    for (key, (name, shown, bio, told)) in (1..).zip(table) {
        let address = address_at("b.example", &format!("users/{key}"));
        let profile = UserProfile { address, ..described(name, bio) };
        let Body::UserJoined(user) = house.make_one(&Author::house(), adoption(profile, key)).await else { panic!() };
        assert_eq!((&*user.nickname, user.bio.as_deref()), (shown, Some(told)));
    }
}
