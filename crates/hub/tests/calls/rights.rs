//! Who may give rights, and roles.

use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::{Answer, Call, Id, Kind, Right};

use crate::house::{House, Who, house, unknown};

fn set(right: Right, value: i32) -> Rights {
    let mut rights = Rights::default();
    rights.set(right, value);
    rights
}

#[tokio::test]
async fn rights_everywhere_are_the_admins_to_give() {
    let house_ = House::new().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    let holder = Holder::User(ann.id());
    let grant = Grant { scope: Scope::Server, holder, rights: set(Right::ManageRooms, 1) };
    let calls = [
        Call::SetGrant(grant.clone()),
        Call::Grants(Scope::Server),
        Call::CreateRole { name: "friends".into(), ordinality: 0 },
        Call::DeleteRole(unknown()),
        Call::AssignRole { role: unknown(), user: ann.id(), member: true },
        Call::SetDisabled { user: ann.id(), disabled: true },
    ];
    for call in calls {
        assert_eq!(house_.refusal(&ann, call.clone()).await, Kind::Forbidden, "{call:?}");
    }
    house_.done(&admin, Call::SetGrant(grant.clone())).await;
    let Ok(Answer::Grants(grants)) = house_.ask(&admin, Call::Grants(Scope::Server)).await else { panic!() };
    assert!(grants.contains(&grant), "{grants:?}");
    assert_eq!(house_.refusal(&ann, Call::Grants(Scope::Server)).await, Kind::Forbidden, "still no admin");
}

#[tokio::test]
async fn who_manages_a_room_gives_rights_there_but_no_admin() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let within = house_.room("within", Some(room)).await.id;
    let other = house_.room("other", None).await.id;
    let give =
        |room, rights| Call::SetGrant(Grant { scope: Scope::Room(room), holder: Holder::User(bob.id()), rights });
    assert_eq!(house_.refusal(&ann, give(room, set(Right::View, -1))).await, Kind::Forbidden);
    house_.grant(Scope::Room(room), Holder::User(ann.id()), Right::ManageRooms, 1).await;
    house_.done(&ann, give(room, set(Right::View, -1))).await;
    house_.done(&ann, give(within, set(Right::Write, -1))).await;
    assert!(
        matches!(house_.ask(&ann, Call::Grants(Scope::Room(room))).await, Ok(Answer::Grants(grants)) if grants.len() == 2)
    );
    assert_eq!(house_.refusal(&ann, give(other, set(Right::View, -1))).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, give(room, Rights::admin())).await, Kind::Forbidden, "cannot give it");
    house_.done(&house_.admin().await, give(room, Rights::admin())).await;
    assert_eq!(house_.refusal(&ann, give(room, Rights::default())).await, Kind::Forbidden, "nor take it");
}

#[tokio::test]
async fn an_admin_of_a_room_is_no_admin_elsewhere() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let admin_there = Grant { scope: Scope::Room(room), holder: Holder::User(ann.id()), rights: Rights::admin() };
    house_.done(&house(), Call::SetGrant(admin_there.clone())).await;
    assert_eq!(house_.refusal(&ann, Call::Grants(Scope::Server)).await, Kind::Forbidden);
    let spread = Grant { holder: Holder::Role(Id::EVERYONE), ..admin_there };
    assert_eq!(house_.refusal(&ann, Call::SetGrant(spread)).await, Kind::Forbidden);
}

#[tokio::test]
async fn unknown_holders_and_rooms_are_not_found() {
    let house_ = House::new().await;
    let admin = house_.admin().await;
    let table = [
        (Scope::Room(unknown()), Holder::User(admin.id())),
        (Scope::Server, Holder::User(unknown())),
        (Scope::Server, Holder::Role(unknown())),
    ];
    for (scope, holder) in table {
        let call = Call::SetGrant(Grant { scope, holder, rights: set(Right::View, 1) });
        assert_eq!(house_.refusal(&admin, call).await, Kind::NotFound, "{scope:?} {holder:?}");
    }
}

#[tokio::test]
async fn roles_are_made_given_and_removed() {
    let house_ = House::new().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    let create = |name: &str| Call::CreateRole { name: name.into(), ordinality: 3 };
    let Ok(Answer::Roles(made)) = house_.ask(&admin, create("friends")).await else { panic!() };
    let role = made[0].role.id;
    for (name, kind) in [("friends", Kind::Conflict), ("everyone", Kind::Conflict), ("", Kind::BadMessage)] {
        assert_eq!(house_.refusal(&admin, create(name)).await, kind, "{name}");
    }
    house_.done(&admin, Call::AssignRole { role, user: ann.id(), member: true }).await;
    let Ok(Answer::Roles(roles)) = house_.ask(&ann, Call::Roles).await else { panic!() };
    let listed: Vec<_> = roles.iter().map(|entry| (&*entry.role.name, entry.members.as_slice())).collect();
    assert_eq!(listed, [("everyone", &[][..]), ("friends", &[ann.id()][..])]);
    assert_eq!(house_.refusal(&admin, Call::DeleteRole(Id::EVERYONE)).await, Kind::Conflict);
    let everyone = Call::AssignRole { role: Id::EVERYONE, user: ann.id(), member: false };
    assert_eq!(house_.refusal(&admin, everyone).await, Kind::Conflict);
    house_.done(&admin, Call::DeleteRole(role)).await;
    assert_eq!(house_.refusal(&admin, Call::DeleteRole(role)).await, Kind::NotFound);
}
