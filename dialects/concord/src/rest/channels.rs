//! Channels.

use quintet_core::http::Response;
use quintet_core::room::{NewRoom, RoomEdit};
use quintet_core::{Answer, Call, Error, Id};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok};
use crate::rest::asking::Asking;
use crate::wire::channel::{ChangeBody, ChannelObject, CreateBody, tree};

/// `GET /api/channels`: "array, tree form, roots only at top level".
pub(super) fn all(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Rooms, |answer| match answer {
        Ok(Answer::Rooms(rooms)) => ok(&tree(&rooms)),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `GET /api/channels/{id}`: "flat form | 404".
pub(super) fn one(_: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Room(id), channel))
}

/// `POST /api/channels`: "right needed; 400 on missing name; unknown parent 400".
pub(super) fn create(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    let body: CreateBody = asking.json()?;
    let room = NewRoom {
        name: body.name.0,
        description: body.description,
        parent: body.parent_channel_id.map(|parent| parent.0),
        ordinality: body.ordinality,
        capabilities: body.capabilities,
    };
    Ok(Asked::new(Call::CreateRoom(room), channel))
}

/// `PATCH /api/channels/{id}`: ours.
pub(super) fn change(asking: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    let body: ChangeBody = asking.json()?;
    let edit =
        RoomEdit { name: body.name.map(|name| name.0), description: body.description, federated: body.federated };
    Ok(Asked::new(Call::ChangeRoom { room: id, edit }, channel))
}

/// `DELETE /api/channels/{id}`: "right needed; 404; remove or re-parent children and announce each".
pub(super) fn delete(_: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    Ok(Asked::done(Call::DeleteRoom(id)))
}

fn channel(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Ok(Answer::Room(room)) => ok(&ChannelObject::from(&room)),
        other => Err(Refusal::unexpected(other)),
    }
}
