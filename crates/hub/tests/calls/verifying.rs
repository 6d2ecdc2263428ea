//! Signatures of other houses: what holds, what does not, and how often a key is fetched for it.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use quintet_core::federation::note::Audience;
use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Ask, Form, Own, Signed, Signer, Told};
use quintet_core::{Credential, Identity, Kind, Limits, Timestamp};
use quintet_hub::Rules;

use crate::house::{Who as _, house, public, rules};
use crate::peer::{Abroad, Served, address, entity, host, said};

const BOB: &str = "https://b.example/bob";

/// A house to which bob's is reachable.
async fn abroad() -> Abroad {
    let abroad = Abroad::new().await;
    abroad.net.serve_key(BOB, 1);
    abroad
}

async fn refused(abroad: &Abroad, signed: Signed) -> Kind {
    abroad.verify(signed).await.unwrap_err().kind()
}

#[tokio::test]
async fn a_signature_holds_for_five_minutes_both_ways() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    let at = |seconds: i64| {
        let signed_at = Timestamp::from_millis(abroad.house.now().millis() + seconds * 1000);
        Signed { signed_at, ..abroad.signed(&bob, 1, "text") }
    };
    for seconds in [-301, 301] {
        assert_eq!(refused(&abroad, at(seconds)).await, Kind::Stale, "{seconds}");
    }
    assert_eq!(abroad.net.fetches(), 0, "nothing is fetched for what is refused anyway");
    for seconds in [-300, 300] {
        assert_eq!(abroad.verify(at(seconds)).await.unwrap().signer, Signer::User(bob.clone()), "{seconds}");
    }
}

#[tokio::test]
async fn a_signer_of_this_house_is_none() {
    let abroad = abroad().await;
    let own = abroad.signed(&address("a.example", "ann"), 1, "text");
    assert_eq!(refused(&abroad, own).await, Kind::BadMessage);
    let long = abroad.signed(&address("b.example", &"x".repeat(4096)), 1, "text");
    assert_eq!(refused(&abroad, long).await, Kind::BadMessage);
    assert_eq!(abroad.net.fetches(), 0);
}

#[tokio::test]
async fn a_house_signs_with_its_own_key_and_for_itself_alone() {
    let abroad = abroad().await;
    abroad.net.serve_key("https://b.example", 1);
    let as_house = |form| Signer::Instance(host("b.example"), form);
    let signed = abroad.signed(&address("b.example", "bob"), 1, "text");
    let by_user = Signed { signer: as_house(Form::Uri), ..signed.clone() };
    assert_eq!(refused(&abroad, by_user).await, Kind::Unauthenticated);
    abroad.net.serve(BOB, Served::Key(crate::peer::key("https://b.example", 1).verifying_key().to_bytes()));
    let house = quintet_core::federation::Address { key: "https://b.example".into(), ..address("b.example", "bob") };
    let signed = Signed { signer: as_house(Form::Reference), ..abroad.signed(&house, 1, "text") };
    assert!(abroad.verify(signed).await.is_ok());
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_the_old_one_is_dead_then() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    abroad.verify(abroad.signed(&bob, 1, "one")).await.unwrap();
    assert_eq!(abroad.net.fetches(), 1);
    abroad.net.serve_key(BOB, 2);
    abroad.house.pass_millis(1);
    abroad.verify(abroad.signed(&bob, 2, "two")).await.unwrap();
    assert_eq!(abroad.net.fetches(), 1);
    abroad.house.pass_millis(1);
    assert_eq!(refused(&abroad, abroad.signed(&bob, 1, "three")).await, Kind::Unauthenticated);
    abroad.verify(abroad.signed(&bob, 2, "four")).await.unwrap();
    assert_eq!(abroad.net.fetches(), 0);
}

#[tokio::test]
async fn wrong_signatures_have_a_key_fetched_every_half_minute_at_the_most() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    abroad.verify(abroad.signed(&bob, 1, "one")).await.unwrap();
    abroad.net.fetches();
    for (millis, fetches) in [(1, 1), (1, 0), (29_997, 0), (3, 1), (1, 0)] {
        abroad.house.pass_millis(millis);
        assert_eq!(refused(&abroad, abroad.signed(&bob, 9, "bad")).await, Kind::Unauthenticated);
        assert_eq!(abroad.net.fetches(), fetches, "after {millis}");
    }
    abroad.verify(abroad.signed(&bob, 1, "good")).await.unwrap();
}

#[tokio::test]
async fn a_house_that_is_away_spoils_no_key_that_is_known() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    abroad.verify(abroad.signed(&bob, 1, "one")).await.unwrap();
    abroad.net.serve(BOB, Served::Down);
    abroad.house.pass_millis(1);
    assert_eq!(refused(&abroad, abroad.signed(&bob, 2, "rotated?")).await, Kind::Unavailable);
    abroad.verify(abroad.signed(&bob, 1, "two")).await.unwrap();
    abroad.net.serve(BOB, Served::Missing);
    abroad.house.pass_millis(30_001);
    assert_eq!(refused(&abroad, abroad.signed(&bob, 2, "gone")).await, Kind::Unauthenticated);
    assert_eq!(refused(&abroad, abroad.signed(&bob, 1, "three")).await, Kind::Unauthenticated, "it is gone for good");
}

#[tokio::test]
async fn what_could_not_be_fetched_is_not_asked_for_again_for_a_while() {
    let abroad = Abroad::new().await;
    let bob = address("b.example", "bob");
    let table = [(Served::Down, Kind::Unavailable, 30_000), (Served::Missing, Kind::Unauthenticated, 600_000)];
    for (served, kind, millis) in table {
        abroad.net.serve(BOB, served);
        for (passed, fetches) in [(0, 1), (millis - 1, 0), (1, 1), (0, 0)] {
            abroad.house.pass_millis(passed);
            assert_eq!(refused(&abroad, abroad.signed(&bob, 1, "text")).await, kind);
            assert_eq!(abroad.net.fetches(), fetches, "{kind:?} {passed}");
        }
        abroad.house.pass_millis(600_000);
    }
    abroad.net.serve(BOB, Served::Key([0; 32]));
    assert_eq!(refused(&abroad, abroad.signed(&bob, 1, "text")).await, Kind::Unauthenticated, "a weak key is none");
    abroad.net.serve_key(BOB, 1);
    abroad.house.pass_millis(600_000);
    abroad.verify(abroad.signed(&bob, 1, "text")).await.unwrap();
}

#[tokio::test]
async fn many_messages_of_one_signer_have_its_key_fetched_once() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    let messages = (0..50).map(|number| abroad.signed(&bob, 1, &format!("message {number}")));
    let all = join_all(messages.map(|signed| abroad.verify(signed))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(abroad.net.fetches(), 1);
}

/// Who leaves does not take along the answer for which others wait.
#[tokio::test]
async fn an_inquiry_goes_on_for_those_who_still_wait() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    let permits = abroad.net.gate.available_permits();
    abroad.net.gate.forget_permits(permits);
    let [first, second] = ["one", "two"].map(|text| abroad.verify(abroad.signed(&bob, 1, text)));
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    abroad.net.gate.add_permits(1);
    assert!(second.await.is_ok());
    assert_eq!(abroad.net.fetches(), 1);
}

#[tokio::test]
async fn a_key_is_fetched_anew_after_a_day_or_when_an_admin_says_so() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    for (hours, fetches) in [(0, 1), (23, 0), (2, 1)] {
        abroad.house.pass_millis(hours * 3_600_000);
        abroad.verify(abroad.signed(&bob, 1, "text")).await.unwrap();
        assert_eq!(abroad.net.fetches(), fetches, "after {hours} hours more");
    }
    let forget = || Ask::ForgetKeys(host("b.example"));
    assert_eq!(abroad.ask(&public(), forget()).await.unwrap_err().kind(), Kind::Unauthenticated);
    let ann = abroad.house.register("ann").await;
    assert_eq!(abroad.ask(&ann, forget()).await.unwrap_err().kind(), Kind::Forbidden);
    abroad.ask(&house(), forget()).await.unwrap();
    abroad.verify(abroad.signed(&bob, 1, "text")).await.unwrap();
    assert_eq!(abroad.net.fetches(), 1);
}

#[tokio::test]
async fn strangers_have_few_keys_fetched() {
    let limits = Limits { address_inquiries: 2, ..Limits::default() };
    let open = quintet_hub::federation::Rules { open: true, ..Default::default() };
    let abroad = Abroad::with(limits, Rules { federation: open, ..rules() }).await;
    for user in ["one", "two", "three"] {
        abroad.net.serve_key(&format!("https://b.example/{user}"), 1);
    }
    let signed = |user| abroad.signed(&address("b.example", user), 1, "text");
    assert!(abroad.verify(signed("one")).await.is_ok());
    assert!(abroad.verify(signed("two")).await.is_ok());
    assert_eq!(refused(&abroad, signed("three")).await, Kind::TooMany);
    assert!(abroad.verify(signed("one")).await.is_ok(), "what is known costs nothing");
    let peer = crate::house::caller(Identity::Instance("b.example".into()));
    let ask = Ask::Verify(Box::new(signed("three")), None);
    assert!(abroad.ask(&peer, ask).await.is_ok(), "who showed which house it is has its own bounds");
}

#[tokio::test]
async fn a_house_that_speaks_with_few_speaks_with_nobody_else() {
    let abroad = Abroad::with(Limits::default(), rules()).await;
    abroad.net.serve_key(BOB, 1);
    let signed = abroad.signed(&address("b.example", "bob"), 1, "text");
    assert_eq!(refused(&abroad, signed.clone()).await, Kind::Forbidden);
    assert_eq!(abroad.net.fetches(), 0);
    abroad.ask(&house(), Ask::SetStanding(host("b.example"), Standing::Allowed)).await.unwrap();
    assert!(abroad.verify(signed).await.is_ok());
}

#[tokio::test]
async fn who_is_blocked_is_not_listened_to_any_more() {
    let abroad = abroad().await;
    let signed = || abroad.signed(&address("b.example", "bob"), 1, "text");
    let stand = |standing| abroad.ask_as_house(Ask::SetStanding(host("b.example"), standing));
    let verified = abroad.verify(signed()).await.unwrap();
    let identify = || abroad.house.hub.identify(&Credential::Peer(Box::new(verified.clone())));
    assert_eq!(identify().unwrap(), Identity::Instance("b.example".into()));
    stand(Standing::Blocked).await.unwrap();
    assert_eq!(refused(&abroad, signed()).await, Kind::Forbidden);
    assert_eq!(identify().unwrap_err().kind(), Kind::Forbidden);
    let bob = address("b.example", "bob");
    let said = entity(&abroad, &bob, "n", said("hello", Audience::Public));
    let late = abroad.ask(&public(), Ask::Receive(Box::new(verified.clone()), said)).await;
    assert_eq!(late.unwrap_err().kind(), Kind::Forbidden, "also where it was verified before");
    stand(Standing::Neutral).await.unwrap();
    assert!(abroad.verify(signed()).await.is_ok());
}

#[tokio::test]
async fn an_admin_gives_the_house_new_keys() {
    let abroad = abroad().await;
    let ann = abroad.house.register("ann").await;
    let publics = async || match abroad.ask(&public(), Ask::Pen).await.unwrap() {
        Told::Pen(pen) => [Own::House, Own::User(ann.id())].map(|own| pen.public(&own)),
        other => panic!("{other:?}"),
    };
    let [house_before, ann_before] = publics().await;
    assert_eq!(abroad.ask(&ann, Ask::RotateKeys).await.unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(publics().await, [house_before, ann_before]);
    abroad.ask(&house(), Ask::RotateKeys).await.unwrap();
    let [house_after, ann_after] = publics().await;
    assert!(house_after != house_before && ann_after != ann_before);
}

#[tokio::test]
async fn one_of_the_texts_may_be_what_was_signed_and_no_other() {
    let abroad = abroad().await;
    let bob = address("b.example", "bob");
    let signed = abroad.signed(&bob, 1, "get /a%253A");
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let both = Signed { texts: texts(&["get /a%3A", "get /a%253A"]), ..signed.clone() };
    let alone = abroad.verify(signed.clone()).await.unwrap();
    assert_eq!(abroad.verify(both).await.unwrap().digest, alone.digest);
    for wrong in [&["get /a%3A"][..], &[]] {
        let wrong = Signed { texts: texts(wrong), ..signed.clone() };
        assert_eq!(refused(&abroad, wrong).await, Kind::Unauthenticated);
    }
}

#[tokio::test]
async fn an_operator_hears_anybody_but_not_for_ever() {
    let limits = Limits { address_operator_messages: 2, ..Limits::default() };
    let abroad = Abroad::with(limits, rules()).await;
    let anybody = public();
    let write = || abroad.ask(&anybody, Ask::OperatorMessage("your certificate ends tomorrow".into()));
    for _ in 0..2 {
        assert!(matches!(write().await, Ok(Told::Done)));
    }
    assert_eq!(write().await.unwrap_err().kind(), Kind::TooMany);
}
