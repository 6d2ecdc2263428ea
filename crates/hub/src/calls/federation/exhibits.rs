//! Calls from other houses: what this one shows of itself.

use quintet_core::federation::desk::{Exhibit, Exhibition, Shown};
use quintet_core::federation::{Audience, Host, Note, Own, Signed, Target, Told};
use quintet_core::limits::size;
use quintet_core::{Body, Chat, Error, Id, Timestamp, User};

use super::Asker;

impl Asker<'_> {
    pub(super) async fn show(&self, exhibit: Exhibit, reader: Option<Box<Signed>>) -> Result<Told, Error> {
        let reader = match reader {
            Some(signed) => Some(self.checked(*signed).await?.signer.host().clone()),
            None => None,
        };
        let shown = self.shown_to(exhibit, reader.as_ref()).await?;
        let pen = self.hub.federation()?.pen();
        Ok(Told::Shown(Box::new(Exhibition { shown, pen, at: self.hub.now() })))
    }

    async fn shown_to(&self, exhibit: Exhibit, reader: Option<&Host>) -> Result<Shown, Error> {
        match exhibit {
            Exhibit::House => Ok(self.shown_house()),
            Exhibit::User(user) => shown_user(self.resident(user)),
            Exhibit::Named(name) => shown_user(self.hub.directory.resident_named(&name)),
            Exhibit::Note(note) => Ok(Shown::Note(Box::new(self.visible_note(note, reader).await?))),
            Exhibit::Room(room) => {
                let room = self.hub.directory.room(room).filter(|room| self.hub.room_may_be_named(room.id, reader));
                Ok(Shown::Room(Box::new(room.ok_or_else(nothing)?)))
            }
            Exhibit::Reaction { user, to, reaction } => self.shown_reaction(user, to, reaction, reader).await,
            Exhibit::Page { of, list, form, offset, limit } => {
                let limit = limit.min(self.hub.limits.page_chats);
                let (items, total) = self.shown_list(&of, list, form, (offset, limit), reader).await?;
                Ok(Shown::Page { of, total, items })
            }
        }
    }

    fn shown_house(&self) -> Shown {
        let server = self.hub.directory.server();
        let created_at = self.hub.directory.founded_at().unwrap_or(Timestamp::from_millis(0));
        Shown::House { name: server.name, description: server.description, created_at }
    }

    /// A user of this house itself who is not locked out.
    pub(super) fn resident(&self, user: Id) -> Option<User> {
        self.hub.directory.user(user).filter(|user| user.remote.is_none() && !user.disabled)
    }

    /// A note of this house, or a chat as one, that may be shown. What is hidden looks like what is not there.
    pub(super) async fn visible_note(&self, id: Id, reader: Option<&Host>) -> Result<Note, Error> {
        let note = match self.hub.store.correspondence().note(id).await? {
            Some(note) => note,
            None => self.hub.note_of_chat(self.resident_chat(id).await?).await?,
        };
        let seen = self.resident(note.author.id).is_some() && self.hub.may_be_shown(&note, reader);
        if seen { Ok(note) } else { Err(nothing()) }
    }

    async fn resident_chat(&self, id: Id) -> Result<Chat, Error> {
        let chat = self.hub.store.chat(id).await?;
        chat.filter(|chat| self.resident(chat.author.id).is_some()).ok_or_else(nothing)
    }

    async fn shown_reaction(
        &self,
        by: Id,
        number: Id,
        reaction: String,
        reader: Option<&Host>,
    ) -> Result<Shown, Error> {
        self.resident(by).ok_or_else(nothing)?;
        let (to, at) = match self.hub.store.chat(number).await? {
            Some(chat) => {
                let at = self.felt_about_chat(&chat, by, &reaction, reader).await?.ok_or_else(nothing)?;
                (self.hub.name_of_chat(number).await?, at)
            }
            None => self.felt_about_entity(number, by, &reaction, reader).await?.ok_or_else(nothing)?,
        };
        Ok(Shown::Reaction { by, number, to, reaction, at })
    }

    /// What is felt about a private note is for its author's house.
    async fn felt_about_entity(
        &self,
        to: Id,
        by: Id,
        reaction: &str,
        reader: Option<&Host>,
    ) -> Result<Option<(Target, Timestamp)>, Error> {
        let letters = self.hub.store.correspondence();
        let Some(at) = letters.felt(by, to, reaction).await? else { return Ok(None) };
        let Some(entity) = letters.entity_numbered(to).await? else { return Ok(None) };
        let is_private = self.hub.federation()?.audience(&entity) == Some(Audience::Mentioned);
        if is_private && reader != Some(&entity.host) {
            return Ok(None);
        }
        Ok(entity.name.map(|name| (Target::Remote(name), at)))
    }

    /// Since when a user feels this about a chat of a federated room that may be shown.
    async fn felt_about_chat(
        &self,
        chat: &Chat,
        by: Id,
        reaction: &str,
        reader: Option<&Host>,
    ) -> Result<Option<Timestamp>, Error> {
        if !self.hub.room_may_be_shown(chat.room, reader) {
            return Ok(None);
        }
        let reactors = self.hub.store.reactors(chat.id).await?.unwrap_or_default();
        if !reactors.iter().any(|(other, users)| other == reaction && users.contains(&by)) {
            return Ok(None);
        }
        let history = self.hub.store.chat_history(chat.id, self.hub.limits.history_commits).await?;
        let felt = history.iter().rev().find(|event| {
            let adds =
                |body: &Body| matches!(body, Body::ChatReacted { change: Some((it, true)), .. } if it == reaction);
            event.author.id == by && adds(&event.body)
        });
        // What was felt before the house kept when counts from the chat on.
        Ok(Some(felt.map_or(chat.created_at, |event| event.at)))
    }

    /// Whom a user is to other houses.
    pub(super) fn named(&self, id: Id) -> Target {
        match self.hub.directory.remote(id) {
            Some(remote) => Target::Remote(remote.address),
            None if self.hub.directory.room(id).is_some() => Target::Own(Own::Room(id)),
            None => Target::Own(Own::User(id)),
        }
    }
}

fn shown_user(user: Option<User>) -> Result<Shown, Error> {
    user.map(|user| Shown::User(Box::new(user))).ok_or_else(nothing)
}

/// What is said of what is not there, and of what is not to be seen.
pub(super) fn nothing() -> Error {
    Error::not_found("there is no such thing here")
}

/// A part of a list, with how many there are in all.
pub(super) fn part<T>(all: impl ExactSizeIterator<Item = T>, (offset, limit): (u64, u64)) -> (Vec<T>, u64) {
    let total = all.len() as u64;
    (all.skip(size(offset)).take(size(limit)).collect(), total)
}
