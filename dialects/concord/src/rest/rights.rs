//! Rights, everywhere or in one channel. The calls are ours.

use quintet_core::right::{Grant, Holder, Scope};
use quintet_core::{Answer, Call, Id};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok_all};
use crate::rest::asking::Asking;
use crate::wire::rights::{GrantObject, RightsBody};

/// `GET /api/rights`
pub(super) fn of_server(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(list(Scope::Server))
}

/// `GET /api/channels/{id}/rights`: those given there, not those above.
pub(super) fn of_channel(_: &Asking<'_>, channel: Id) -> Result<Asked, Refusal> {
    Ok(list(Scope::Room(channel)))
}

/// `PUT /api/rights/users/{id}`
pub(super) fn put_user(asking: &Asking<'_>, user: Id) -> Result<Asked, Refusal> {
    put(asking, Scope::Server, Holder::User(user))
}

/// `PUT /api/rights/roles/{id}`
pub(super) fn put_role(asking: &Asking<'_>, role: Id) -> Result<Asked, Refusal> {
    put(asking, Scope::Server, Holder::Role(role))
}

/// `PUT /api/channels/{id}/rights/users/{id}`
pub(super) fn put_channel_user(asking: &Asking<'_>, channel: Id, user: Id) -> Result<Asked, Refusal> {
    put(asking, Scope::Room(channel), Holder::User(user))
}

/// `PUT /api/channels/{id}/rights/roles/{id}`
pub(super) fn put_channel_role(asking: &Asking<'_>, channel: Id, role: Id) -> Result<Asked, Refusal> {
    put(asking, Scope::Room(channel), Holder::Role(role))
}

fn list(scope: Scope) -> Asked {
    Asked::new(Call::Grants(scope), |answer| match answer {
        Ok(Answer::Grants(grants)) => ok_all::<_, GrantObject<'_>>(&grants),
        other => Err(Refusal::unexpected(other)),
    })
}

/// Replaces the whole set; an empty one takes it away.
fn put(asking: &Asking<'_>, scope: Scope, holder: Holder) -> Result<Asked, Refusal> {
    let body: RightsBody = asking.json()?;
    let rights = body.rights().map_err(|error| Refusal::from(&error))?;
    Ok(Asked::done(Call::SetGrant(Grant { scope, holder, rights })))
}
