//! Follows: whom users here follow, in this house and others.

use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Ask, Deed, FollowState, Own, Target, Told};
use quintet_core::{Error, Kind, Limits};
use quintet_hub::{Caller, Rules};

use crate::house::{Who as _, house, rules};
use crate::peer::{Abroad, Served, address, entity, host};

const BOB: &str = "https://b.example/bob";

fn following(told: Result<Told, Error>) -> (String, String, FollowState) {
    match told {
        Ok(Told::Following { follower, followee, state }) => (follower, followee, state),
        other => panic!("{other:?}"),
    }
}

async fn follow(abroad: &Abroad, who: &Caller, whom: &str) -> (String, String, FollowState) {
    following(abroad.ask(who, Ask::Follow(whom.into())).await)
}

async fn refused(abroad: &Abroad, who: &Caller, ask: Ask) -> (Kind, String) {
    let error = abroad.ask(who, ask).await.unwrap_err();
    (error.kind(), error.public().to_owned())
}

async fn follows(abroad: &Abroad, who: &Caller) -> Vec<(String, String, FollowState)> {
    match abroad.ask(who, Ask::Follows).await {
        Ok(Told::Follows(follows)) => follows.into_iter().map(|(it, one, other)| (one, other, it.state)).collect(),
        other => panic!("{other:?}"),
    }
}

fn story(follower: &str, whom: &str, state: FollowState) -> (String, String, FollowState) {
    (follower.to_owned(), whom.to_owned(), state)
}

#[tokio::test]
async fn somebody_of_another_house_is_asked_for_once_and_waits_for_an_answer() {
    let abroad = Abroad::new().await;
    abroad.net.serve_key(BOB, 1);
    let ann = abroad.house.register("ann").await;
    let pending = story("ann", "bob@b.example", FollowState::Pending);
    assert_eq!(follow(&abroad, &ann, "bob@b.example").await, pending);
    assert_eq!(abroad.net.fetches(), 1);
    for name in ["@bob@b.example", "acct:bob@b.example", "bob@B.Example", BOB] {
        assert_eq!(follow(&abroad, &ann, name).await, pending, "{name}");
    }
    assert_eq!(abroad.net.fetches(), 0, "who is known is not asked for");
    assert_eq!(follows(&abroad, &ann).await, [pending]);
    let ended = story("ann", "bob@b.example", FollowState::Ended);
    assert_eq!(following(abroad.ask(&ann, Ask::Unfollow("bob@b.example".into())).await), ended);
    assert_eq!(follows(&abroad, &ann).await, []);
    let (kind, why) = refused(&abroad, &ann, Ask::Unfollow("bob@b.example".into())).await;
    assert!(kind == Kind::NotFound && why.contains("you do not follow bob@b.example"), "{why}");
}

#[tokio::test]
async fn a_group_is_named_by_its_url() {
    let abroad = Abroad::new().await;
    let url = "https://b.example/group17";
    abroad.net.serve_key(url, 1);
    let ann = abroad.house.register("ann").await;
    assert_eq!(follow(&abroad, &ann, url).await, story("ann", url, FollowState::Pending));
}

#[tokio::test]
async fn users_of_one_house_follow_each_other_at_once_or_when_they_are_let_in() {
    let abroad = Abroad::new().await;
    let (ann, carl) = (abroad.house.register("ann").await, abroad.house.register("carl").await);
    let accepted = story("ann", "carl", FollowState::Accepted);
    for name in ["carl", "carl@a.example", &format!("https://a.example/user/{}", carl.id())] {
        assert_eq!(follow(&abroad, &ann, name).await, accepted, "{name}");
    }
    assert_eq!(follows(&abroad, &carl).await, std::slice::from_ref(&accepted), "a followee sees it, too");

    let manual = quintet_hub::federation::Rules { open: true, manual: true, ..Default::default() };
    let abroad = Abroad::with(Limits::default(), Rules { federation: manual, ..rules() }).await;
    let (ann, carl) = (abroad.house.register("ann").await, abroad.house.register("carl").await);
    assert_eq!(follow(&abroad, &ann, "carl").await.2, FollowState::Pending);
    let settle = |accept| Ask::Settle { follower: "ann".into(), accept };
    assert_eq!(following(abroad.ask(&carl, settle(true)).await), accepted);
    assert_eq!(following(abroad.ask(&carl, settle(true)).await), accepted);
    assert_eq!(following(abroad.ask(&carl, settle(false)).await).2, FollowState::Rejected);
    assert_eq!(refused(&abroad, &carl, settle(false)).await.0, Kind::NotFound);
}

#[tokio::test]
async fn an_answer_from_the_other_house_counts() {
    let abroad = Abroad::new().await;
    abroad.net.serve_key(BOB, 1);
    let ann = abroad.house.register("ann").await;
    follow(&abroad, &ann, "bob@b.example").await;
    let bob = address("b.example", "bob");
    let deed = Deed::Accept { follower: Target::Own(Own::User(ann.id())), followee: Target::Remote(bob.clone()) };
    let incoming = entity(&abroad, &bob, "accept", deed);
    let signed = abroad.signed(&bob, 1, "accept");
    let accept = Ask::Accept(Box::new(signed), Ok(incoming));
    assert!(matches!(abroad.ask(&crate::house::public(), accept).await, Ok(Told::Received(..))));
    let accepted = story("ann", "bob@b.example", FollowState::Accepted);
    assert_eq!(follows(&abroad, &ann).await, std::slice::from_ref(&accepted));
    assert_eq!(follow(&abroad, &ann, "bob@b.example").await, accepted, "who follows already is told so");
}

#[tokio::test]
async fn who_cannot_be_followed_is_told_why() {
    let abroad = Abroad::new().await;
    abroad.net.serve("https://down.example/bob", Served::Down);
    let ann = abroad.house.register("ann").await;
    let room = abroad.house.room("general", None).await.id;
    for (name, kind, part) in [
        ("ann", Kind::BadMessage, "nobody follows oneself"),
        ("nobody", Kind::NotFound, "there is no user \"nobody\" here"),
        ("nobody@a.example", Kind::NotFound, "there is no user \"nobody\" here"),
        ("https://a.example/user/9999999", Kind::NotFound, "there is nobody at"),
        (&format!("https://a.example/room/{room}"), Kind::BadMessage, "a room of this server"),
        ("https://a.example/else", Kind::NotFound, "there is nobody at"),
        ("carl@b.example", Kind::NotFound, "b.example knows nobody by carl@b.example"),
        ("https://b.example/carl", Kind::NotFound, "b.example knows nobody by"),
        ("bob@down.example", Kind::Unavailable, "down.example is not reached at the moment (no answer)"),
        ("bob@127.0.0.1", Kind::BadMessage, "\"127.0.0.1\" is no server's name"),
        ("bob@", Kind::BadMessage, "\"\" is no server's name"),
    ] {
        let (found, why) = refused(&abroad, &ann, Ask::Follow(name.to_owned())).await;
        assert!(found == kind && why.contains(part), "{name}: {found:?} {why}");
    }
    assert_eq!(follows(&abroad, &ann).await, []);
    assert_eq!(
        refused(&abroad, &house(), Ask::Follow("ann".into())).await.0,
        Kind::BadMessage,
        "the house follows nobody"
    );
}

#[tokio::test]
async fn nobody_of_a_blocked_house_is_followed() {
    let abroad = Abroad::new().await;
    abroad.net.serve_key(BOB, 1);
    let (ann, carl) = (abroad.house.register("ann").await, abroad.house.register("carl").await);
    follow(&abroad, &carl, "bob@b.example").await;
    abroad.ask(&house(), Ask::SetStanding(host("b.example"), Standing::Blocked)).await.unwrap();
    for name in ["bob@b.example", "else@b.example", "https://b.example/else"] {
        let (kind, why) = refused(&abroad, &ann, Ask::Follow(name.to_owned())).await;
        assert!(kind == Kind::Forbidden && why.contains("does not speak with b.example"), "{name}: {why}");
    }
    assert_eq!(following(abroad.ask(&carl, Ask::Unfollow("bob@b.example".into())).await).2, FollowState::Ended);
}

#[tokio::test]
async fn follows_are_bounded() {
    let open = quintet_hub::federation::Rules { open: true, ..Default::default() };
    let limits = Limits { user_follows: 1, ..Limits::default() };
    let abroad = Abroad::with(limits, Rules { federation: open, ..rules() }).await;
    let ann = abroad.house.register("ann").await;
    abroad.house.register("carl").await;
    abroad.house.register("dora").await;
    follow(&abroad, &ann, "carl").await;
    assert_eq!(follow(&abroad, &ann, "carl").await.2, FollowState::Accepted);
    let (kind, why) = refused(&abroad, &ann, Ask::Follow("dora".into())).await;
    assert!(kind == Kind::BadMessage && why.contains("follows 1 at most"), "{why}");
}

#[tokio::test]
async fn a_house_at_no_address_says_so() {
    let alone = crate::house::House::new().await;
    let ann = alone.register("ann").await;
    let call = quintet_core::Call::Federation(Box::new(Ask::Follow("bob@b.example".into())));
    let error = alone.ask(&ann, call).await.unwrap_err();
    assert!(error.kind() == Kind::NotFound && error.public().contains("does not federate"), "{}", error.public());
}
