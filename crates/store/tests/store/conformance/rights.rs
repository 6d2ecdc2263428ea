//! Roles and sets of rights.

use quintet_core::change::{Change, RightsChange};
use quintet_core::error::Kind;
use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::limits::Limits;
use quintet_core::right::{Grant, Holder, Right, Rights, Role, Scope};

use crate::house::{House, nowhere};

on_every_store! {
    a_role_is_made_given_taken_and_deleted
    role_names_are_unique
    roles_are_bounded_in_number
    everyones_role_is_fixed
    a_set_of_rights_is_replaced_and_removed
    rights_need_somebody_and_somewhere
}

async fn change(house: &House, author: &Author, change: Change) -> RightsChange {
    match house.make_one(author, change).await {
        Body::RightsChanged(change) => change,
        other => panic!("not about rights: {other:?}"),
    }
}

fn role(name: &str) -> Change {
    Change::CreateRole { name: name.into(), ordinality: 3 }
}

async fn make_role(house: &House, author: &Author, name: &str) -> Role {
    match change(house, author, role(name)).await {
        RightsChange::RoleCreated(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

fn rights(value: i32) -> Rights {
    let mut rights = Rights::default();
    rights.set(Right::ManageChats, value);
    rights
}

async fn a_role_is_made_given_taken_and_deleted(house: House) {
    let (admin, _) = house.found().await;
    let ann = house.user("ann").await;
    let mods = make_role(&house, &admin, "mods").await;
    assert_eq!((mods.name.as_str(), mods.ordinality), ("mods", 3));
    for (user, member, members) in [
        (ann.id, true, vec![ann.id]),
        (admin.id, true, vec![admin.id, ann.id]),
        (ann.id, true, vec![admin.id, ann.id]),
        (ann.id, false, vec![admin.id]),
        (ann.id, false, vec![admin.id]),
    ] {
        let said = change(&house, &admin, Change::AssignRole { role: mods.id, user, member }).await;
        assert_eq!(said, RightsChange::RoleAssigned { role: mods.id, user, member });
        assert_eq!(house.snapshot().await.roles, [(mods.clone(), members)]);
    }
    let grant = Grant { scope: Scope::Server, holder: Holder::Role(mods.id), rights: rights(1) };
    house.make(&admin, Change::SetGrant(grant)).await;
    let said = change(&house, &admin, Change::DeleteRole(mods.id)).await;
    assert_eq!(said, RightsChange::RoleDeleted(mods.id));
    let snapshot = house.snapshot().await;
    assert_eq!((snapshot.roles.len(), snapshot.grants.len()), (0, 1));
    assert_eq!(house.refused(&admin, Change::DeleteRole(mods.id)).await.0, Kind::NotFound);
    make_role(&house, &admin, "mods").await;
}

async fn role_names_are_unique(house: House) {
    let (admin, _) = house.found().await;
    make_role(&house, &admin, "mods").await;
    assert_eq!(house.refused(&admin, role("mods")).await.0, Kind::Conflict);
    make_role(&house, &admin, "Mods").await;
}

async fn roles_are_bounded_in_number(house: House) {
    let house = house.with(Limits { roles: 1, ..Limits::default() }).await;
    let (admin, _) = house.found().await;
    make_role(&house, &admin, "one").await;
    assert_eq!(house.refused(&admin, role("two")).await.0, Kind::TooMany);
}

async fn everyones_role_is_fixed(house: House) {
    let (admin, _) = house.found().await;
    let assignment = |member| Change::AssignRole { role: Id::EVERYONE, user: admin.id, member };
    for change in [Change::DeleteRole(Id::EVERYONE), assignment(true), assignment(false)] {
        assert_eq!(house.refused(&admin, change).await.0, Kind::Conflict);
    }
    let grant = Grant { scope: Scope::Server, holder: Holder::Role(Id::EVERYONE), rights: rights(-1) };
    house.make(&admin, Change::SetGrant(grant.clone())).await;
    assert!(house.snapshot().await.grants.contains(&grant));
}

async fn a_set_of_rights_is_replaced_and_removed(house: House) {
    let (admin, general) = house.found().await;
    let admins = house.snapshot().await.grants;
    let mods = make_role(&house, &admin, "mods").await;
    for scope in [Scope::Server, Scope::Room(general.id)] {
        for holder in [Holder::Role(mods.id), Holder::User(admin.id)] {
            if (scope, holder) == (Scope::Server, Holder::User(admin.id)) {
                continue;
            }
            for rights in [rights(5), rights(-5), Rights::admin()] {
                let grant = Grant { scope, holder, rights };
                let said = change(&house, &admin, Change::SetGrant(grant.clone())).await;
                assert_eq!(said, RightsChange::Granted(grant.clone()));
                let grants = house.snapshot().await.grants;
                assert!(grants.len() == 2 && grants.contains(&grant), "{grants:?}");
            }
            let empty = Grant { scope, holder, rights: Rights::default() };
            house.make(&admin, Change::SetGrant(empty)).await;
            assert_eq!(house.snapshot().await.grants, admins);
        }
    }
}

async fn rights_need_somebody_and_somewhere(house: House) {
    let (admin, general) = house.found().await;
    let grant = |scope, holder| Change::SetGrant(Grant { scope, holder, rights: rights(1) });
    let mods = make_role(&house, &admin, "mods").await;
    for (change, missing) in [
        (grant(Scope::Room(nowhere()), Holder::User(admin.id)), "room"),
        (grant(Scope::Server, Holder::User(nowhere())), "user"),
        (grant(Scope::Server, Holder::Role(nowhere())), "role"),
        (grant(Scope::Room(general.id), Holder::Role(nowhere())), "role"),
        (Change::AssignRole { role: nowhere(), user: admin.id, member: true }, "role"),
        (Change::AssignRole { role: mods.id, user: nowhere(), member: true }, "user"),
        (Change::DeleteRole(nowhere()), "role"),
    ] {
        assert_eq!(house.refused(&admin, change).await, (Kind::NotFound, format!("no {missing} 4242")));
    }
}
