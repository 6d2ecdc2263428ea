//! Connections that become a user's, or are no longer: told once each, to those whom it concerns (flamigo.md, section 6.1).

use quintet_core::{Body, Credential, Identity, Pattern, Topic};
use quintet_hub::listening::{Heard, Listening};

use crate::attached::{listen, next, open_house};
use crate::house::{House, PASSWORD, caller, public};

async fn told(listening: &mut Listening) -> (String, bool) {
    loop {
        match listening.next().await {
            Some(Heard::Event(event)) => {
                if let Body::Session { authenticated, .. } = &event.body {
                    assert_eq!(event.topics.len(), 1);
                    let id = event.topics[0].as_str().rsplit('/').next().unwrap();
                    assert_eq!(id, event.author.id.to_string());
                    return (event.author.name.to_string(), *authenticated);
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn token(house_: &House, name: &str) -> Credential {
    Credential::Token(house_.log_in(name, PASSWORD).await.unwrap().token)
}

#[tokio::test]
async fn each_connection_is_told_of_when_it_becomes_a_users_and_when_it_is_no_longer() {
    let house_ = open_house().await;
    let (ann, _bob) = (house_.register("ann").await, house_.register("bob").await);
    let mut came = house_.hub.listen(Pattern::of(&["auth", "authenticated", "*"], false));
    let mut all = house_.hub.listen(Pattern::of(&["*"], false));
    let quiet = || Pattern::from(Topic::channel("quiet"));
    let (mut guest, _heard) = listen(&house_, &public(), quiet());
    let (first, _heard) = listen(&house_, &ann, quiet());
    let (second, _heard) = listen(&house_, &ann, quiet());
    drop(first);
    guest.authenticate(&token(&house_, "bob").await).unwrap();
    guest.authenticate(&token(&house_, "bob").await).unwrap();
    guest.authenticate(&token(&house_, "ann").await).unwrap();
    guest.authenticate(&Credential::None).unwrap();
    drop((guest, second));
    let expected = [
        ("ann", true),
        ("ann", true),
        ("ann", false),
        ("bob", true),
        ("bob", true),
        ("bob", false),
        ("ann", true),
        ("ann", false),
        ("ann", false),
    ];
    for (name, authenticated) in expected {
        assert_eq!(told(&mut all).await, (name.to_owned(), authenticated));
    }
    for name in ["ann", "ann", "bob", "bob", "ann"] {
        assert_eq!(told(&mut came).await, (name.to_owned(), true));
    }
}

#[tokio::test]
async fn it_is_heard_by_that_user_by_admins_and_by_workers() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let gone = || Pattern::of(&["user", "disconnected"], false);
    let worker = caller(Identity::Worker("w".into()));
    let admin = house_.admin().await;
    let quiet = || Pattern::from(Topic::channel("quiet"));
    let listening = [&ann, &bob, &admin, &worker, &public()].map(|who| listen(&house_, who, gone()));
    drop(listen(&house_, &ann, quiet()));
    let talker = listen(&house_, &bob, quiet());
    let mut heard = Vec::new();
    for (mut attachment, mut words) in listening {
        // A notice by name stands behind whatever is heard of ann.
        attachment.subscribe(quiet()).unwrap();
        talker.0.publish(vec![Topic::channel("quiet")], Body::Notice("{}".into())).unwrap();
        let first = next(&mut words).await;
        heard.push(first == "session");
        drop(attachment);
    }
    assert_eq!(heard, [true, false, true, true, false]);
}
