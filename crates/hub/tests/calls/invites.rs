//! Invites, and the first one of the house.

use futures_util::future::join_all;
use quintet_core::{Answer, Call, Error, Kind, term};
use quintet_hub::Caller;
use serde_json::{Value, json};

use crate::house::{House, house, public};
use crate::signer::{Agent, at, set};

async fn accept(house_: &House, who: &Caller, invite: &str, agent: &Agent) -> Result<String, Error> {
    let call = Call::AcceptInvite { invite: at(invite), agent: agent.key() };
    house_.ask(who, call).await.map(|answer| match answer {
        Answer::Accepted { target, agent: accepted } => {
            assert_eq!(accepted.as_str(), agent.url());
            target.as_str().to_owned()
        }
        other => panic!("{other:?}"),
    })
}

/// A drive of Ann's at `/ann` with an invite at `/invite`.
async fn with_invite(house_: &House, extra: Value) -> Agent {
    let ann = Agent::new(1);
    let own = json!({ term::IS_A: [term::DRIVE], term::WRITE: [ann.url()], term::READ: [ann.url()] });
    house_.hand_in(&ann, set("/ann", own)).await.unwrap();
    let mut invite = json!({
        term::IS_A: [term::INVITE],
        term::PARENT: at("/ann").as_str(),
        term::INVITE_TARGET: at("/ann").as_str(),
    });
    invite.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    house_.hand_in(&ann, set("/invite", invite)).await.unwrap();
    ann
}

#[tokio::test]
async fn an_invite_gives_rights_as_often_as_it_says() {
    let house_ = House::new().await;
    let ann = with_invite(&house_, json!({ term::INVITE_WRITE: true, term::INVITE_USAGES_LEFT: 1 })).await;
    let (ben, eve) = (Agent::new(2), Agent::new(3));
    assert_eq!(
        house_.hand_in(&ben, set("/ann", json!({ term::NAME: "x" }))).await.unwrap_err().kind(),
        Kind::Forbidden
    );
    assert_eq!(accept(&house_, &public(), "/invite", &ben).await.unwrap(), at("/ann").as_str());
    house_.hand_in(&ben, set("/ann", json!({ term::NAME: "ours" }))).await.unwrap();
    let both = json!([ann.url(), ben.url()]);
    assert_eq!(house_.property("/ann", term::WRITE).await, both);
    assert_eq!(house_.property("/ann", term::READ).await, both);
    assert_eq!(house_.property("/invite", term::INVITE_USERS).await, json!([ben.url()]));

    accept(&house_, &public(), "/invite", &ben).await.unwrap();
    assert_eq!(house_.property("/invite", term::INVITE_USAGES_LEFT).await, 0, "who has the right uses nothing up");
    let error = accept(&house_, &public(), "/invite", &eve).await.unwrap_err();
    assert_eq!((error.kind(), error.public()), (Kind::Conflict, "No usages left for this invite"));
    assert_eq!(house_.property("/ann", term::READ).await, both);
}

#[tokio::test]
async fn an_invite_to_read_gives_no_more() {
    let house_ = House::new().await;
    with_invite(&house_, json!({})).await;
    let ben = Agent::new(2);
    accept(&house_, &public(), "/invite", &ben).await.unwrap();
    assert_eq!(
        house_.hand_in(&ben, set("/ann", json!({ term::NAME: "x" }))).await.unwrap_err().kind(),
        Kind::Forbidden
    );
    let Value::Array(readers) = house_.property("/ann", term::READ).await else { panic!() };
    assert!(readers.contains(&json!(ben.url())));
}

#[tokio::test]
async fn an_invite_ends() {
    let house_ = House::new().await;
    let end = house_.now().millis() + 1000;
    with_invite(&house_, json!({ term::INVITE_EXPIRES_AT: end })).await;
    accept(&house_, &public(), "/invite", &Agent::new(2)).await.unwrap();
    house_.pass_millis(1000);
    assert_eq!(accept(&house_, &public(), "/invite", &Agent::new(3)).await.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn many_who_accept_at_once_use_it_up_exactly() {
    let house_ = House::patient().await;
    with_invite(&house_, json!({ term::INVITE_WRITE: true, term::INVITE_USAGES_LEFT: 5 })).await;
    let guests: Vec<_> = (10..22).map(Agent::new).collect();
    let who = public();
    let results = join_all(guests.iter().map(|guest| accept(&house_, &who, "/invite", guest))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
    assert!(results.iter().flat_map(Result::as_ref).all(|target| *target == at("/ann").as_str()));
    assert_eq!(house_.property("/invite", term::INVITE_USAGES_LEFT).await, 0);
    assert_eq!(house_.property("/ann", term::WRITE).await.as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn what_is_no_invite_is_told_so() {
    let house_ = House::new().await;
    with_invite(&house_, json!({})).await;
    let ben = Agent::new(2);
    assert_eq!(accept(&house_, &public(), "/nothing", &ben).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(accept(&house_, &public(), "/ann", &ben).await.unwrap_err().kind(), Kind::BadMessage);
}

#[tokio::test]
async fn a_new_house_has_a_root_drive_for_its_admin() {
    let house_ = House::new().await;
    let admin = house_.key_of("admin").await;
    assert_eq!(house_.property("", term::IS_A).await, json!([term::DRIVE]));
    assert_eq!(house_.property("", term::NAME).await, "My Quintet Server");
    let Value::Array(writers) = house_.property("", term::WRITE).await else { panic!() };
    assert_eq!((writers.len(), &writers[1]), (2, &json!(admin.url())));
    assert_eq!(house_.property("", term::READ).await, json!([writers[0], term::PUBLIC_AGENT]));
    house_.hand_in(&admin, set("/note", json!({ term::PARENT: at("").as_str(), term::NAME: "x" }))).await.unwrap();
}

#[tokio::test]
async fn the_first_invite_is_accepted_at_home_and_once() {
    let house_ = House::new().await;
    let (ann, ben) = (Agent::new(1), Agent::new(2));
    // Its address is that of a proxy on this machine.
    let elsewhere = Caller { local: false, ..public() };
    let error = accept(&house_, &elsewhere, "/setup", &ann).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden);
    assert!(error.public().contains("quintet agent root"), "{error}");
    assert_eq!(accept(&house_, &public(), "/setup", &ann).await.unwrap(), at("").as_str());
    house_.hand_in(&ann, set("", json!({ term::NAME: "ours" }))).await.unwrap();
    assert_eq!(accept(&house_, &public(), "/setup", &ben).await.unwrap_err().kind(), Kind::Conflict);

    let other = House::new().await;
    let admin = Caller { local: false, ..other.admin().await };
    accept(&other, &admin, "/setup", &ann).await.unwrap();
    assert!(other.ask(&house(), Call::Users).await.is_ok());
}

/// An invite is worth what its maker may do: who has lost a right gives it to nobody, least of all to itself.
#[tokio::test]
async fn an_invite_ends_with_its_makers_right() {
    let house_ = House::new().await;
    let (ann, ben, eve) = (Agent::new(1), Agent::new(2), Agent::new(3));
    let own = json!({ term::IS_A: [term::DRIVE], term::WRITE: [ann.url(), ben.url()] });
    house_.hand_in(&ann, set("/ann", own)).await.unwrap();
    house_.hand_in(&ben, set("/ben", json!({ term::IS_A: [term::DRIVE], term::WRITE: [ben.url()] }))).await.unwrap();
    let invite = json!({
        term::IS_A: [term::INVITE],
        term::PARENT: at("/ben").as_str(),
        term::INVITE_TARGET: at("/ann").as_str(),
        term::INVITE_WRITE: true,
    });
    house_.hand_in(&ben, set("/invite", invite)).await.unwrap();
    accept(&house_, &public(), "/invite", &eve).await.unwrap();
    house_.hand_in(&ann, set("/ann", json!({ term::WRITE: [ann.url()], term::READ: [] }))).await.unwrap();
    for agent in [&ben, &eve] {
        let error = accept(&house_, &public(), "/invite", agent).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Forbidden);
        assert!(error.public().contains(&ben.url()), "{error}");
    }
    assert_eq!(house_.property("/ann", term::WRITE).await, json!([ann.url()]));
}
