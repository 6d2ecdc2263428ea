//! Somebody is always left who can undo things.

use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::{Answer, Call, Id, Kind};

use crate::house::{House, Who, house};

fn flag(holder: Holder, rights: Rights) -> Call {
    Call::SetGrant(Grant { scope: Scope::Server, holder, rights })
}

#[tokio::test]
async fn the_last_admin_cannot_resign() {
    let house_ = House::new().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    let resign = flag(Holder::User(admin.id()), Rights::default());
    let leave = Call::SetDisabled { user: admin.id(), disabled: true };
    for call in [resign.clone(), leave.clone()] {
        let error = house_.ask(&admin, call).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(error.public().contains("admin"), "{error}");
    }
    house_.done(&admin, flag(Holder::User(ann.id()), Rights::admin())).await;
    house_.done(&admin, resign).await;
    let last = Call::SetDisabled { user: ann.id(), disabled: true };
    assert_eq!(house_.refusal(&ann, last).await, Kind::Conflict, "now ann is the last");
}

#[tokio::test]
async fn a_role_can_make_the_last_admin_too() {
    let house_ = House::new().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    let create = Call::CreateRole { name: "crew".into(), ordinality: 0 };
    let Ok(Answer::Roles(made)) = house_.ask(&admin, create).await else { panic!() };
    let role = made[0].role.id;
    house_.done(&admin, Call::AssignRole { role, user: ann.id(), member: true }).await;
    house_.done(&admin, flag(Holder::Role(role), Rights::admin())).await;
    house_.done(&admin, Call::SetDisabled { user: admin.id(), disabled: true }).await;
    let losses = [
        Call::DeleteRole(role),
        Call::AssignRole { role, user: ann.id(), member: false },
        flag(Holder::Role(role), Rights::default()),
        Call::SetDisabled { user: ann.id(), disabled: true },
    ];
    for call in losses {
        assert_eq!(house_.refusal(&ann, call.clone()).await, Kind::Conflict, "{call:?}");
    }
    house_.done(&ann, flag(Holder::Role(role), Rights::admin())).await;
}

#[tokio::test]
async fn two_admins_cannot_lock_each_other_out_at_once() {
    let house_ = House::patient().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    house_.done(&admin, flag(Holder::User(ann.id()), Rights::admin())).await;
    let lock_out = |user: Id| Call::SetDisabled { user, disabled: true };
    let (one, other) = tokio::join!(house_.ask(&admin, lock_out(ann.id())), house_.ask(&ann, lock_out(admin.id())));
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
}

#[tokio::test]
async fn the_operator_may_lock_out_anybody() {
    let house_ = House::new().await;
    let admin = house_.admin().await;
    house_.done(&house(), Call::SetDisabled { user: admin.id(), disabled: true }).await;
    assert_eq!(house_.refusal(&admin, Call::Me).await, Kind::Unauthenticated);
}
