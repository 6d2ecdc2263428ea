//! Procedures about who and what there is: rooms, those in them, users.

use quintet_core::plain::{KnownUser, PresentObject, RoomObject};
use quintet_core::procedure::Outcome;
use quintet_core::{Answer, Error, Payload};
use serde_json::json;

use super::{Asker, odd, outcome};

/// `{roomId}` → `{users}`.
pub(super) fn presence(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let room = payload.id("roomId");
    let present = asker.present(payload.all(room)?)?;
    let users: Vec<_> = present.iter().map(PresentObject::of).collect();
    outcome(&json!({ "users": users }))
}

/// → `{rooms}`.
pub(super) fn rooms(asker: &Asker<'_>) -> Result<Outcome, Error> {
    let Answer::Rooms(rooms) = asker.rooms() else { return Err(odd()) };
    let rooms: Vec<_> = rooms.iter().map(RoomObject::of).collect();
    outcome(&json!({ "rooms": rooms }))
}

/// `{id}` → `{user}`.
pub(super) fn user(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let id = payload.id("id");
    let Answer::User(user) = asker.user_by_id(payload.all(id)?)? else { return Err(odd()) };
    outcome(&json!({ "user": KnownUser::of(&user) }))
}
