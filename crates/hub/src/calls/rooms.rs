//! Calls about rooms.

use quintet_core::room::{NewRoom, RoomEdit};
use quintet_core::{Answer, Body, Change, Error, Id, Identity, Kind, Room};

use super::asker::{Asker, said};
use super::names::{check_name, check_size};

impl Asker<'_> {
    pub(super) fn rooms(&self) -> Answer {
        Answer::Rooms(match self.who() {
            Identity::User(user) => self.hub.directory.rooms_seen_by(*user),
            _ => self.hub.directory.rooms(),
        })
    }

    pub(super) fn room(&self, id: Id) -> Result<Answer, Error> {
        self.must_see(id)?;
        let room = self.hub.directory.room(id).ok_or_else(|| Error::not_found(format!("no room {id}")))?;
        Ok(Answer::Room(room))
    }

    pub(super) async fn create_room(&self, new: NewRoom) -> Result<Answer, Error> {
        if let Some(parent) = new.parent {
            self.must_see(parent).map_err(|_| unknown_parent(parent))?;
        }
        self.must_manage(new.parent)?;
        self.check_room(Some(&new.name), new.description.as_deref())?;
        self.check_capabilities(new.capabilities.as_deref().unwrap_or_default())?;
        let parent = new.parent;
        let events = self.append(Change::CreateRoom(new)).await.map_err(|error| match (error.kind(), parent) {
            // It went just now.
            (Kind::NotFound, Some(parent)) => unknown_parent(parent),
            _ => error,
        })?;
        let created = |body: &Body| if let Body::RoomCreated(room) = body { Some(room.clone()) } else { None };
        Ok(Answer::Room(said(&events, created)?))
    }

    pub(super) async fn change_room(&self, room: Id, edit: RoomEdit) -> Result<Answer, Error> {
        self.must_see(room)?;
        self.must_manage(Some(room))?;
        self.check_room(edit.name.as_deref(), edit.description.as_ref().and_then(|text| text.as_deref()))?;
        let events = self.append(Change::ChangeRoom { room, edit }).await?;
        Ok(Answer::Room(said(&events, |body| changed(body, room))?))
    }

    pub(super) async fn delete_room(&self, room: Id) -> Result<Answer, Error> {
        self.must_see(room)?;
        self.must_manage(Some(room))?;
        self.append(Change::DeleteRoom(room)).await?;
        Ok(Answer::Done)
    }

    pub(super) fn check_room(&self, name: Option<&str>, description: Option<&str>) -> Result<(), Error> {
        let limits = &self.hub.limits;
        name.map_or(Ok(()), |name| check_name("name", name, limits))?;
        description.map_or(Ok(()), |text| check_size("description", text, limits.description_bytes))
    }

    fn check_capabilities(&self, capabilities: &[String]) -> Result<(), Error> {
        let limits = &self.hub.limits;
        if capabilities.len() as u64 > limits.room_capabilities {
            let most = limits.room_capabilities;
            return Err(Error::bad_message(format!("a room has {most} capabilities at most")));
        }
        capabilities.iter().try_for_each(|name| check_name("capability", name, limits))
    }
}

fn unknown_parent(parent: Id) -> Error {
    Error::bad_message(format!("no room {parent} to put it in"))
}

fn changed(body: &Body, id: Id) -> Option<Room> {
    match body {
        Body::RoomChanged(room) if room.id == id => Some(room.clone()),
        _ => None,
    }
}
