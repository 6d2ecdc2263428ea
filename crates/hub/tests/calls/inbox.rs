//! What other houses say, taken: once, in order, from who may, and with what follows from it.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use quintet_core::federation::desk::{Allowance, Reception};
use quintet_core::federation::note::Audience;
use quintet_core::federation::{
    Address, Ask, Deed, Follow, FollowState, Form, Incoming, Own, Signed, Signer, Target, Told, UserProfile, Verified,
};
use quintet_core::right::{Holder, Scope};
use quintet_core::room::RoomEdit;
use quintet_core::{Author, Call, Change, Draft, Error, Id, Kind, Limits, Right, Timestamp};
use quintet_hub::Rules;
use quintet_store::Post;

use crate::house::{IntoCaller as _, Who as _, house, public, rules, unknown};
use crate::peer::{Abroad, Served, address, entity, host, said};

const BOB: &str = "https://b.example/bob";

/// A house that bob of b.example can speak to.
pub(crate) async fn abroad() -> (Abroad, Address) {
    let abroad = Abroad::new().await;
    abroad.net.serve_key(BOB, 1);
    (abroad, address("b.example", "bob"))
}

/// Takes an entity of somebody as one that comes alone.
pub(crate) async fn accept(abroad: &Abroad, who: &Address, incoming: &Arc<Incoming>) -> Result<Reception, Error> {
    let signed = abroad.signed(who, 1, &incoming.text);
    reception(abroad.ask(&public(), Ask::Accept(Box::new(signed), Ok(Arc::clone(incoming)))).await)
}

fn reception(told: Result<Told, Error>) -> Result<Reception, Error> {
    told.map(|told| match told {
        Told::Received(reception, _) => reception,
        other => panic!("{other:?}"),
    })
}

async fn receive(abroad: &Abroad, verified: Verified, incoming: &Arc<Incoming>) -> Result<Reception, Error> {
    reception(abroad.ask(&public(), Ask::Receive(Box::new(verified), Arc::clone(incoming))).await)
}

fn note(abroad: &Abroad, who: &Address, name: &str) -> Arc<Incoming> {
    entity(abroad, who, name, said(name, Audience::Public))
}

async fn kept(abroad: &Abroad) -> Vec<Arc<str>> {
    let query = Post { limit: 100, ..Post::default() };
    let kept = abroad.house.store.correspondence().entities(&query).await.unwrap();
    kept.into_iter().rev().map(|entity| entity.text).collect()
}

pub(crate) async fn append(abroad: &Abroad, author: Id, change: Change) -> Vec<Arc<quintet_core::Event>> {
    let author = Author { id: author, name: "".into() };
    let draft = Draft { author, via: "test".into(), at: abroad.house.now(), change, commit: None };
    abroad.house.store.append(draft).await.unwrap()
}

async fn users(abroad: &Abroad) -> Vec<String> {
    match abroad.house.ask(&house(), Call::Users).await.unwrap() {
        quintet_core::Answer::Users(users) => users.into_iter().map(|user| user.username).collect(),
        other => panic!("{other:?}"),
    }
}

async fn bob_here(abroad: &Abroad) -> Id {
    let Ok(quintet_core::Answer::Users(users)) = abroad.house.ask(&house(), Call::Users).await else { panic!() };
    users.into_iter().find(|user| user.username == "bob@b.example").unwrap().id
}

/// A room that is a group to other houses.
pub(crate) async fn group(abroad: &Abroad) -> Id {
    let room = abroad.house.room("group", None).await.id;
    let edit = RoomEdit { federated: Some(true), ..RoomEdit::default() };
    abroad.house.ask(&house(), Call::ChangeRoom { room, edit }).await.unwrap();
    room
}

fn to_room(content: &str, room: Id) -> Deed {
    said(content, Audience::Group(Target::Own(Own::Room(room))))
}

#[tokio::test]
async fn entities_are_taken_in_the_order_in_which_they_are_begun() {
    let (abroad, bob) = abroad().await;
    let mut ready = Vec::new();
    for number in 0..20 {
        let incoming = note(&abroad, &bob, &format!("note {number}"));
        let signed = abroad.signed(&bob, 1, &incoming.text);
        let ask = Ask::Verify(Box::new(signed), Some(Arc::clone(&incoming)));
        ready.push((crate::peer::verified(abroad.ask(&public(), ask).await.unwrap()), incoming));
    }
    let texts: Vec<_> = ready.iter().map(|(_, incoming)| Arc::clone(&incoming.text)).collect();
    let mut begun: Vec<_> =
        ready.iter().map(|(verified, incoming)| Box::pin(receive(&abroad, verified.clone(), incoming))).collect();
    let mut done: Vec<_> = begun.iter_mut().map(FutureExt::now_or_never).collect();
    // Whoever waits is asked again the other way round.
    for (future, done) in begun.into_iter().zip(&mut done).rev() {
        let result = match done.take() {
            Some(result) => result,
            None => future.await,
        };
        assert_eq!(result.unwrap(), Reception::Taken);
    }
    assert_eq!(kept(&abroad).await, texts);
}

#[tokio::test]
async fn the_same_message_again_changes_nothing_whichever_way_it_comes() {
    let (abroad, bob) = abroad().await;
    let incoming = note(&abroad, &bob, "hello");
    let signed = abroad.signed(&bob, 1, &incoming.text);
    let ask = || Ask::Accept(Box::new(signed.clone()), Ok(Arc::clone(&incoming)));
    assert_eq!(reception(abroad.ask(&public(), ask()).await).unwrap(), Reception::Taken);
    assert_eq!(reception(abroad.ask(&public(), ask()).await).unwrap(), Reception::Known);
    abroad.net.fetches();
    let again = abroad.verify(signed.clone()).await.unwrap();
    assert!(again.known && abroad.net.fetches() == 0);
    assert_eq!(receive(&abroad, again, &incoming).await.unwrap(), Reception::Known);
    let asked_twice = abroad.verify(Signed { once: false, ..signed.clone() }).await.unwrap();
    assert!(!asked_twice.known, "a request may be made twice");
    assert_eq!(kept(&abroad).await.len(), 1);
}

#[tokio::test]
async fn a_tampered_copy_of_what_was_accepted_is_refused() {
    let (abroad, bob) = abroad().await;
    abroad.net.serve_key("https://c.example/bob", 2);
    let incoming = note(&abroad, &bob, "hello");
    let signed = abroad.signed(&bob, 1, &incoming.text);
    accept(&abroad, &bob, &incoming).await.unwrap();
    let tampered = [
        Signed { texts: vec!["{}".into()], ..signed.clone() },
        Signed { signer: Signer::User(address("c.example", "bob")), ..signed.clone() },
        Signed { signer: Signer::Instance(host("b.example"), Form::Uri), ..signed },
    ];
    for signed in tampered {
        assert_eq!(abroad.verify(signed).await.unwrap_err().kind(), Kind::Unauthenticated);
    }
}

#[tokio::test]
async fn what_was_refused_is_not_taken_for_accepted() {
    let (abroad, bob) = abroad().await;
    let incoming = entity(&abroad, &bob, "f", Deed::Follow(Target::Own(Own::User(unknown()))));
    let signed = abroad.signed(&bob, 1, &incoming.text);
    assert_eq!(accept(&abroad, &bob, &incoming).await.unwrap_err().kind(), Kind::NotFound);
    assert!(!abroad.verify(signed).await.unwrap().known);
    assert_eq!(users(&abroad).await, ["admin"], "nobody is adopted for nothing");
}

#[tokio::test]
async fn whoever_follows_somebody_here_becomes_a_user_here() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await.id();
    let follow = entity(&abroad, &bob, "f", Deed::Follow(Target::Own(Own::User(ann))));
    assert_eq!(accept(&abroad, &bob, &follow).await.unwrap(), Reception::Taken);
    assert_eq!(abroad.net.fetches(), 1, "key and profile are of one fetch");
    assert_eq!(users(&abroad).await, ["admin", "ann", "bob@b.example"]);
    let snapshot = abroad.house.store.snapshot().await.unwrap().unwrap();
    let expected = Follow { follower: bob_here(&abroad).await, followee: ann, state: FollowState::Accepted };
    assert_eq!(snapshot.follows, [expected]);
    let again = entity(&abroad, &bob, "g", Deed::Follow(Target::Own(Own::User(ann))));
    accept(&abroad, &bob, &again).await.unwrap();
    assert_eq!(users(&abroad).await.len(), 3);
}

#[tokio::test]
async fn whoever_says_much_at_once_is_adopted_once() {
    let (abroad, bob) = abroad().await;
    let room = group(&abroad).await;
    let chats: Vec<_> =
        (0..20).map(|number| entity(&abroad, &bob, &number.to_string(), to_room("hello", room))).collect();
    let verify = |incoming: &Arc<Incoming>| {
        let signed = Box::new(abroad.signed(&bob, 1, &incoming.text));
        abroad.ask_owned(Ask::Verify(signed, Some(Arc::clone(incoming))))
    };
    let verified = join_all(chats.iter().map(verify)).await;
    assert_eq!(abroad.net.fetches(), 1, "for key and profile of all of them");
    assert_eq!(users(&abroad).await, ["admin", "bob@b.example"]);
    for (told, incoming) in verified.into_iter().zip(&chats) {
        let verified = crate::peer::verified(told.unwrap());
        assert_eq!(receive(&abroad, verified, incoming).await.unwrap(), Reception::Taken);
    }
}

#[tokio::test]
async fn a_follower_waits_where_the_house_wants_that() {
    let manual = quintet_hub::federation::Rules { open: true, manual: true, ..Default::default() };
    let abroad = Abroad::with(Limits::default(), Rules { federation: manual, ..rules() }).await;
    abroad.net.serve_key(BOB, 1);
    let (ann, bob) = (abroad.house.register("ann").await.id(), address("b.example", "bob"));
    let follow = entity(&abroad, &bob, "f", Deed::Follow(Target::Own(Own::User(ann))));
    accept(&abroad, &bob, &follow).await.unwrap();
    let snapshot = abroad.house.store.snapshot().await.unwrap().unwrap();
    assert_eq!(snapshot.follows[0].state, FollowState::Pending);
}

#[tokio::test]
async fn who_concerns_nobody_here_stays_a_stranger() {
    let (abroad, bob) = abroad().await;
    accept(&abroad, &bob, &note(&abroad, &bob, "hello")).await.unwrap();
    let elsewhere = Target::Remote(address("c.example", "note"));
    let like = Deed::React { target: elsewhere, reaction: "❤".into(), exclusive: true };
    accept(&abroad, &bob, &entity(&abroad, &bob, "like", like)).await.unwrap();
    assert_eq!(users(&abroad).await, ["admin"]);
    assert_eq!(kept(&abroad).await.len(), 2);
}

#[tokio::test]
async fn an_author_without_a_profile_says_nothing_here() {
    let abroad = Abroad::new().await;
    abroad.net.serve_key("https://b.example", 1);
    let ann = abroad.house.register("ann").await.id();
    let bob = address("b.example", "bob");
    let follow = entity(&abroad, &bob, "f", Deed::Follow(Target::Own(Own::User(ann))));
    let house = Address { key: "https://b.example".into(), ..bob };
    let signer = Signer::Instance(host("b.example"), Form::Reference);
    for (served, kind) in [(Served::Down, Kind::Unavailable), (Served::Missing, Kind::Unauthenticated)] {
        abroad.net.serve(BOB, served);
        abroad.house.pass_millis(30_000);
        let follow = Arc::new(Incoming { text: format!("{kind:?}").into(), ..(*follow).clone() });
        let signed = Signed { signer: signer.clone(), ..abroad.signed(&house, 1, &follow.text) };
        let ask = Ask::Accept(Box::new(signed), Ok(Arc::clone(&follow)));
        assert_eq!(abroad.ask(&public(), ask).await.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn notes_to_a_federated_room_are_chats_of_who_may_write_there() {
    let (abroad, bob) = abroad().await;
    let (room, closed) = (group(&abroad).await, abroad.house.room("closed", None).await.id);
    accept(&abroad, &bob, &entity(&abroad, &bob, "1", to_room("hello", room))).await.unwrap();
    let filter = quintet_core::chat::ChatFilter { room: Some(room), limit: 9, ..Default::default() };
    let chats = match abroad.house.ask(&house(), Call::Chats(filter)).await.unwrap() {
        quintet_core::Answer::Chats(chats) => chats,
        other => panic!("{other:?}"),
    };
    assert_eq!((chats[0].content.as_str(), &*chats[0].author.name), ("hello", "bob@b.example"));
    let refused = accept(&abroad, &bob, &entity(&abroad, &bob, "2", to_room("hello", closed))).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
    let reaction = |name, number| {
        let target = Target::Own(Own::Note(number));
        entity(&abroad, &bob, name, Deed::React { target, reaction: "🎉".into(), exclusive: false })
    };
    accept(&abroad, &bob, &reaction("3", chats[0].id)).await.unwrap();
    let reactors = abroad.house.store.reactors(chats[0].id).await.unwrap().unwrap();
    assert_eq!(reactors, [("🎉".to_owned(), vec![bob_here(&abroad).await])]);
    assert_eq!(accept(&abroad, &bob, &reaction("4", unknown())).await.unwrap_err().kind(), Kind::NotFound);
    let hello_again = entity(&abroad, &bob, "1", said("changed", Audience::Public));
    let other = group(&abroad).await;
    let moved = entity(&abroad, &bob, "1", to_room("moved", other));
    let table = [
        (Right::Write, entity(&abroad, &bob, "5", to_room("more", room))),
        (Right::Write, Arc::new(Incoming { text: "{\"moved\":1}".into(), ..(*moved).clone() })),
        (Right::Write, Arc::new(Incoming { text: "{}".into(), ..(*hello_again).clone() })),
        (Right::React, reaction("6", chats[0].id)),
        (Right::View, reaction("7", chats[0].id)),
    ];
    for (right, incoming) in table {
        abroad.house.grant(Scope::Room(room), Holder::User(bob_here(&abroad).await), right, -5).await;
        let refused = accept(&abroad, &bob, &incoming).await.map_err(|error| error.kind());
        assert_eq!(refused, Err(Kind::Forbidden), "{right:?} {incoming:?}");
    }
}

#[tokio::test]
async fn who_is_locked_out_here_says_nothing_here() {
    let (abroad, bob) = abroad().await;
    let room = group(&abroad).await;
    accept(&abroad, &bob, &entity(&abroad, &bob, "1", to_room("hello", room))).await.unwrap();
    let user = bob_here(&abroad).await;
    abroad.house.done(&house(), Call::SetDisabled { user, disabled: true }).await;
    let refused = accept(&abroad, &bob, &note(&abroad, &bob, "2")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
}

#[tokio::test]
async fn what_is_dated_far_ahead_is_refused() {
    let (abroad, bob) = abroad().await;
    let day = 24 * 60 * 60 * 1000;
    for (form, millis, refused) in [
        (Form::Uri, day, None),
        (Form::Uri, day + 1, Some(Kind::BadMessage)),
        (Form::Reference, day + 1, Some(Kind::Stale)),
    ] {
        let created_at = Timestamp::from_millis(abroad.house.now().millis() + millis);
        let named = note(&abroad, &bob, &format!("{form:?} {millis}"));
        let incoming = Arc::new(Incoming { form, created_at, ..(*named).clone() });
        assert_eq!(accept(&abroad, &bob, &incoming).await.err().map(|error| error.kind()), refused);
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_entity_counts_only_where_its_signature_holds() {
    let (abroad, bob) = abroad().await;
    let wrong = || Err(Arc::new(Error::bad_message("no such type").with_status(418)));
    let accept = |round| Ask::Accept(Box::new(abroad.signed(&bob, round, "text")), wrong());
    assert_eq!(abroad.ask(&public(), accept(2)).await.unwrap_err().kind(), Kind::Unauthenticated);
    let told = abroad.ask(&public(), accept(1)).await.unwrap_err();
    assert_eq!((told.kind(), told.public(), told.status()), (Kind::BadMessage, "no such type", 418));
}

#[tokio::test]
async fn a_house_is_told_how_much_more_it_may_send() {
    let limits = Limits { peer_messages_per_second: 1, peer_messages_burst: 2, ..Limits::default() };
    let open = quintet_hub::federation::Rules { open: true, ..Default::default() };
    let abroad = Abroad::with(limits, Rules { federation: open, ..rules() }).await;
    abroad.net.serve_key(BOB, 1);
    abroad.net.serve_key("https://c.example/bob", 1);
    let send = |house: &'static str, name: &str| {
        let bob = address(house, "bob");
        let incoming = note(&abroad, &bob, name);
        let ask = Ask::Accept(Box::new(abroad.signed(&bob, 1, &incoming.text)), Ok(incoming));
        abroad.ask_owned(ask)
    };
    for (name, remaining, reset) in [("1", 1, 1), ("2", 0, 2)] {
        let Ok(Told::Received(Reception::Taken, allowance)) = send("b.example", name).await else { panic!() };
        assert_eq!(allowance, Some(Allowance { limit: 2, remaining, reset }));
    }
    let refused = send("b.example", "3").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::TooMany);
    assert_eq!(refused.data().unwrap().get(), r#"{"limit":2,"remaining":0,"reset":2}"#);
    assert!(send("c.example", "1").await.is_ok(), "each has its own");
}

#[tokio::test]
async fn a_pushed_profile_has_the_key_fetched_anew() {
    let (abroad, bob) = abroad().await;
    let profile = UserProfile {
        address: bob.clone(),
        group: false,
        username: "bob".into(),
        display_name: None,
        bio: None,
        key: Some([7; 32]),
        inbox: None,
        text: "{}".into(),
    };
    let pushed = entity(&abroad, &bob, "profile", Deed::Profile(Box::new(profile)));
    accept(&abroad, &bob, &pushed).await.unwrap();
    abroad.net.fetches();
    abroad.verify(abroad.signed(&bob, 1, "text")).await.unwrap();
    assert_eq!(abroad.net.fetches(), 1, "its own key did not count, the one at its place does");
}

#[tokio::test]
async fn what_a_group_has_is_fetched_where_it_is_for_who_is_in_the_group() {
    let (abroad, bob) = abroad().await;
    let (group, elsewhere) = (address("b.example", "group"), address("c.example", "cat/1"));
    let fetched =
        Incoming { name: Some(elsewhere.clone()), ..(*note(&abroad, &address("c.example", "cat"), "n")).clone() };
    abroad.net.serve(&elsewhere.key, Served::Note(Box::new(fetched.clone())));
    let carry = |name| entity(&abroad, &bob, name, Deed::Carry { note: elsewhere.clone(), group: group.clone() });
    accept(&abroad, &bob, &carry("1")).await.unwrap();
    let ann = abroad.house.register("ann").await.id();
    let events = append(&abroad, Id::HOUSE, adoption(&group)).await;
    let group_here = match &events[0].body {
        quintet_core::Body::UserJoined(user) => user.id,
        other => panic!("{other:?}"),
    };
    let follow = Follow { follower: ann, followee: group_here, state: FollowState::Pending };
    append(&abroad, ann, Change::Follow(follow)).await;
    abroad.net.fetches();
    accept(&abroad, &bob, &carry("2")).await.unwrap();
    let found = async {
        while abroad.house.store.correspondence().entity(&elsewhere.key).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), found).await.unwrap();
    assert_eq!(abroad.net.fetches(), 1, "only for who is in the group");
    assert!(kept(&abroad).await.contains(&fetched.text));
}

/// How a group of another house becomes a user here.
pub(crate) fn adoption(group: &Address) -> Change {
    let profile = UserProfile {
        address: group.clone(),
        group: true,
        username: "group".into(),
        display_name: None,
        bio: None,
        key: None,
        inbox: None,
        text: "{}".into(),
    };
    let agent_secret = quintet_core::user::AgentSecret([9; 32]);
    let agent = quintet_core::AgentKey(crate::peer::key(&group.key, 9).verifying_key().to_bytes());
    Change::Adopt(Box::new(quintet_core::change::Adoption { profile, agent, agent_secret }))
}

#[tokio::test]
async fn users_of_other_houses_do_not_ask_by_themselves() {
    let (abroad, bob) = abroad().await;
    let room = group(&abroad).await;
    accept(&abroad, &bob, &entity(&abroad, &bob, "1", to_room("hello", room))).await.unwrap();
    let user = bob_here(&abroad).await;
    let here = abroad.house.hub.user_named("bob@b.example").unwrap();
    assert_eq!(here, user.into_caller().identity, "it is a user like others to who lists them");
    let refused = abroad.house.log_in("bob@b.example", "").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unauthenticated);
}
