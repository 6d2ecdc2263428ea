//! Sayings: notes and chats by the names that people type, numbers or URLs.

use quintet_core::federation::desk::Kept;
use quintet_core::federation::{Own, Target};
use quintet_core::{Error, Id};

use super::naming::plain;
use crate::hub::Hub;

/// Something that was said.
pub(crate) enum Said {
    /// A chat, whoever wrote it.
    Chat(Id),
    /// A note of this house.
    Note(Id),
    /// Something of another house, by its number here.
    Elsewhere(Id),
}

impl Hub {
    /// What a number or URL names. `NotFound` for what is not known here, `BadMessage` for what names nothing that is said.
    pub(crate) async fn said_at(&self, text: &str) -> Result<Said, Error> {
        let target = match number(text) {
            Some(id) => return self.said_under(id, text).await,
            None => self.federation()?.target(text)?,
        };
        match target {
            Target::Own(Own::Note(id)) => self.said_under(id, text).await,
            Target::Own(_) => Err(Error::bad_message(format!("{} is no note", plain(text)))),
            Target::Remote(address) => {
                let kept = self.store.correspondence().entity(&address.key).await?;
                kept.as_ref().map(said).ok_or_else(|| unknown(text))
            }
        }
    }

    async fn said_under(&self, id: Id, text: &str) -> Result<Said, Error> {
        if self.store.chat(id).await?.is_some() {
            return Ok(Said::Chat(id));
        }
        let correspondence = self.store.correspondence();
        if correspondence.note(id).await?.is_some() {
            return Ok(Said::Note(id));
        }
        let kept = correspondence.entity_numbered(id).await?;
        kept.as_ref().map(said).ok_or_else(|| unknown(text))
    }

    /// What a reply to this number or URL is a reply to, as others name it. What is of another house need not be known here, if it is named by a URL.
    pub async fn answerable(&self, text: &str) -> Result<Target, Error> {
        let Some(id) = number(text) else { return self.federation()?.target(text) };
        match self.said_under(id, text).await? {
            Said::Chat(chat) => self.name_of_chat(chat).await,
            Said::Note(id) => Ok(Target::Own(Own::Note(id))),
            Said::Elsewhere(id) => {
                let kept = self.store.correspondence().entity_numbered(id).await?;
                kept.and_then(|kept| kept.name).map(Target::Remote).ok_or_else(|| unknown(text))
            }
        }
    }
}

/// What came as a chat is one: whoever reacts to it reacts in its room.
fn said(kept: &Kept) -> Said {
    kept.chat.map_or(Said::Elsewhere(kept.id), Said::Chat)
}

fn number(text: &str) -> Option<Id> {
    text.parse().ok().and_then(Id::new)
}

fn unknown(text: &str) -> Error {
    Error::not_found(format!(
        "no note {} is known here; name one by its number in the timeline, or by its URL",
        plain(text)
    ))
}
