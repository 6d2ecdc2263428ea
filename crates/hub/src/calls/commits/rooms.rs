//! Commits on rooms: one is renamed, described or deleted.

use std::sync::Arc;

use quintet_core::hierarchy::Act;
use quintet_core::room::RoomEdit;
use quintet_core::{Change, Commit, Error, Event, Id, Right, term};
use serde_json::Value;

use crate::calls::asker::Asker;
use crate::calls::lacking::{lacks, missing};

impl Asker<'_> {
    /// `NotFound` for a room that the asker does not see.
    pub(super) async fn commit_to_room(&self, room: Id, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        if !self.could(Right::View, room) {
            return Err(missing(commit.subject.as_str()));
        }
        if !self.could(Right::ManageRooms, room) {
            return Err(lacks(Act::Write, &self.reader()));
        }
        if commit.destroy {
            // A room that went does not come back: the commit cannot be used again.
            let user = self.enrolled().await?;
            return Asker::new(self.hub, &user).append(Change::DeleteRoom(room)).await;
        }
        let edit = edit(commit)?;
        self.check_room(edit.name.as_deref(), edit.description.as_ref().and_then(|text| text.as_deref()))?;
        let user = self.enrolled().await?;
        Asker::new(self.hub, &user).append_signed(Change::ChangeRoom { room, edit }, commit).await
    }
}

fn edit(commit: &Commit) -> Result<RoomEdit, Error> {
    let refused = || {
        Error::bad_message(format!(
            "of a room, a commit changes {} and {}, and nothing else",
            term::NAME,
            term::DESCRIPTION
        ))
    };
    let mut edit = RoomEdit::default();
    if commit.remove.iter().any(|property| property != term::DESCRIPTION) || !commit.push.is_empty() {
        return Err(refused());
    }
    if !commit.remove.is_empty() {
        edit.description = Some(None);
    }
    for (property, value) in &commit.set {
        match (property.as_str(), value) {
            (term::NAME, Value::String(name)) => edit.name = Some(name.clone()),
            (term::DESCRIPTION, Value::String(text)) => edit.description = Some(Some(text.clone())),
            _ => return Err(refused()),
        }
    }
    if edit.name.is_none() && edit.description.is_none() { Err(refused()) } else { Ok(edit) }
}
