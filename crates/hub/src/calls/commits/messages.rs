//! Commits that are chats: a Message below a room says something there.

use std::sync::Arc;

use quintet_core::chat::NewChat;
use quintet_core::hierarchy::Act;
use quintet_core::{Change, Chat, Commit, Error, Event, Id, Kind, Right, term};
use serde_json::Value;

use super::reaction;
use crate::calls::asker::Asker;
use crate::calls::lacking::{lacks, missing};
use crate::calls::names::check_text;

impl Asker<'_> {
    /// Has a new message said in a room. What the commit sets beside `description` is on record with it, and changes nothing.
    pub(super) async fn say(&self, room: Id, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        let content = commit.set.get(term::DESCRIPTION).ok_or_else(|| {
            Error::bad_message(format!(
                "Property {} missing. Is required in class {}",
                term::DESCRIPTION,
                term::MESSAGE
            ))
        })?;
        let content = self.content(content)?;
        self.must_speak(room, commit)?;
        let sent_at = Some(commit.created_at).filter(|sent_at| self.is_about_now(*sent_at));
        let new = NewChat { room, thread: None, content, sent_at, subject: Some(commit.subject.clone()) };
        self.append_signed(Change::PostChat(new), commit).await.map_err(|error| match error.kind() {
            // The room went just now.
            Kind::NotFound => unknown_parent(commit),
            _ => error,
        })
    }

    fn must_speak(&self, room: Id, commit: &Commit) -> Result<(), Error> {
        if self.who().user().is_none() {
            // Whether the room is there is not for strangers to know.
            return Err(lacks(Act::Append, &self.reader()));
        }
        self.hub.policy.may_write(self.who(), room).map_err(|error| match error.kind() {
            Kind::NotFound => unknown_parent(commit),
            _ => lacks(Act::Append, &self.reader()),
        })
    }

    fn content(&self, value: &Value) -> Result<String, Error> {
        let text = value.as_str().ok_or_else(|| Error::bad_message(format!("{}: not a text", term::DESCRIPTION)))?;
        check_text("description", text, self.hub.limits.content_bytes)?;
        Ok(text.to_owned())
    }

    /// Changes or deletes a message, or reacts to it. `NotFound` in a room that the asker does not see.
    pub(super) async fn commit_to_chat(&self, chat: Chat, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        if !self.may(Right::View, chat.room) {
            return Err(missing(commit.subject.as_str()));
        }
        let change = self.change_of_chat(&chat, commit)?;
        self.append_signed(change, commit).await
    }

    fn change_of_chat(&self, chat: &Chat, commit: &Commit) -> Result<Change, Error> {
        if commit.destroy {
            let may = self.is_author(chat) || self.may(Right::ManageChats, chat.room);
            return if may { Ok(Change::DeleteChat(chat.id)) } else { Err(lacks(Act::Write, &self.reader())) };
        }
        let mut set = commit.set.iter();
        let (set, more) = (set.next(), set.next().is_some() || !commit.push.is_empty());
        match (set, &commit.remove[..]) {
            (Some((property, content)), []) if property == term::DESCRIPTION && !more => self.edit(chat, content),
            (Some((property, wanted)), []) if property == term::REACTIONS && !more => self.reaction(chat, Some(wanted)),
            (None, [property]) if property == term::REACTIONS && !more => self.reaction(chat, None),
            _ => Err(Error::bad_message(format!(
                "of a message in a room, one commit changes {} or {}, and nothing else",
                term::DESCRIPTION,
                term::REACTIONS
            ))),
        }
    }

    fn edit(&self, chat: &Chat, content: &Value) -> Result<Change, Error> {
        if !self.is_author(chat) || !self.may(Right::Write, chat.room) {
            return Err(lacks(Act::Write, &self.reader()));
        }
        Ok(Change::EditChat { chat: chat.id, content: self.content(content)? })
    }

    fn reaction(&self, chat: &Chat, wanted: Option<&Value>) -> Result<Change, Error> {
        if !self.may(Right::React, chat.room) {
            return Err(lacks(Act::Append, &self.reader()));
        }
        let (reaction, adding) = reaction::wanted(wanted, &chat.reactions)?;
        check_text("reaction", &reaction, self.hub.limits.reaction_bytes)?;
        Ok(Change::React { chat: chat.id, reaction, adding })
    }
}

fn unknown_parent(commit: &Commit) -> Error {
    let parent = commit.set.get(term::PARENT).and_then(Value::as_str).unwrap_or_default();
    Error::bad_message(format!("Parent of {} not found: {parent}", commit.subject))
}
