//! Roles. The calls are ours: "there is no endpoint for roles or rights" upstream.

use quintet_core::{Answer, Call, Id};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok, ok_all};
use crate::rest::asking::Asking;
use crate::wire::rights::{RoleBody, RoleObject};

/// `GET /api/roles`
pub(super) fn all(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Roles, |answer| match answer {
        Ok(Answer::Roles(roles)) => ok_all::<_, RoleObject<'_>>(&roles),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `POST /api/roles`: 409 if the name is taken.
pub(super) fn create(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    let body: RoleBody = asking.json()?;
    let call = Call::CreateRole { name: body.name.0, ordinality: body.ordinality };
    Ok(Asked::new(call, |answer| match answer {
        Ok(Answer::Roles(roles)) if roles.len() == 1 => ok(&RoleObject::from(&roles[0])),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `DELETE /api/roles/{id}`
pub(super) fn delete(_: &Asking<'_>, role: Id) -> Result<Asked, Refusal> {
    Ok(Asked::done(Call::DeleteRole(role)))
}

/// `PUT /api/roles/{id}/users/{id}`
pub(super) fn give(_: &Asking<'_>, role: Id, user: Id) -> Result<Asked, Refusal> {
    Ok(Asked::done(Call::AssignRole { role, user, member: true }))
}

/// `DELETE /api/roles/{id}/users/{id}`
pub(super) fn take(_: &Asking<'_>, role: Id, user: Id) -> Result<Asked, Refusal> {
    Ok(Asked::done(Call::AssignRole { role, user, member: false }))
}
