//! The asker: who asks, with what every call needs of it.

use std::sync::Arc;

use quintet_core::chat::Chat;
use quintet_core::hierarchy::Reader;
use quintet_core::{Body, Change, Commit, Draft, Error, Event, Id, Identity, Right, Topic};

use crate::hub::{Caller, Hub, locked_out};
use crate::policy::acts_as_house;

/// Somebody with a call, before the hub.
pub(super) struct Asker<'a> {
    pub(super) hub: &'a Hub,
    pub(super) caller: &'a Caller,
}

impl<'a> Asker<'a> {
    pub(super) fn new(hub: &'a Hub, caller: &'a Caller) -> Self {
        Self { hub, caller }
    }

    pub(super) fn who(&self) -> &'a Identity {
        &self.caller.identity
    }

    pub(super) fn is_house(&self) -> bool {
        acts_as_house(self.who())
    }

    /// A user who may act, the house, or a worker, who acts as it.
    pub(super) fn must_be_known(&self) -> Result<(), Error> {
        match self.who() {
            Identity::House | Identity::Worker(_) => Ok(()),
            Identity::User(_) if self.hub.policy.is_welcome(self.who()) => Ok(()),
            Identity::User(_) => Err(locked_out()),
            Identity::Public => Err(Error::unauthenticated("nobody is logged in, log in first")),
            Identity::Agent(_) | Identity::Instance(_) => {
                Err(Error::unauthenticated("this is no user of the house, log in as one"))
            }
        }
    }

    /// The user who asks; `BadMessage` for the house and workers, who are none.
    pub(super) fn user(&self) -> Result<Id, Error> {
        self.who().user().ok_or_else(|| Error::bad_message("only a user can ask this, the house and workers are none"))
    }

    pub(super) fn must_be_admin(&self) -> Result<(), Error> {
        if self.hub.policy.is_admin(self.who()) { Ok(()) } else { Err(Error::forbidden("only admins may do this")) }
    }

    pub(super) fn may(&self, right: Right, room: Id) -> bool {
        self.hub.policy.may(self.who(), right, room)
    }

    /// `NotFound` for a room that is unknown or not to be seen: the two look the same.
    pub(super) fn must_see(&self, room: Id) -> Result<(), Error> {
        let seen = self.may(Right::View, room) && self.hub.directory.room(room).is_some();
        if seen { Ok(()) } else { Err(Error::not_found(format!("no room {room}"))) }
    }

    /// `Forbidden` without the right to manage rooms in this one, or at the top.
    pub(super) fn must_manage(&self, room: Option<Id>) -> Result<(), Error> {
        let may = match (self.who(), room) {
            (Identity::User(user), room) => self.hub.directory.may(*user, Right::ManageRooms, room),
            (who, _) if acts_as_house(who) => true,
            _ => false,
        };
        if may { Ok(()) } else { Err(Error::forbidden("you may not manage rooms here, ask an admin")) }
    }

    /// A chat in a room that the asker sees; `NotFound` otherwise.
    pub(super) async fn seen_chat(&self, id: Id) -> Result<Chat, Error> {
        let chat = self.hub.store.chat(id).await?.filter(|chat| self.may(Right::View, chat.room));
        chat.ok_or_else(|| Error::not_found(format!("no chat {id}")))
    }

    /// Has a change remembered in the asker's name. Does not wait before the store has it.
    pub(super) async fn append(&self, change: Change) -> Result<Vec<Arc<Event>>, Error> {
        self.hub.store.append(self.draft(change)).await
    }

    /// As [`Asker::append`], with the commit by which the change came in.
    pub(super) async fn append_signed(&self, change: Change, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        self.hub.store.append(Draft { commit: Some(Arc::clone(commit)), ..self.draft(change) }).await
    }

    fn draft(&self, change: Change) -> Draft {
        Draft {
            author: self.hub.policy.author(self.who()),
            via: self.caller.via.clone(),
            at: self.hub.now(),
            change,
            commit: None,
        }
    }

    /// Says something that is not kept in the asker's name; the errors are those of [`Hub::publish`].
    pub(super) fn publish(&self, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        self.hub.publish(self.who(), self.caller.via.clone(), topics, body)
    }

    /// The asker as documents know it.
    pub(super) fn reader(&self) -> Reader {
        self.hub.policy.reader(self.who(), self.hub.origin())
    }
}

/// The part of what was said that the answer needs.
pub(super) fn said<T>(events: &[Arc<Event>], pick: impl Fn(&Body) -> Option<T>) -> Result<T, Error> {
    let found = events.iter().find_map(|event| pick(&event.body));
    found.ok_or_else(|| Error::internal("the store said something else than it was asked for"))
}
