//! What the original server let through (atomic-data.md, section 18), and what must be refused clearly here.

use quintet_core::chat::ChatFilter;
use quintet_core::commit::{Unsigned, Unverified};
use quintet_core::{Answer, Call, Credential, Kind, Limits, Subject, term};
use serde_json::{Value, json};

use crate::house::{House, public, rules};
use crate::signer::{Agent, at, destroy, here, object, posted, set};

/// Has a commit refused, and gives back why.
async fn refused(house_: &House, agent: &Agent, unsigned: Unsigned) -> (Kind, String) {
    let error = house_.hand_in(agent, unsigned).await.unwrap_err();
    (error.kind(), error.public().to_owned())
}

/// A house with a document of Ann's that everybody reads.
async fn with_document() -> (House, Agent) {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    let own = json!({ term::IS_A: [term::DRIVE], term::NAME: "hers", term::READ: [term::PUBLIC_AGENT], term::WRITE: [ann.url()] });
    house_.hand_in(&ann, set("/ann", own)).await.unwrap();
    (house_, ann)
}

#[tokio::test]
async fn an_unsigned_overwrite_is_refused() {
    let (house_, ann) = with_document().await;
    let commit = ann.sign(house_.now(), set("/ann", json!({ term::NAME: "harmless" })));
    let forged = commit.json.replace("harmless", "stolen");
    let error = house_.ask(&public(), posted(&forged)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::BadMessage);
    assert!(error.public().starts_with("Incorrect signature for Commit."), "{error}");
    let expected = Unverified::parse(&forged, &here()).unwrap().signed;
    assert!(error.public().ends_with(&expected), "{error}");
    // Another's good signature is not the named signer's.
    let eve = Agent::new(2);
    let as_ann = commit.json.replace(&*commit.signature, &eve.sign(house_.now(), set("/ann", json!({}))).signature);
    assert_eq!(house_.ask(&public(), posted(&as_ann)).await.unwrap_err().kind(), Kind::BadMessage);
    assert_eq!(house_.property("/ann", term::NAME).await, "hers");
}

#[tokio::test]
async fn objects_within_a_commit_are_values_and_nothing_else() {
    let (house_, ann) = with_document().await;
    let nested = json!({ "https://p.example/part": { "@id": "http://localhost:8080/planted", term::NAME: "planted" } });
    house_.hand_in(&ann, set("/ann", nested)).await.unwrap();
    assert!(house_.stored("/planted").await.is_none());
    let other = json!({ "@id": "http://localhost:8080/planted", term::SUBJECT: "http://localhost:8080/ann" });
    let error = Unverified::parse(&other.to_string(), &here()).unwrap_err();
    assert_eq!(error.kind(), Kind::BadMessage);
    assert!(house_.stored("/planted").await.is_none());
}

#[tokio::test]
async fn nobody_gives_itself_rights() {
    let (house_, ann) = with_document().await;
    let eve = Agent::new(2);
    let own = |parent: &str| json!({ term::PARENT: parent, term::WRITE: [eve.url()], term::APPEND: [eve.url()] });
    for parent in ["http://localhost:8080", "http://localhost:8080/ann"] {
        let (kind, text) = refused(&house_, &eve, set("/eve", own(parent))).await;
        assert_eq!(kind, Kind::Forbidden);
        assert!(text.starts_with("No https://atomicdata.dev/properties/"), "{text}");
        assert!(text.contains(&eve.url()), "{text}");
    }
    assert_eq!(refused(&house_, &eve, set("/ann", json!({ term::WRITE: [eve.url()] }))).await.0, Kind::Forbidden);
    assert_eq!(refused(&house_, &eve, set("", json!({ term::WRITE: [eve.url()] }))).await.0, Kind::Forbidden);
    let invite = json!({
        term::IS_A: [term::INVITE],
        term::PARENT: "http://localhost:8080/eve",
        term::INVITE_TARGET: "http://localhost:8080/ann",
        term::INVITE_WRITE: true,
    });
    house_.hand_in(&eve, set("/eve", json!({ term::IS_A: [term::DRIVE], term::WRITE: [eve.url()] }))).await.unwrap();
    assert_eq!(refused(&house_, &eve, set("/eve/invite", invite)).await.0, Kind::Forbidden);
    let (kind, text) = refused(&house_, &eve, set("/orphan", json!({ term::NAME: "x" }))).await;
    assert_eq!(kind, Kind::BadMessage);
    assert!(text.starts_with("Parent of http://localhost:8080/orphan not found"), "{text}");
    assert_eq!(refused(&house_, &eve, destroy("/ann")).await.0, Kind::Forbidden);
    assert_eq!(house_.property("/ann", term::WRITE).await, json!([ann.url()]));
}

#[tokio::test]
async fn subjects_are_strictly_ours() {
    let (house_, ann) = with_document().await;
    for foreign in
        ["https://x.example/http://localhost:8080/y", "http://localhost:80801/y", "http://localhost:8080@x.example/y"]
    {
        let unsigned = Unsigned { set: object(json!({})), ..Unsigned::new(Subject::parse(foreign).unwrap()) };
        let error = Unverified::parse(&ann.sign(house_.now(), unsigned).json, &here()).unwrap_err();
        assert!(error.public().starts_with("Subject of commit should be sent to other domain"), "{error}");
    }
    for reserved in [
        "/commits/x",
        "/commit",
        "/query",
        "/room",
        "/room/x",
        "/api/v1/users",
        "/quintet",
        "/agents",
        "/download/files/1",
    ] {
        let (kind, text) = refused(&house_, &ann, set(reserved, json!({ term::IS_A: [term::DRIVE] }))).await;
        assert_eq!(kind, Kind::BadMessage, "{reserved}");
        assert!(text.contains("answered by the server itself"), "{text}");
    }
    let admin = house_.key_of("admin").await;
    assert_eq!(refused(&house_, &admin, destroy("")).await.0, Kind::BadMessage, "not even an admin ends the root");
}

/// The signer's URL is never fetched: it is a key of this server, or refused.
#[tokio::test]
async fn no_signer_is_looked_up_elsewhere() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    let key = ann.key().base64();
    for signer in [
        format!("http://169.254.169.254/agents/{key}"),
        format!("http://x.example/http://localhost:8080/agents/{key}"),
        format!("http://localhost:80801/agents/{key}"),
        format!("http://localhost:8080/agents/{key}?x=http://169.254.169.254/"),
        "http://localhost:8080/agents/ann".to_owned(),
        "sudo:agent".to_owned(),
        term::PUBLIC_AGENT.to_owned(),
    ] {
        let unsigned = set("/ann", json!({ term::IS_A: [term::DRIVE] }));
        let commit = unsigned.sign(&signer, house_.now(), |text| ed25519_dalek::Signer::sign(&ann.0, text).to_bytes());
        let error = house_.post_commit(&commit).await.unwrap_err();
        assert_eq!(error.kind(), Kind::BadMessage, "{signer}");
        assert!(error.public().contains("must be an agent of this server"), "{error}");
    }
}

#[tokio::test]
async fn commits_from_the_future_are_refused() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    let drive = || set("/ann", json!({ term::IS_A: [term::DRIVE], term::WRITE: [ann.url()] }));
    let ahead = |millis| quintet_core::Timestamp::from_millis(house_.now().millis() + millis);
    let error = house_.post_commit(&ann.sign(ahead(10_001), drive())).await.unwrap_err();
    assert_eq!(error.kind(), Kind::BadMessage);
    assert!(
        error.public().starts_with("Commit CreatedAt timestamp must lie in the past. Check your clock."),
        "{error}"
    );
    house_.post_commit(&ann.sign(ahead(10_000), drive())).await.unwrap();
    house_.post_commit(&ann.sign(quintet_core::Timestamp::from_millis(0), set("/ann", json!({})))).await.unwrap();
}

#[tokio::test]
async fn larger_commits_are_refused_clearly() {
    let house_ = House::with(Limits { commit_bytes: 2000, ..Limits::default() }, rules()).await;
    let ann = Agent::new(1);
    let sized = |bytes: usize| set("/ann", json!({ term::IS_A: [term::DRIVE], term::NAME: "x".repeat(bytes) }));
    let (kind, text) = refused(&house_, &ann, sized(2000)).await;
    assert_eq!((kind, text.as_str()), (Kind::TooLarge, "the commit is longer than 2000 bytes"));
    house_.hand_in(&ann, sized(1000)).await.unwrap();
}

/// Whoever hears a commit that the house made for somebody must not have it done again.
#[tokio::test]
async fn what_the_house_signed_is_not_taken_from_others() {
    let (house_, _) = with_document().await;
    house_.register("ben").await;
    let ben = house_.key_of("ben").await;
    house_.hand_in(&ben, set("/ben", json!({ term::IS_A: [term::DRIVE], term::WRITE: [ben.url()] }))).await.unwrap();
    let retold = set("/ben", json!({ term::NAME: "old" }))
        .sign_for(&ben.url(), house_.now(), |text| ed25519_dalek::Signer::sign(&ben.0, text).to_bytes());
    let error = house_.post_commit(&retold).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden);
    // Without the mark, the signature is over something else.
    let mark = format!("\"{}\":true,", term::MADE_BY_HOUSE);
    assert!(retold.json.contains(&mark));
    let error = house_.ask(&public(), posted(&retold.json.replace(&mark, ""))).await.unwrap_err();
    assert!(error.public().starts_with("Incorrect signature for Commit."), "{error}");
    assert_eq!(house_.property("/ben", term::NAME).await, Value::Null);
}

#[tokio::test]
async fn what_was_said_in_another_room_is_not_said_again_by_its_hearers() {
    let house_ = House::new().await;
    let (ben, eve) = (house_.register("ben").await, house_.register("eve").await);
    let room = house_.room("hall", None).await.id;
    let chat = house_.post(&ben, room, "one").await.id;
    for content in ["two", "three"] {
        house_.pass_millis(1);
        house_.ask(&ben, Call::EditChat { chat, content: content.into() }).await.unwrap();
    }
    let told = house_.ask(&eve, Call::Commits(at(&format!("/room/{room}/{chat}")))).await;
    let Ok(Answer::Commits(commits)) = told else { panic!("{told:?}") };
    assert_eq!(commits.len(), 3);
    for commit in commits {
        assert_eq!(commit.signer.as_ref(), house_.key_of("ben").await.url());
        assert_eq!(house_.post_commit(&commit).await.unwrap_err().kind(), Kind::Forbidden);
    }
    assert_eq!(house_.chats(&ben, ChatFilter::default()).await, ["three"]);
}

#[tokio::test]
async fn only_the_house_says_which_bytes_a_file_has_and_whose_a_key_is() {
    let (house_, ann) = with_document().await;
    let stolen =
        json!({ term::PARENT: at("/ann").as_str(), term::IS_A: [term::FILE], term::INTERNAL_ID: "00".repeat(32) });
    assert_eq!(refused(&house_, &ann, set("/ann/file", stolen)).await.0, Kind::BadMessage);
    let (own, other) = (ann.key().subject(&here()), Agent::new(2).key());
    let lie = json!({ term::IS_A: [term::AGENT], term::PUBLIC_KEY: other.base64() });
    assert_eq!(refused(&house_, &ann, set(own.path(), lie)).await.0, Kind::BadMessage);
    let truth = json!({ term::IS_A: [term::AGENT], term::PUBLIC_KEY: ann.key().base64(), term::NAME: "Ann" });
    house_.hand_in(&ann, set(own.path(), truth)).await.unwrap();
    let squat =
        json!({ term::IS_A: [term::AGENT], term::PUBLIC_KEY: other.base64(), term::PARENT: at("/ann").as_str() });
    assert_eq!(refused(&house_, &ann, set(other.subject(&here()).path(), squat)).await.0, Kind::Forbidden);
}

#[tokio::test]
async fn proofs_expire_and_are_nobody_elses() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    let identify = |credential: &Credential| house_.hub.identify(credential);
    let (minutes, day) = (ann.proof(house_.now(), false), ann.proof(house_.now(), true));
    assert!(identify(&minutes).is_ok() && identify(&day).is_ok());
    let Credential::Proof(mut foreign) = minutes.clone() else { panic!() };
    foreign.agent = Agent::new(2).key();
    let error = identify(&Credential::Proof(foreign)).unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
    assert!(error.public().starts_with("Incorrect signature for auth headers."), "{error}");
    house_.pass_millis(300_001);
    assert_eq!(identify(&minutes).unwrap_err().kind(), Kind::Unauthenticated);
    assert!(identify(&day).is_ok());
    house_.pass_millis(90_000_000);
    assert_eq!(identify(&day).unwrap_err().kind(), Kind::Unauthenticated);
    let malformed = identify(&Credential::Malformed("half of the headers".into())).unwrap_err();
    assert_eq!((malformed.kind(), malformed.public()), (Kind::Unauthenticated, "half of the headers"));
}

/// What cannot be a topic cannot be heard of, either.
#[tokio::test]
async fn a_subject_is_no_longer_than_a_topic() {
    let (house_, ann) = with_document().await;
    let below = json!({ term::PARENT: at("/ann").as_str() });
    let most = usize::try_from(Limits::default().topic_bytes).unwrap() - "resource/".len();
    for (path, fits) in [("a".repeat(most), true), ("b".repeat(most + 1), false), ("c/".repeat(100_000), false)] {
        let answer = house_.hand_in(&ann, set(&format!("/{path}"), below.clone())).await;
        assert_eq!(answer.map_err(|error| error.kind()).is_ok(), fits, "{} bytes", path.len());
    }
}
