//! Registering, logging in, passwords and tokens.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Credential, Identity, Kind, Limits};
use quintet_hub::{Caller, Rules};

use crate::house::{House, PASSWORD, Who, house, public, rules, user};

fn register(login: NewLogin, password: &str) -> Call {
    Call::Register { login, password: Secret::new(password) }
}

fn username(name: &str) -> NewLogin {
    NewLogin::Username(name.into())
}

fn from(last: u8) -> Caller {
    Caller { address: IpAddr::from([192, 0, 2, last]), ..public() }
}

fn log_in(login: &str, password: &str) -> Call {
    Call::LogIn { login: login.into(), password: Secret::new(password) }
}

#[tokio::test]
async fn one_account_logs_in_by_name_or_email() {
    let house_ = House::new().await;
    let joined = user(house_.ask(&public(), register(NewLogin::Email("Ann@x.org".into()), PASSWORD)).await);
    for login in [&*joined.username, "ann@X.org"] {
        let signed_in = house_.log_in(login, PASSWORD).await.unwrap();
        assert_eq!(signed_in.user.id, joined.id);
        assert_eq!((signed_in.email.as_deref(), signed_in.admin), (Some("Ann@x.org"), false));
        let identity = house_.hub.identify(&Credential::Token(signed_in.token)).unwrap();
        assert_eq!(identity, Identity::User(joined.id));
    }
}

#[tokio::test]
async fn logins_that_cannot_be_are_refused() {
    let house_ = House::new().await;
    house_.register("ann").await;
    let table = [
        (username("ann"), PASSWORD, Kind::Conflict),
        (username(""), PASSWORD, Kind::BadMessage),
        (username("   "), PASSWORD, Kind::BadMessage),
        (username("a\u{7}"), PASSWORD, Kind::BadMessage),
        (NewLogin::Email("x".repeat(257)), PASSWORD, Kind::BadMessage),
        (username("bob@x.org"), PASSWORD, Kind::BadMessage),
        (username("bob"), "", Kind::BadMessage),
        (username("bob"), &"x".repeat(1025), Kind::BadMessage),
    ];
    for (login, password, expected) in table {
        assert_eq!(house_.refusal(&public(), register(login.clone(), password)).await, expected, "{login:?}");
    }
    user(house_.ask(&public(), register(username("Ann"), PASSWORD)).await);
    user(house_.ask(&public(), register(username("bob"), &"x".repeat(1024))).await);
}

#[tokio::test]
async fn one_name_registered_many_times_at_once_is_one_user() {
    let house_ = House::new().await;
    let tries: Vec<_> = (0..4)
        .map(|_| {
            let hub = Arc::clone(&house_.hub);
            tokio::spawn(async move { hub.call(&public(), register(username("ann"), PASSWORD)).await })
        })
        .collect();
    let mut joined = 0;
    for result in tries {
        match result.await.unwrap() {
            Ok(_) => joined += 1,
            Err(error) => assert_eq!(error.kind(), Kind::Conflict),
        }
    }
    assert_eq!(joined, 1);
}

#[tokio::test]
async fn closed_registration_is_open_to_admins_only() {
    let house_ = House::with(Limits::default(), Rules { registration: false, ..rules() }).await;
    assert_eq!(house_.refusal(&public(), register(username("ann"), PASSWORD)).await, Kind::Forbidden);
    let admin = house_.admin().await;
    user(house_.ask(&admin, register(username("ann"), PASSWORD)).await);
    user(house_.ask(&house(), register(username("bob"), PASSWORD)).await);
}

#[tokio::test]
async fn nobody_learns_which_names_there_are() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let wrong = house_.log_in("ann", "wrong").await.unwrap_err();
    let unknown = house_.log_in("nobody", "wrong").await.unwrap_err();
    house_.done(&house(), Call::SetDisabled { user: ann.id(), disabled: true }).await;
    let disabled = house_.log_in("ann", PASSWORD).await.unwrap_err();
    for error in [unknown, disabled] {
        assert_eq!((error.kind(), error.public()), (wrong.kind(), wrong.public()));
    }
    assert_eq!(wrong.kind(), Kind::Unauthenticated);
}

#[tokio::test]
async fn failed_logins_make_an_account_wait() {
    let limits = Limits { account_total_login_failures: 3, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    house_.register("ann").await;
    for login in ["ann", "nobody"] {
        for last in 1..=3 {
            assert_eq!(house_.refusal(&from(last), log_in(login, "wrong")).await, Kind::Unauthenticated, "{login}");
        }
        assert_eq!(house_.refusal(&from(4), log_in(login, PASSWORD)).await, Kind::TooMany, "{login}");
    }
    assert!(house_.log_in("admin", PASSWORD).await.is_ok(), "others do not wait");
    house_.pass_millis(60_000);
    for _ in 0..9 {
        assert!(house_.log_in("ann", PASSWORD).await.is_ok(), "what succeeds does not count");
    }
}

#[tokio::test]
async fn failed_logins_make_an_address_wait_loopback_too() {
    let house_ = House::with(Limits { address_login_failures: 2, ..Limits::default() }, rules()).await;
    for login in ["a", "b"] {
        assert_eq!(house_.refusal(&public(), log_in(login, "wrong")).await, Kind::Unauthenticated);
    }
    assert_eq!(house_.refusal(&public(), log_in("admin", PASSWORD)).await, Kind::TooMany);
    assert!(house_.ask(&from(1), log_in("admin", PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn registrations_make_an_address_wait() {
    let house_ = House::with(Limits { address_registrations: 1, ..Limits::default() }, rules()).await;
    house_.register("ann").await;
    assert_eq!(house_.refusal(&public(), register(username("bob"), PASSWORD)).await, Kind::TooMany);
}

#[tokio::test]
async fn without_rate_limits_nobody_waits() {
    let limits = Limits {
        account_login_failures: 1,
        address_login_failures: 1,
        address_registrations: 1,
        identity_messages_per_second: 1,
        identity_messages_burst: 1,
        ..Limits::default()
    };
    let house_ = House::with(limits.clone(), Rules { rate_limits: false, ..rules() }).await;
    let ann = house_.register("ann").await;
    house_.register("bob").await;
    for _ in 0..3 {
        assert_eq!(house_.refusal(&public(), log_in("ann", "wrong")).await, Kind::Unauthenticated);
        house_.hub.admit(&ann.identity).unwrap();
    }
    let strict = House::with(limits, rules()).await;
    strict.hub.admit(&ann.identity).unwrap();
    assert_eq!(strict.hub.admit(&ann.identity).unwrap_err().kind(), Kind::TooMany);
    strict.hub.admit(&Identity::Public).unwrap();
}

#[tokio::test]
async fn a_renewed_token_is_good_beside_the_old_one() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let old = house_.log_in("ann", PASSWORD).await.unwrap();
    house_.pass_millis(1_800_000);
    let Ok(Answer::SignedIn(new)) = house_.ask(&ann, Call::RenewToken).await else { panic!() };
    assert!(new.expires_at > old.expires_at);
    house_.hub.identify(&Credential::Token(old.token.clone())).unwrap();
    house_.pass_millis(1_800_000);
    assert!(house_.hub.identify(&Credential::Token(old.token)).is_err(), "its hour is over");
    house_.hub.identify(&Credential::Token(new.token)).unwrap();
}

#[tokio::test]
async fn a_changed_password_ends_tokens_if_asked_to() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let token = Credential::Token(house_.log_in("ann", PASSWORD).await.unwrap().token);
    let change = |old: Option<&str>, new: &str, end_tokens| Call::ChangePassword {
        old: old.map(Secret::new),
        new: Secret::new(new),
        end_tokens,
    };
    assert_eq!(house_.refusal(&ann, change(Some("wrong"), "second", true)).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, change(Some(PASSWORD), "", true)).await, Kind::BadMessage);
    house_.done(&ann, change(None, "second", false)).await;
    house_.hub.identify(&token).unwrap();
    house_.done(&ann, change(Some("second"), "third", true)).await;
    assert_eq!(house_.hub.identify(&token).unwrap_err().kind(), Kind::Unauthenticated);
    assert!(house_.log_in("ann", "second").await.is_err());
    let fresh = house_.log_in("ann", "third").await.unwrap();
    house_.hub.identify(&Credential::Token(fresh.token)).unwrap();
}

#[tokio::test]
async fn a_stolen_token_is_no_way_to_try_passwords() {
    let house_ = House::with(Limits { account_login_failures: 2, ..Limits::default() }, rules()).await;
    let ann = house_.register("ann").await;
    let attempt =
        |old: &str| Call::ChangePassword { old: Some(Secret::new(old)), new: Secret::new("new"), end_tokens: false };
    for _ in 0..2 {
        assert_eq!(house_.refusal(&ann, attempt("guess")).await, Kind::Forbidden);
    }
    assert_eq!(house_.refusal(&ann, attempt(PASSWORD)).await, Kind::TooMany);
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let token = Credential::Token(house_.log_in("ann", PASSWORD).await.unwrap().token);
    house_.done(&house_.admin().await, Call::SetDisabled { user: ann.id(), disabled: true }).await;
    assert!(house_.hub.identify(&token).unwrap_err().public().contains("disabled"));
    assert_eq!(house_.refusal(&ann, Call::Me).await, Kind::Unauthenticated);
    house_.done(&house(), Call::SetDisabled { user: ann.id(), disabled: false }).await;
    assert!(house_.hub.identify(&token).is_err(), "earlier tokens have ended for good");
    house_.log_in("ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn admins_issue_tokens_and_set_passwords() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let issue = |ttl: Option<u64>| Call::IssueToken { username: "ann".into(), ttl: ttl.map(Duration::from_secs) };
    assert_eq!(house_.refusal(&ann, issue(None)).await, Kind::Forbidden);
    let admin = house_.admin().await;
    let Ok(Answer::SignedIn(issued)) = house_.ask(&admin, issue(Some(60))).await else { panic!() };
    assert_eq!(issued.expires_at.millis(), house_.now().millis() + 60_000);
    let token = Credential::Token(issued.token);
    assert_eq!(house_.hub.identify(&token).unwrap(), ann.identity);
    assert_eq!(house_.refusal(&admin, issue(Some(0))).await, Kind::BadMessage);
    let Ok(Answer::SignedIn(eternal)) = house_.ask(&house(), issue(Some(u64::MAX))).await else { panic!() };
    house_.hub.identify(&Credential::Token(eternal.token)).unwrap();
    let nobody = Call::IssueToken { username: "nobody".into(), ttl: None };
    assert_eq!(house_.refusal(&house(), nobody).await, Kind::NotFound);

    let reset = Call::SetPassword { user: ann.id(), password: Secret::new("reset") };
    assert_eq!(house_.refusal(&ann, reset.clone()).await, Kind::Forbidden);
    house_.done(&admin, reset).await;
    assert!(house_.hub.identify(&token).is_err());
    house_.log_in("ann", "reset").await.unwrap();
}
