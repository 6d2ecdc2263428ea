//! Follows: asked for, settled and ended, here and elsewhere.

use quintet_core::Kind;
use quintet_core::change::Change;
use quintet_core::event::Body;
use quintet_core::federation::{Deed, Follow, FollowState, Own, Target};
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::room::RoomEdit;
use quintet_core::topic::Topic;

use crate::house::{House, nowhere};
use crate::letters::{Letter, address_at, adoption, elsewhere, host, order, profile};

on_every_store! {
    a_follower_is_let_in_or_waits
    asking_again_is_told_again
    old_words_change_nothing
    only_what_is_there_is_followed
    a_follow_is_settled_by_its_followee
    a_follower_without_a_name_is_the_only_one_that_waits
    only_the_followee_settles
    users_here_follow_and_settle
    users_here_settle_only_what_is_asked
    rooms_lose_their_members
}

const PENDING: FollowState = FollowState::Pending;
const ACCEPTED: FollowState = FollowState::Accepted;
const REJECTED: FollowState = FollowState::Rejected;
const ENDED: FollowState = FollowState::Ended;

fn follow(follower: Id, followee: Id, state: FollowState) -> Follow {
    Follow { follower, followee, state }
}

fn begin(house: &House, path: &str, own: Own) -> Letter {
    order(house, path, Deed::Follow(Target::Own(own)))
}

fn end(house: &House, path: &str, own: Own) -> Letter {
    order(house, path, Deed::Unfollow(Target::Own(own)))
}

fn manual(mut letter: Letter) -> Letter {
    letter.0.manual = true;
    letter
}

async fn a_follower_is_let_in_or_waits(house: House) {
    let (admin, _) = house.found().await;
    let (group, bob, eve) = (house.group(&admin).await, house.adopt("bob").await, house.adopt("eve").await);
    let events = house.try_take(begin(&house, "f/1", Own::User(admin.id)).of(&bob)).await.unwrap();
    assert_eq!(events[1].body, Body::Followed(follow(bob.id, admin.id, ACCEPTED)));
    assert_eq!(events[1].topics, [Topic::user(bob.id)]);
    let waiting = house.take(manual(begin(&house, "f/2", Own::User(admin.id)).of(&eve))).await;
    assert_eq!(waiting, [Body::Followed(follow(eve.id, admin.id, PENDING))]);
    let joined = house.take(manual(begin(&house, "f/3", Own::Room(group.id)).of(&eve))).await;
    assert_eq!(joined, [Body::Followed(follow(eve.id, group.id, ACCEPTED))]);
    let mut follows = house.snapshot().await.follows;
    follows.sort_by_key(|follow| (follow.follower, follow.followee));
    let mut expected =
        vec![follow(bob.id, admin.id, ACCEPTED), follow(eve.id, admin.id, PENDING), follow(eve.id, group.id, ACCEPTED)];
    expected.sort_by_key(|follow| (follow.follower, follow.followee));
    assert_eq!(follows, expected);
}

async fn asking_again_is_told_again(house: House) {
    let (admin, _) = house.found().await;
    let bob = house.adopt("bob").await;
    let ask = |path| begin(&house, path, Own::User(admin.id)).of(&bob);
    for path in ["f/1", "f/2"] {
        assert_eq!(house.take(ask(path)).await, [Body::Followed(follow(bob.id, admin.id, ACCEPTED))]);
    }
    // Who was let in does not wait again, even where others wait now.
    assert_eq!(house.take(manual(ask("f/3"))).await, [Body::Followed(follow(bob.id, admin.id, ACCEPTED))]);
    house.known(ask("f/3")).await;
}

async fn old_words_change_nothing(house: House) {
    let (admin, _) = house.found().await;
    let bob = house.adopt("bob").await;
    let own = || Own::User(admin.id);
    house.take(begin(&house, "f/1", own()).of(&bob).signed(10)).await;
    house.known(end(&house, "f/2", own()).of(&bob).signed(9)).await;
    let ended = Body::Followed(follow(bob.id, admin.id, ENDED));
    assert_eq!(house.take(end(&house, "f/3", own()).of(&bob).signed(20)).await, [ended]);
    assert_eq!(house.snapshot().await.follows, []);
    let nameless = begin(&house, "f/4", own()).of(&bob).signed(19).with(|incoming| incoming.name = None);
    house.known(nameless).await;
    // What ended before it began stays ended.
    let eve = house.adopt("eve").await;
    assert_eq!(house.take(end(&house, "f/5", own()).of(&eve).signed(20)).await, []);
    house.known(begin(&house, "f/6", own()).of(&eve).signed(19)).await;
    house.take(begin(&house, "f/7", own()).of(&eve).signed(20)).await;
    assert_eq!(house.snapshot().await.follows, [follow(eve.id, admin.id, ACCEPTED)]);
}

async fn only_what_is_there_is_followed(house: House) {
    let (admin, general) = house.found().await;
    let (bob, eve) = (house.adopt("bob").await, house.adopt("eve").await);
    let locked = house.user("locked").await;
    house.make(&admin, Change::SetDisabled { user: locked.id, disabled: true }).await;
    let none = [
        Own::User(nowhere()),
        Own::User(eve.id),
        Own::User(locked.id),
        Own::Room(general.id),
        Own::Note(admin.id),
        Own::House,
        Own::Unknown,
    ];
    for own in none {
        assert_eq!(house.returned(begin(&house, "f/1", own.clone()).of(&bob)).await, Kind::NotFound, "{own:?}");
        assert_eq!(house.returned(end(&house, "f/1", own.clone()).of(&bob)).await, Kind::NotFound, "{own:?}");
    }
    assert_eq!(house.returned(begin(&house, "f/1", Own::User(admin.id))).await, Kind::Forbidden);
    // What others do among each other is kept, without effect.
    assert_eq!(house.take(order(&house, "f/1", Deed::Follow(elsewhere("users/eve"))).of(&bob)).await, []);
    assert_eq!(house.take(order(&house, "f/2", Deed::Unfollow(elsewhere("users/eve"))).of(&bob)).await, []);
    assert_eq!(house.take(end(&house, "f/3", Own::User(admin.id))).await, []);
}

/// `users/<followee>` lets somebody in, or does not.
fn answer(house: &House, path: &str, follower: Own, followee: &str, accept: bool) -> Letter {
    let (follower, followee) = (Target::Own(follower), elsewhere(&format!("users/{followee}")));
    let deed = if accept { Deed::Accept { follower, followee } } else { Deed::Reject { follower, followee } };
    order(house, path, deed)
}

async fn a_follow_is_settled_by_its_followee(house: House) {
    let (admin, _) = house.found().await;
    let bob = house.adopt("bob").await;
    let own = || Own::User(admin.id);
    let settle = |path, accept| answer(&house, path, own(), "bob", accept).of(&bob);
    let so = |state| vec![Body::Followed(follow(admin.id, bob.id, state))];
    assert_eq!(house.returned(settle("a/1", true)).await, Kind::NotFound, "nobody asked");
    assert_eq!(house.returned(settle("a/1", false)).await, Kind::NotFound, "nobody asked");
    house.make(&admin, Change::Follow(follow(admin.id, bob.id, PENDING))).await;
    assert_eq!(house.take(settle("a/2", true).signed(10)).await, so(ACCEPTED));
    assert_eq!(house.take(settle("a/3", true).signed(10)).await, [], "it is so");
    house.known(settle("a/4", false).signed(9)).await;
    assert_eq!(house.take(settle("a/5", false).signed(20)).await, so(REJECTED));
    assert_eq!(house.returned(settle("a/6", true).signed(21)).await, Kind::NotFound, "nobody asked again");
    house.make(&admin, Change::Follow(follow(admin.id, bob.id, PENDING))).await;
    house.known(settle("a/6", true).signed(19)).await;
    assert_eq!(house.take(settle("a/7", true).signed(21)).await, so(ACCEPTED));
    house.make(&admin, Change::Follow(follow(admin.id, bob.id, ENDED))).await;
    assert_eq!(house.returned(settle("a/8", true).signed(22)).await, Kind::NotFound, "it ended");
}

async fn a_follower_without_a_name_is_the_only_one_that_waits(house: House) {
    let (admin, _) = house.found().await;
    let (ann, bob) = (house.user("ann").await, house.adopt("bob").await);
    let settle = |path| answer(&house, path, Own::Unknown, "bob", true).of(&bob);
    assert_eq!(house.returned(settle("a/1")).await, Kind::NotFound);
    for user in [&admin, &ann] {
        house.make(user, Change::Follow(follow(user.id, bob.id, PENDING))).await;
    }
    assert_eq!(house.returned(settle("a/1")).await, Kind::NotFound, "which of the two?");
    house.make(&ann, Change::Follow(follow(ann.id, bob.id, ENDED))).await;
    assert_eq!(house.take(settle("a/1")).await, [Body::Followed(follow(admin.id, bob.id, ACCEPTED))]);
}

async fn only_the_followee_settles(house: House) {
    let (admin, _) = house.found().await;
    let (bob, eve) = (house.adopt("bob").await, house.adopt("eve").await);
    let mut group = profile("group");
    group.group = true;
    let joined = house.make_one(&Author::house(), adoption(group, 3)).await;
    let Body::UserJoined(group) = joined else { panic!("{joined:?}") };
    for followee in [&bob, &group] {
        house.make(&admin, Change::Follow(follow(admin.id, followee.id, PENDING))).await;
    }
    let own = || Own::User(admin.id);
    assert_eq!(house.returned(answer(&house, "a/1", own(), "bob", true).of(&eve)).await, Kind::Forbidden);
    let mut stranger = answer(&house, "a/1", own(), "bob", true);
    stranger.0.host = host("c.example");
    assert_eq!(house.returned(stranger.by(&address_at("c.example", "users/x"))).await, Kind::Forbidden);
    assert_eq!(house.returned(answer(&house, "a/1", own(), "nobody", true).by_house()).await, Kind::NotFound);
    let by_house = answer(&house, "a/1", own(), "bob", true).by_house();
    assert_eq!(house.returned(by_house).await, Kind::Forbidden, "its house speaks for its groups, not for it");
    let own_followee = Deed::Accept { follower: Target::Own(own()), followee: Target::Own(own()) };
    assert_eq!(house.returned(order(&house, "a/1", own_followee).of(&bob)).await, Kind::Forbidden);
    assert_eq!(house.returned(answer(&house, "a/1", Own::House, "bob", true).of(&bob)).await, Kind::NotFound);
    let others = Deed::Accept { follower: elsewhere("users/eve"), followee: elsewhere("users/bob") };
    assert_eq!(house.take(order(&house, "a/1", others).of(&bob)).await, []);
    // A group's follow is settled by whoever its house lets do so.
    let let_in = house.take(answer(&house, "a/2", own(), "group", true).of(&eve)).await;
    assert_eq!(let_in, [Body::Followed(follow(admin.id, group.id, ACCEPTED))]);
}

async fn users_here_follow_and_settle(house: House) {
    let (admin, _) = house.found().await;
    let (ann, bob) = (house.user("ann").await, house.adopt("bob").await);
    let so = async |by: &Author, follow: Follow| house.make_one(by, Change::Follow(follow)).await;
    let asked = follow(admin.id, bob.id, PENDING);
    assert_eq!(so(&admin, asked.clone()).await, Body::Followed(asked.clone()));
    house.take(answer(&house, "a/1", Own::User(admin.id), "bob", true).of(&bob)).await;
    let stands = follow(admin.id, bob.id, ACCEPTED);
    assert_eq!(so(&admin, asked).await, Body::Followed(stands), "asking again does not end it");
    let ended = follow(admin.id, bob.id, ENDED);
    assert_eq!(so(&admin, ended.clone()).await, Body::Followed(ended));

    house.take(manual(begin(&house, "f/1", Own::User(ann.id)).of(&bob))).await;
    for state in [ACCEPTED, REJECTED] {
        let settled = follow(bob.id, ann.id, state);
        assert_eq!(so(&ann, settled.clone()).await, Body::Followed(settled));
    }
    // Whoever was turned away may ask again, whatever this house's clock says.
    house.wait(60_000);
    let again = house.take(begin(&house, "f/2", Own::User(ann.id)).of(&bob).signed(-60)).await;
    assert_eq!(again, [Body::Followed(follow(bob.id, ann.id, ACCEPTED))]);

    // Without a name, what was said before it ended is not said again by who repeats it.
    so(&ann, follow(bob.id, ann.id, REJECTED)).await;
    let nameless = |later| begin(&house, "f/3", Own::User(ann.id)).of(&bob).signed(later).with(|it| it.name = None);
    house.known(nameless(-60)).await;
    house.take(nameless(-59)).await;

    let among_us = follow(ann.id, admin.id, ACCEPTED);
    assert_eq!(so(&ann, among_us.clone()).await, Body::Followed(among_us));
}

async fn users_here_settle_only_what_is_asked(house: House) {
    let (admin, general) = house.found().await;
    let bob = house.adopt("bob").await;
    let refused = async |follow| house.refused(&admin, Change::Follow(follow)).await.0;
    assert_eq!(refused(follow(admin.id, nowhere(), PENDING)).await, Kind::NotFound);
    assert_eq!(refused(follow(nowhere(), bob.id, PENDING)).await, Kind::NotFound);
    assert_eq!(refused(follow(bob.id, admin.id, ACCEPTED)).await, Kind::NotFound);
    for state in [REJECTED, ENDED] {
        assert_eq!(refused(follow(bob.id, admin.id, state)).await, Kind::NotFound);
    }
    house.make(&admin, Change::Follow(follow(admin.id, general.id, PENDING))).await;
}

async fn rooms_lose_their_members(house: House) {
    let (admin, _) = house.found().await;
    let (group, bob) = (house.group(&admin).await, house.adopt("bob").await);
    house.take(begin(&house, "f/1", Own::Room(group.id)).of(&bob)).await;
    assert_eq!(house.snapshot().await.follows, [follow(bob.id, group.id, ACCEPTED)]);
    let bodies = async |change| house.make(&admin, change).await;
    let edit = |name: Option<&str>, federated| Change::ChangeRoom {
        room: group.id,
        edit: RoomEdit { name: name.map(Into::into), federated, ..RoomEdit::default() },
    };
    let turned_away = Body::Followed(follow(bob.id, group.id, REJECTED));
    assert_eq!(bodies(edit(Some("den"), Some(true))).await.len(), 1, "it stays open");
    let closed = bodies(edit(None, Some(false))).await;
    assert!(matches!(&closed[..], [Body::RoomChanged(room), away] if !room.federated && *away == turned_away));
    assert_eq!(house.snapshot().await.follows, []);
    assert_eq!(bodies(edit(None, Some(false))).await.len(), 1, "nobody is left");

    bodies(edit(None, Some(true))).await;
    let again = house.take(begin(&house, "f/2", Own::Room(group.id)).of(&bob)).await;
    assert_eq!(again, [Body::Followed(follow(bob.id, group.id, ACCEPTED))], "whoever was turned away may come back");
    let deleted = bodies(Change::DeleteRoom(group.id)).await;
    assert_eq!(deleted, [Body::RoomDeleted { room: group.id }, turned_away]);
    assert_eq!(house.snapshot().await.follows, []);
}
