//! Calls about notes of users of this house, and what these feel about those of others.

use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Audience, FollowState, Note, Own, Target, Told};
use quintet_core::{Body, Change, Error, Id};

use super::super::asker::said;
use super::super::names::check_text;
use super::Asker;
use crate::federation::Said;

impl Asker<'_> {
    /// Says something to other houses. Whoever is named in it, as in `@bob@b.example`, is mentioned.
    pub(super) async fn post_note(&self, new: NewNote) -> Result<Told, Error> {
        let me = self.user()?;
        check_text("note", &new.content, self.hub.limits.content_bytes)?;
        self.check_audience(me, &new.audience)?;
        if let Some(Target::Own(answered)) = &new.replies_to {
            self.must_be_said(answered).await?;
        }
        let mentions = self.mentions(&new.content, new.mentions, &new.audience).await?;
        if new.audience == Audience::Mentioned && mentions.is_empty() {
            return Err(Error::bad_message("this note is for nobody: name whom it is for, as in @bob@b.example"));
        }
        let events = self.append(Change::PostNote(NewNote { mentions, ..new })).await?;
        said(&events, |body| if let Body::NotePosted(note) = body { Some(note.clone()) } else { None }).map(Told::Note)
    }

    /// Whether the author may say something there.
    fn check_audience(&self, me: Id, audience: &Audience) -> Result<(), Error> {
        let group = match audience {
            Audience::Group(group) => group,
            Audience::Public | Audience::Followers | Audience::Mentioned => return Ok(()),
        };
        let Target::Remote(address) = group else {
            return Err(Error::bad_message("this is a room of this server: write a chat there, its members get it"));
        };
        let directory = &self.hub.directory;
        let group = directory.user_at(&address.key);
        let standing = group.and_then(|group| directory.follow(me, group));
        match standing {
            Some(FollowState::Accepted) => Ok(()),
            Some(_) => Err(Error::forbidden("this group has not let you in yet; try again when it has")),
            None => Err(Error::forbidden("you are not in this group: follow its URL first")),
        }
    }

    /// `NotFound` for what nobody here has said, and for what the asker cannot have read.
    async fn must_be_said(&self, answered: &Own) -> Result<(), Error> {
        let Own::Note(id) = answered else {
            return Err(Error::bad_message("only notes are replied to; name one by its URL or number"));
        };
        if let Some(note) = self.hub.store.correspondence().note(*id).await? {
            let read = self.may_have_read(&note)?;
            return if read { Ok(()) } else { Err(Error::not_found(format!("no note {id}"))) };
        }
        self.seen_chat(*id).await.map(drop).map_err(|_| Error::not_found(format!("no note {id}")))
    }

    fn may_have_read(&self, note: &Note) -> Result<bool, Error> {
        let (me, author) = (self.user()?, note.author.id);
        let is_named = author == me || note.mentions.contains(&Target::Own(Own::User(me)));
        Ok(match note.audience {
            Audience::Public => true,
            Audience::Followers => is_named || self.hub.directory.follow(me, author) == Some(FollowState::Accepted),
            Audience::Mentioned | Audience::Group(_) => is_named,
        })
    }

    pub(super) async fn edit_note(&self, note: Id, content: String) -> Result<Told, Error> {
        self.user()?;
        check_text("note", &content, self.hub.limits.content_bytes)?;
        let events = self.append(Change::EditNote { note, content }).await?;
        said(&events, |body| if let Body::NoteEdited(note) = body { Some(note.clone()) } else { None }).map(Told::Note)
    }

    pub(super) async fn delete_note(&self, note: Id) -> Result<Told, Error> {
        self.user()?;
        self.append(Change::DeleteNote(note)).await?;
        Ok(Told::Done)
    }

    /// A chat is reacted to as its room has it, whoever wrote it.
    pub(super) async fn react_to_note(&self, note: &str, reaction: String, adding: bool) -> Result<Told, Error> {
        self.user()?;
        check_text("reaction", &reaction, self.hub.limits.reaction_bytes)?;
        match self.hub.said_at(note).await? {
            Said::Chat(chat) => self.react(chat, reaction, adding).await.map(drop)?,
            Said::Elsewhere(to) => drop(self.append(Change::ReactToNote { to, reaction, adding }).await?),
            Said::Note(_) => {
                return Err(Error::bad_message(
                    "this note is of this server; only chats and notes of others take reactions",
                ));
            }
        }
        Ok(Told::Done)
    }
}
