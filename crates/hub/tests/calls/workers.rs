//! Workers and their tokens.

use std::time::Duration;

use quintet_core::identity::Secret;
use quintet_core::{Answer, Body, Call, Credential, Identity, Kind, Topic};

use crate::attached::{Plain, channel, listen, next, open_house};
use crate::house::{House, PASSWORD, caller, house};

fn issue(name: &str, ttl: Option<u64>) -> Call {
    Call::IssueWorkerToken { name: name.into(), ttl: ttl.map(Duration::from_secs) }
}

async fn token(house_: &House, name: &str, ttl: Option<u64>) -> Credential {
    match house_.ask(&house(), issue(name, ttl)).await {
        Ok(Answer::WorkerToken(token)) => Credential::Token(token),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn admins_issue_and_end_tokens_of_workers() {
    let house_ = House::new().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    assert_eq!(house_.refusal(&ann, issue("jac", None)).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, Call::EndWorkerTokens("jac".into())).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&admin, issue("no name", None)).await, Kind::BadMessage);
    assert_eq!(house_.refusal(&admin, issue("jac", Some(0))).await, Kind::BadMessage);
    assert!(house_.ask(&admin, issue("jac", None)).await.is_ok());

    let (forever, short) = (token(&house_, "jac", None).await, token(&house_, "jac", Some(60)).await);
    assert_eq!(house_.hub.identify(&forever).unwrap(), Identity::Worker("jac".into()));
    house_.pass_millis(60_000);
    assert!(house_.hub.identify(&short).is_err(), "its minute is over");
    house_.done(&admin, Call::EndWorkerTokens("jac".into())).await;
    assert_eq!(house_.hub.identify(&forever).unwrap_err().kind(), Kind::Unauthenticated);
    let fresh = token(&house_, "jac", None).await;
    assert!(house_.hub.identify(&fresh).is_ok());
    assert_eq!(house_.store.secrets("worker-tokens:").await.unwrap().len(), 1, "kept for the next start");
}

#[tokio::test]
async fn a_worker_is_nobody_where_none_are_taken() {
    let (users, workers) = (Plain::default(), Plain { workers: true, ..Plain::default() });
    let house_ = House::new().await;
    let token = token(&house_, "jac", None).await;
    let refused = house_.hub.identify_in(&users, &token).unwrap_err();
    assert!(refused.kind() == Kind::Unauthenticated && refused.public().contains("/worker"), "{refused}");
    assert_eq!(house_.hub.identify_in(&workers, &token).unwrap(), Identity::Worker("jac".into()));
    house_.register("ann").await;
    let ann = Credential::Token(house_.log_in("ann", PASSWORD).await.unwrap().token);
    for room in [users, workers] {
        assert!(matches!(house_.hub.identify_in(&room, &ann), Ok(Identity::User(_))));
    }
    assert!(house_.hub.identify(&Credential::Token(Secret::new("jac"))).is_err());
}

#[tokio::test]
async fn ended_tokens_close_the_sockets_of_their_worker() {
    let house_ = open_house().await;
    let worker = |name: &str| caller(Identity::Worker(name.into()));
    let (_jac, mut of_jac) = listen(&house_, &worker("jac"), channel());
    let (other, mut of_other) = listen(&house_, &worker("other"), channel());
    house_.done(&house(), Call::EndWorkerTokens("jac".into())).await;
    assert_eq!(next(&mut of_jac).await, "close 1008 the worker's tokens were ended");
    other.publish(vec![Topic::channel("quiet")], Body::Notice("{}".into())).unwrap();
    assert_eq!(next(&mut of_other).await, "notice");
}
