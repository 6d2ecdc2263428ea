//! Resources: what stands at a subject, as far as the asker may read it.

use quintet_core::hierarchy::Act;
use quintet_core::{AgentKey, Chat, Document, Error, Identity, Kind, Right, Room, Subject, term};
use quintet_store::Rooms;

use super::asker::Asker;
use super::lacking::{lacks, missing};
use crate::place::Place;

/// How often a document is read again that has changed meanwhile.
const ATTEMPTS: usize = 64;

/// What stands at a subject.
pub(super) enum Resource {
    /// A room.
    Room(Room),
    /// A chat, under any of its subjects.
    Chat(Box<Chat>),
    /// Whoever holds a key, with what it wrote of itself.
    Agent(AgentKey, Option<Document>),
    /// A stored document.
    Document(Document),
}

impl Asker<'_> {
    /// What stands at a subject. `NotFound`, or `Unauthenticated` or `Forbidden` without the right to read it.
    pub(super) async fn resource(&self, subject: &Subject) -> Result<Resource, Error> {
        if !subject.is_within(self.hub.origin()) {
            return Err(missing(subject.as_str()));
        }
        match Place::of(subject) {
            Place::Room(room) => {
                let seen = self.hub.directory.room(room).filter(|_| self.may(Right::View, room));
                seen.map(Resource::Room).ok_or_else(|| self.hidden(subject))
            }
            Place::Chat { room, .. } if !self.may(Right::View, room) => Err(self.hidden(subject)),
            Place::Chat { room, chat } => {
                let found = self.hub.store.chat(chat).await?.filter(|chat| chat.room == room);
                found.map(|chat| Resource::Chat(Box::new(chat))).ok_or_else(|| missing(subject.as_str()))
            }
            Place::Agent(key) => Ok(Resource::Agent(key, self.hub.store.document(subject).await?)),
            Place::Root | Place::Named(_) | Place::Reserved | Place::Free => self.stored(subject).await,
        }
    }

    async fn stored(&self, subject: &Subject) -> Result<Resource, Error> {
        if let Some(document) = self.stored_document(subject).await? {
            return Ok(Resource::Document(document));
        }
        match self.hub.store.chat_at(subject).await? {
            Some(chat) if self.may(Right::View, chat.room) => Ok(Resource::Chat(Box::new(chat))),
            Some(_) => Err(self.hidden(subject)),
            None => Err(missing(subject.as_str())),
        }
    }

    /// The document that is stored at a subject. The right to read it was asked about this state of it, and no other: what was private and became
    /// public, or the other way round, may have been made anew in between.
    ///
    /// `Unauthenticated` or `Forbidden` without that right; `Unavailable` where it changes all the time.
    pub(super) async fn stored_document(&self, subject: &Subject) -> Result<Option<Document>, Error> {
        let reader = self.reader();
        let mut found = self.hub.store.document(subject).await?;
        for _ in 0..ATTEMPTS {
            let Some(document) = found else { return Ok(None) };
            if reader.root || reader.is_listed(Act::Read, &document.properties) {
                return Ok(Some(document));
            }
            // No two states have the same last commit. The whole is not held twice.
            let state = document.text(term::LAST_COMMIT).map(str::to_owned);
            drop(document);
            if !self.hub.store.may(&reader, Act::Read, subject).await? {
                return Err(lacks(Act::Read, &reader));
            }
            found = self.hub.store.document(subject).await?;
            if found.as_ref().is_some_and(|found| found.text(term::LAST_COMMIT) == state.as_deref()) {
                return Ok(found);
            }
        }
        Err(Error::unavailable("it changes faster than it can be read, try again"))
    }

    /// As [`Asker::resource`]; `None` for whatever the asker cannot read, for whatever reason.
    pub(super) async fn readable(&self, subject: &Subject) -> Result<Option<Resource>, Error> {
        match self.resource(subject).await {
            Ok(resource) => Ok(Some(resource)),
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Unauthenticated | Kind::Forbidden) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A stored document, if it may be read, whatever it is shown as.
    pub(super) async fn readable_document(&self, subject: &Subject) -> Result<Option<Document>, Error> {
        Ok(match self.readable(subject).await? {
            Some(Resource::Document(document)) => Some(document),
            Some(Resource::Agent(_, stored)) => stored,
            Some(Resource::Room(_) | Resource::Chat(_)) | None => None,
        })
    }

    /// Whether this is a user of the house, or the house: somebody to whom others are no secret.
    pub(super) fn is_known(&self) -> bool {
        self.must_be_known().is_ok()
    }

    /// What is in a room that the asker may not view looks as if it was not there. Who is nobody is told to sign in, whether it is there or not:
    /// clients ask again then.
    pub(super) fn hidden(&self, subject: &Subject) -> Error {
        let reader = self.reader();
        if reader.agent.is_none() && !reader.root { lacks(Act::Read, &reader) } else { missing(subject.as_str()) }
    }

    /// The rooms that the asker may view, parents first.
    pub(super) fn viewed_rooms(&self) -> Vec<Room> {
        if let Identity::User(user) = self.who() {
            return self.hub.directory.rooms_seen_by(*user);
        }
        let mut rooms = self.hub.directory.rooms();
        rooms.retain(|room| self.may(Right::View, room.id));
        rooms
    }

    /// The rooms whose chats the asker may find.
    pub(super) fn searched_rooms(&self) -> Rooms {
        match self.who() {
            Identity::House => Rooms::All,
            Identity::User(user) => self.hub.directory.readable_rooms(*user),
            _ => {
                let rooms = self.hub.directory.rooms().into_iter().map(|room| room.id);
                Rooms::Except(rooms.filter(|room| !self.may(Right::View, *room)).collect())
            }
        }
    }
}
