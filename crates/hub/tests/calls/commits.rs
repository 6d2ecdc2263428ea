//! Signed commits to documents, and who becomes a user by them.

use futures_util::FutureExt;
use futures_util::future::join_all;
use quintet_core::commit::Unsigned;
use quintet_core::{Answer, Call, Identity, Kind, Limits, term};
use quintet_hub::Rules;
use serde_json::json;

use crate::house::{House, house, public, rules};
use crate::signer::{Agent, destroy, posted, push, set};

/// A drive of an agent's own.
fn drive(path: &str, owner: &Agent) -> Unsigned {
    set(path, json!({ term::IS_A: [term::DRIVE], term::NAME: "mine", term::WRITE: [owner.url()] }))
}

async fn users(house_: &House) -> Vec<String> {
    match house_.ask(&house(), Call::Users).await {
        Ok(Answer::Users(users)) => users.into_iter().map(|user| user.username).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_commit_makes_its_signer_a_user() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    assert_eq!(house_.hub.identify(&ann.proof(house_.now(), false)).unwrap(), Identity::Agent(ann.key()));
    house_.hand_in(&ann, drive("/ann", &ann)).await.unwrap();
    house_.hand_in(&ann, set("/ann", json!({ term::NAME: "hers" }))).await.unwrap();
    assert_eq!(users(&house_).await, ["admin", "agent-8a88e3dd"]);
    assert!(matches!(house_.hub.identify(&ann.proof(house_.now(), false)), Ok(Identity::User(_))));
    assert_eq!(house_.property("/ann", term::NAME).await, "hers");
    let secret = house_.ask(&house(), Call::AgentSecret("agent-8a88e3dd".into())).await.unwrap_err();
    assert_eq!(secret.kind(), Kind::NotFound);
    assert!(secret.public().contains("a key of its own"), "{secret}");
}

#[tokio::test]
async fn an_agent_that_comes_twice_at_once_is_one_user() {
    let house_ = House::patient().await;
    let ann = Agent::new(1);
    let commits = (0..8).map(|number| house_.hand_in(&ann, drive(&format!("/drive{number}"), &ann)));
    for done in join_all(commits).await {
        done.unwrap();
    }
    assert_eq!(users(&house_).await.len(), 2);
}

#[tokio::test]
async fn with_registration_closed_an_agent_has_what_documents_give_it() {
    let house_ = House::with(Limits::default(), Rules { registration: false, ..rules() }).await;
    let (ann, admin) = (Agent::new(1), house_.key_of("admin").await);
    assert_eq!(house_.hand_in(&ann, drive("/ann", &ann)).await.unwrap_err().kind(), Kind::Forbidden);
    let shared = json!({ term::PARENT: "http://localhost:8080", term::WRITE: [ann.url()] });
    house_.hand_in(&admin, set("/shared", shared)).await.unwrap();
    house_.hand_in(&ann, set("/shared", json!({ term::NAME: "x" }))).await.unwrap();
    assert_eq!(users(&house_).await, ["admin"]);
}

#[tokio::test]
async fn drives_may_be_for_admins_only() {
    let house_ = House::with(Limits::default(), Rules { drives: false, ..rules() }).await;
    let (ann, admin) = (Agent::new(1), house_.key_of("admin").await);
    assert_eq!(house_.hand_in(&ann, drive("/ann", &ann)).await.unwrap_err().kind(), Kind::Forbidden);
    house_.hand_in(&admin, drive("/official", &admin)).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_comes_again_is_answered_alike_and_changes_nothing() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    house_.hand_in(&ann, drive("/ann", &ann)).await.unwrap();
    let tag = ann.sign(house_.now(), push("/ann", json!({ "https://p.example/tags": ["a"] })));
    let first = house_.post_commit(&tag).await.unwrap();
    house_.hand_in(&ann, set("/ann", json!({ term::NAME: "newer" }))).await.unwrap();
    house_.pass_millis(86_400_000);
    assert_eq!(house_.post_commit(&tag).await.unwrap(), first);
    assert_eq!(house_.property("/ann", "https://p.example/tags").await, json!(["a"]));
    assert_eq!(house_.property("/ann", term::NAME).await, "newer");

    let gone = ann.sign(house_.now(), destroy("/ann"));
    house_.post_commit(&gone).await.unwrap();
    assert_eq!(house_.post_commit(&gone).await.unwrap().json, gone.json);
    assert!(house_.stored("/ann").await.is_none());
    assert_eq!(
        house_.hand_in(&ann, push("/ann", json!({ "https://p.example/tags": [] }))).await.unwrap_err().kind(),
        Kind::BadMessage
    );
}

#[tokio::test]
async fn whoever_carries_a_commit_its_signer_did_it() {
    let house_ = House::new().await;
    let (ann, ben) = (Agent::new(1), house_.register("ben").await);
    let commit = ann.sign(house_.now(), drive("/ann", &ann));
    house_.ask(&ben, posted(&commit.json)).await.unwrap();
    let refused = house_.hand_in(&house_.key_of("ben").await, set("/ann", json!({ term::NAME: "mine now" }))).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Forbidden, "carrying it gives no right");
}

#[tokio::test]
async fn who_is_locked_out_commits_nothing() {
    let house_ = House::new().await;
    let ben = house_.register("ben").await;
    let key = house_.key_of("ben").await;
    house_.hand_in(&key, drive("/ben", &key)).await.unwrap();
    let user = ben.identity.user().unwrap();
    house_.done(&house(), Call::SetDisabled { user, disabled: true }).await;
    let error = house_.hand_in(&key, drive("/other", &key)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
    assert_eq!(house_.hub.identify(&key.proof(house_.now(), false)).unwrap_err().kind(), Kind::Unauthenticated);
    house_.ask(&public(), Call::Me).await.unwrap_err();
}

/// So commits that are begun in order are kept in order, whatever else is under way.
#[tokio::test]
async fn a_commit_of_a_user_reaches_the_store_without_waiting() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    house_.hand_in(&ann, drive("/ann", &ann)).await.unwrap();
    let room = house_.room("hall", None).await.id;
    let parent = format!("http://localhost:8080/room/{room}");
    let message = json!({ term::IS_A: [term::MESSAGE], term::DESCRIPTION: "hello", term::PARENT: parent });
    for unsigned in [set("/ann", json!({ term::NAME: "x" })), set("/01jx", message)] {
        // The store in memory answers at once.
        let commit = posted(&ann.sign(house_.now(), unsigned).json);
        assert!(house_.ask(&public(), commit).now_or_never().unwrap().is_ok());
    }
}
