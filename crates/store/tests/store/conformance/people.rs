//! The founding, users and their accounts.

use futures_util::future::join_all;
use quintet_core::change::{Change, RightsChange};
use quintet_core::error::Kind;
use quintet_core::event::Body;
use quintet_core::identity::{Author, Secret};
use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::room::ServerRecord;
use quintet_core::topic::Topic;
use quintet_core::user::{NewLogin, Status, User};

use crate::house::{House, account, author, founding, image, nowhere};

on_every_store! {
    a_house_is_founded_once
    a_user_is_kept_as_registered
    usernames_are_compared_exactly
    emails_are_compared_in_any_case
    nobody_takes_anothers_email_for_a_name
    names_from_emails_are_made_unique
    one_of_many_simultaneous_registrations_succeeds
    a_new_password_may_end_all_tokens
    locking_out_ends_all_tokens
    an_avatar_replaces_the_one_before
    nobody_there
    a_secret_stays_as_it_was_first
    a_secret_is_replaced_and_found_by_its_prefix
}

fn named(name: &str) -> NewLogin {
    NewLogin::Username(name.into())
}

fn mailed(email: &str) -> NewLogin {
    NewLogin::Email(email.into())
}

fn registration(login: NewLogin) -> Change {
    Change::Register(Box::new(account(login)))
}

async fn a_house_is_founded_once(house: House) {
    assert!(house.store.snapshot().await.unwrap().is_none());
    let events = house.append(&Author::house(), Change::Found(Box::new(founding()))).await.unwrap();
    let [joined, granted, created] = events.as_slice() else { panic!("{events:?}") };
    let Body::UserJoined(admin) = &joined.body else { panic!("{joined:?}") };
    let Body::RoomCreated(general) = &created.body else { panic!("{created:?}") };
    let grant = Grant { scope: Scope::Server, holder: Holder::User(admin.id), rights: Rights::admin() };
    assert_eq!(granted.body, Body::RightsChanged(RightsChange::Granted(grant.clone())));
    assert_eq!(joined.topics, [Topic::user(admin.id)]);
    assert_eq!(granted.topics, [Topic::rights()]);
    assert!(events.iter().all(|event| event.author == author(admin)));
    assert_eq!((general.name.as_str(), general.ordinality, general.created_by), ("general", 0, admin.id));

    let snapshot = house.snapshot().await;
    let ServerRecord { name, description, icon, default_room } = snapshot.server;
    assert_eq!((name.as_str(), description.as_str(), default_room), ("My house", "Come in.", Some(general.id)));
    assert_eq!(house.store.image(icon.unwrap()).await.unwrap(), Some(image(b"icon")));
    assert_eq!(snapshot.users, [(admin.clone(), 0)]);
    assert_eq!(snapshot.rooms, std::slice::from_ref(general));
    assert_eq!(snapshot.grants, [grant]);

    let refusal = house.refused(&Author::house(), Change::Found(Box::new(founding()))).await;
    assert_eq!(refusal.0, Kind::Conflict);
}

async fn a_user_is_kept_as_registered(house: House) {
    let (admin, _) = house.found().await;
    house.wait(4);
    let events = house.append(&admin, registration(named("Ann"))).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let Body::UserJoined(ann) = &event.body else { panic!("{event:?}") };
    let expected = User {
        id: ann.id,
        username: "Ann".into(),
        nickname: "Ann".into(),
        bio: None,
        avatar: None,
        created_at: house.now(),
        disabled: false,
        remote: None,
        agent: account(named("Ann")).agent,
        status: Status::Offline,
    };
    assert_eq!(*ann, expected);
    assert_eq!((&event.author, &event.topics), (&author(ann), &vec![Topic::user(ann.id)]));

    let account = house.store.account(ann.id).await.unwrap().unwrap();
    assert_eq!(account.user, expected);
    assert_eq!(account.password, Some(Secret::new("$argon2id$1")));
    assert_eq!((account.token_generation, account.email), (0, None));
    let ids: Vec<_> = house.snapshot().await.users.into_iter().map(|(user, _)| user.id).collect();
    assert_eq!(ids, [admin.id, ann.id], "oldest first");
}

async fn whose(house: &House, login: &str) -> Option<String> {
    house.store.account_by_login(login).await.unwrap().map(|account| account.user.username)
}

async fn usernames_are_compared_exactly(house: House) {
    let (admin, _) = house.found().await;
    house.user("ann").await;
    house.user("Ann").await;
    let refusal = house.refused(&admin, registration(named("ann"))).await;
    assert_eq!(refusal, (Kind::Conflict, "this username is taken; choose another".to_owned()));
    for (login, expected) in [("ann", Some("ann")), ("Ann", Some("Ann")), ("ANN", None), ("ann ", None), ("", None)] {
        assert_eq!(whose(&house, login).await.as_deref(), expected, "{login}");
    }
}

async fn emails_are_compared_in_any_case(house: House) {
    let (admin, _) = house.found().await;
    let ann = house.register(mailed("Ann@Example.org")).await;
    assert_eq!((ann.username.as_str(), ann.nickname.as_str()), ("Ann", "Ann"));
    let account = house.store.account(ann.id).await.unwrap().unwrap();
    assert_eq!(account.email.as_deref(), Some("Ann@Example.org"));
    for login in ["Ann", "Ann@Example.org", "ann@example.ORG"] {
        assert_eq!(whose(&house, login).await.as_deref(), Some("Ann"), "{login}");
    }
    let refusal = house.refused(&admin, registration(mailed("ANN@example.org"))).await;
    assert_eq!(refusal.0, Kind::Conflict);
}

async fn nobody_takes_anothers_email_for_a_name(house: House) {
    let (admin, _) = house.found().await;
    house.register(mailed("ann@example.org")).await;
    for name in ["ann@example.org", "Ann@Example.org"] {
        assert_eq!(house.refused(&admin, registration(named(name))).await.0, Kind::BadMessage, "{name}");
    }
    // Nor does one by the e-mail or the key that a name is made from.
    assert_eq!(house.register(mailed("a@b@example.org")).await.username, "a_b");
    assert_eq!(house.register(NewLogin::Agent("c@d".into())).await.username, "c_d");
}

async fn names_from_emails_are_made_unique(house: House) {
    house.found().await;
    house.user("ann3").await;
    let mut names = Vec::new();
    for host in ["a", "b", "c", "d", "e"] {
        names.push(house.register(mailed(&format!("ann@{host}.org"))).await.username);
    }
    assert_eq!(names[..2], ["ann", "ann2"]);
    names.push("ann3".into());
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("ann")), "{names:?}");
}

async fn one_of_many_simultaneous_registrations_succeeds(house: House) {
    let (admin, _) = house.found().await;
    let attempts = (0..64).map(|number| {
        let login = if number % 2 == 0 { mailed("ann@example.org") } else { mailed("ANN@example.org") };
        house.append(&admin, registration(login))
    });
    let outcomes = join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.into_iter().filter_map(Result::err).all(|error| error.kind() == Kind::Conflict));
    assert_eq!(house.snapshot().await.users.len(), 2);
}

async fn a_new_password_may_end_all_tokens(house: House) {
    let (admin, _) = house.found().await;
    let user = house.snapshot().await.users[0].0.clone();
    for (end_tokens, token_generation) in [(false, 0), (true, 1), (true, 2)] {
        let change = Change::SetPassword { user: admin.id, password: Secret::new("$argon2id$2"), end_tokens };
        let body = house.make_one(&admin, change).await;
        assert_eq!(body, Body::UserChanged { user: user.clone(), token_generation });
        let account = house.store.account(admin.id).await.unwrap().unwrap();
        assert_eq!(account.password, Some(Secret::new("$argon2id$2")));
        assert_eq!(account.token_generation, token_generation);
    }
    assert_eq!(house.snapshot().await.users, [(user, 2)]);
}

async fn locking_out_ends_all_tokens(house: House) {
    let (admin, _) = house.found().await;
    let ann = house.register(named("ann")).await;
    for (disabled, token_generation) in [(true, 1), (false, 1), (true, 2)] {
        let body = house.make_one(&admin, Change::SetDisabled { user: ann.id, disabled }).await;
        let user = User { disabled, ..ann.clone() };
        assert_eq!(body, Body::UserChanged { user: user.clone(), token_generation });
        assert_eq!(house.snapshot().await.users[1], (user, token_generation));
    }
}

async fn an_avatar_replaces_the_one_before(house: House) {
    let (admin, _) = house.found().await;
    let mut avatars = Vec::new();
    for bytes in [b"one".as_slice(), b""] {
        let body = house.make_one(&admin, Change::SetAvatar { user: admin.id, image: image(bytes) }).await;
        let Body::UserChanged { user, token_generation: 0 } = body else { panic!("{body:?}") };
        let avatar = user.avatar.unwrap();
        assert_eq!(house.store.image(avatar).await.unwrap(), Some(image(bytes)));
        avatars.push(avatar);
    }
    assert_eq!(house.store.image(avatars[0]).await.unwrap(), None);
    assert_eq!(house.snapshot().await.users[0].0.avatar, Some(avatars[1]));
}

async fn nobody_there(house: House) {
    let (admin, general) = house.found().await;
    for user in [nowhere(), general.id] {
        let changes = [
            Change::SetPassword { user, password: Secret::new("x"), end_tokens: true },
            Change::SetDisabled { user, disabled: true },
            Change::SetAvatar { user, image: image(b"x") },
        ];
        for change in changes {
            assert_eq!(house.refused(&admin, change).await, (Kind::NotFound, format!("no user {user}")));
        }
        assert!(house.store.account(user).await.unwrap().is_none());
    }
    assert_eq!(house.store.image(nowhere()).await.unwrap(), None);
}

async fn a_secret_is_replaced_and_found_by_its_prefix(house: House) {
    assert_eq!(house.store.secrets("worker:").await.unwrap(), []);
    for (name, secret) in [("worker:b", 1), ("worker:a", 2), ("worker", 3), ("workers", 4), ("worker:b", 5)] {
        house.store.replace_secret(name, [secret; 32]).await.unwrap();
    }
    let found = [("worker:a".to_owned(), [2; 32]), ("worker:b".to_owned(), [5; 32])];
    assert_eq!(house.store.secrets("worker:").await.unwrap(), found);
    assert_eq!(house.store.secret("workers", [9; 32]).await.unwrap(), [4; 32]);
}

async fn a_secret_stays_as_it_was_first(house: House) {
    let asked = join_all((1..9).map(|fresh| house.store.secret("tokens", [fresh; 32]))).await;
    let first = asked[0].as_ref().unwrap();
    assert!((1..9).any(|fresh| *first == [fresh; 32]));
    assert!(asked.iter().all(|secret| secret.as_ref().unwrap() == first));
    assert_eq!(house.store.secret("tokens", [99; 32]).await.unwrap(), *first);
    assert_eq!(house.store.secret("other", [99; 32]).await.unwrap(), [99; 32]);
}
