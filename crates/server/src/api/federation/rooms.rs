//! Rooms, through the API: whether users of other servers can be in them.

use quintet_core::federation::{Own, Target};
use quintet_core::http::Response;
use quintet_core::room::RoomEdit;
use quintet_core::{Answer, Call, Error, Room};
use serde::{Deserialize, Serialize};

use super::super::wire::{read, reply};
use super::super::{Desk, unexpected};

/// `PUT /rooms/{number or name}/federated`
pub(super) async fn federate(desk: &Desk<'_>, room: &str, body: &[u8]) -> Result<Response, Error> {
    let Federate { federated } = read(body)?;
    let federation = desk.hub.federation()?;
    let room = find(desk, room).await?.id;
    let edit = RoomEdit { federated: Some(federated), ..RoomEdit::default() };
    match desk.ask(Call::ChangeRoom { room, edit }).await? {
        Answer::Room(room) => {
            let url = room.federated.then(|| federation.spell(&Target::Own(Own::Room(room.id))));
            reply(200, &RoomView { id: room.id.get(), name: &room.name, federated: room.federated, url })
        }
        other => Err(unexpected(&other)),
    }
}

/// The room of this number or, where there is none, of this name.
async fn find(desk: &Desk<'_>, text: &str) -> Result<Room, Error> {
    let mut rooms = match desk.ask(Call::Rooms).await? {
        Answer::Rooms(rooms) => rooms,
        other => return Err(unexpected(&other)),
    };
    if let Some(place) = rooms.iter().position(|room| room.id.to_string() == text) {
        return Ok(rooms.swap_remove(place));
    }
    rooms.retain(|room| room.name == text);
    match (rooms.pop(), rooms.len()) {
        (Some(room), 0) => Ok(room),
        (Some(_), more) => {
            Err(Error::conflict(format!("{} rooms have this name, name the one by its number", more + 1)))
        }
        (None, _) => Err(Error::not_found("no room has this number or name")),
    }
}

/// `PUT /rooms/{room}/federated`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Federate {
    federated: bool,
}

/// A room.
#[derive(Serialize)]
struct RoomView<'a> {
    id: u64,
    name: &'a str,
    federated: bool,
    /// Where others find it, where they can.
    url: Option<String>,
}
