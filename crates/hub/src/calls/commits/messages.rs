//! Commits that are chats: a Message below a room says something there.

use std::sync::Arc;

use quintet_core::chat::NewChat;
use quintet_core::hierarchy::Act;
use quintet_core::{Change, Chat, Commit, Error, Event, Id, Kind, Right, Timestamp, term};
use serde_json::Value;

use super::{reaction, said};
use crate::calls::asker::Asker;
use crate::calls::lacking::{lacks, missing};
use crate::calls::names::check_text;

impl Asker<'_> {
    /// Has a new message said in a room. What the commit sets beside `description` is on record with it, and heard with it.
    pub(super) async fn say(&self, room: Id, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        let content = commit.set.get(term::DESCRIPTION).ok_or_else(|| {
            Error::bad_message(format!(
                "Property {} missing. Is required in class {}",
                term::DESCRIPTION,
                term::MESSAGE
            ))
        })?;
        let content = self.content(content)?;
        said::check(commit, self.latest())?;
        self.must_speak(room, commit)?;
        let sent_at = Some(commit.created_at).filter(|sent_at| self.is_about_now(*sent_at));
        let new = NewChat { room, thread: None, content, sent_at, subject: Some(commit.subject.clone()) };
        let user = self.enrolled().await?;
        let posted = Asker::new(self.hub, &user).append_signed(Change::PostChat(new), commit).await;
        posted.map_err(|error| match error.kind() {
            // The room went just now.
            Kind::NotFound => unknown_parent(commit),
            _ => error,
        })
    }

    fn must_speak(&self, room: Id, commit: &Commit) -> Result<(), Error> {
        let is_stranger = self.who().user().is_none() && !self.is_newcomer();
        match (self.could(Right::View, room), self.could(Right::Write, room)) {
            // Whether the room is there is not for strangers to know.
            _ if is_stranger => Err(lacks(Act::Append, &self.reader())),
            (true, true) => Ok(()),
            (true, false) => Err(lacks(Act::Append, &self.reader())),
            (false, _) => Err(unknown_parent(commit)),
        }
    }

    /// The last moment that is not in the future, for clocks that are a little ahead.
    fn latest(&self) -> Timestamp {
        let skew = self.hub.limits.signature_skew_seconds.saturating_mul(1000);
        let skew = i64::try_from(skew).unwrap_or(i64::MAX);
        Timestamp::from_millis(self.hub.now().millis().saturating_add(skew))
    }

    fn content(&self, value: &Value) -> Result<String, Error> {
        let text = value.as_str().ok_or_else(|| Error::bad_message(format!("{}: not a text", term::DESCRIPTION)))?;
        check_text("description", text, self.hub.limits.content_bytes)?;
        Ok(text.to_owned())
    }

    /// Changes or deletes a message, or reacts to it. `NotFound` in a room that the asker does not see.
    pub(super) async fn commit_to_chat(&self, chat: Chat, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        if !self.could(Right::View, chat.room) {
            return Err(missing(commit.subject.as_str()));
        }
        let change = self.change_of_chat(&chat, commit)?;
        let user = self.enrolled().await?;
        Asker::new(self.hub, &user).append_signed(change, commit).await
    }

    fn change_of_chat(&self, chat: &Chat, commit: &Commit) -> Result<Change, Error> {
        if commit.destroy {
            let may = self.is_author(chat) || self.could(Right::ManageChats, chat.room);
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
        if !self.could(Right::React, chat.room) {
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
