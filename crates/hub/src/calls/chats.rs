//! Calls about chats and reactions.

use quintet_core::chat::{ChatFilter, NewChat};
use quintet_core::{Answer, Body, Change, Chat, Error, Id, Right, Timestamp};
use quintet_core::{Identity, Kind};
use quintet_store::Rooms;

use super::asker::{Asker, said};
use super::names::{check_size, check_text};

impl Asker<'_> {
    pub(super) async fn chats(&self, filter: ChatFilter) -> Result<Answer, Error> {
        if let Some(words) = &filter.words {
            check_size("search", words, self.hub.limits.content_bytes)?;
        }
        let limit = filter.limit.min(self.hub.limits.page_chats);
        // There are never more chats than ids.
        let beyond = limit == 0 || filter.skip > Id::MAX;
        match self.readable_rooms(filter.room) {
            Some(rooms) if !beyond => {
                Ok(Answer::Chats(self.hub.store.chats(&ChatFilter { limit, ..filter }, rooms).await?))
            }
            _ => Ok(Answer::Chats(Vec::new())),
        }
    }

    /// The rooms whose chats the asker may read, of this one or of all; `None` if it may not read this one.
    fn readable_rooms(&self, only: Option<Id>) -> Option<Rooms> {
        match (only, self.who()) {
            (Some(room), _) => self.may(Right::View, room).then_some(Rooms::All),
            (None, Identity::User(user)) => Some(self.hub.directory.readable_rooms(*user)),
            (None, _) => Some(Rooms::All),
        }
    }

    pub(super) async fn chat(&self, id: Id) -> Result<Answer, Error> {
        Ok(Answer::Chat(Box::new(self.seen_chat(id).await?)))
    }

    /// Reaches the store without waiting for anything, so that chats keep the order in which they were begun.
    pub(super) async fn post_chat(&self, new: NewChat) -> Result<Answer, Error> {
        check_text("chat", &new.content, self.hub.limits.content_bytes)?;
        self.may_write(new.room).map_err(unknown_place)?;
        let sent_at = new.sent_at.filter(|sent_at| self.is_about_now(*sent_at));
        let events = self.append(Change::PostChat(NewChat { sent_at, ..new })).await.map_err(unknown_place)?;
        let posted = |body: &Body| if let Body::ChatPosted(chat) = body { Some(chat.clone()) } else { None };
        Ok(Answer::Chat(Box::new(said(&events, posted)?)))
    }

    fn may_write(&self, room: Id) -> Result<(), Error> {
        self.hub.policy.may_write(self.who(), room)
    }

    /// Whether a client's clock is near enough to ours to be believed.
    pub(super) fn is_about_now(&self, sent_at: Timestamp) -> bool {
        let skew = sent_at.millis().abs_diff(self.hub.now().millis());
        skew <= self.hub.limits.chat_clock_skew_seconds.saturating_mul(1000)
    }

    pub(super) async fn edit_chat(&self, id: Id, content: String) -> Result<Answer, Error> {
        check_text("chat", &content, self.hub.limits.content_bytes)?;
        let chat = self.seen_chat(id).await?;
        if !self.is_author(&chat) {
            return Err(Error::forbidden("only its author may edit a chat"));
        }
        self.may_write(chat.room)?;
        let events = self.append(Change::EditChat { chat: id, content }).await?;
        let edited = |body: &Body| if let Body::ChatEdited(chat) = body { Some(chat.clone()) } else { None };
        Ok(Answer::Chat(Box::new(said(&events, edited)?)))
    }

    pub(super) fn is_author(&self, chat: &Chat) -> bool {
        self.is_house() || self.who().user() == Some(chat.author.id)
    }

    pub(super) async fn delete_chat(&self, id: Id) -> Result<Answer, Error> {
        let chat = self.seen_chat(id).await?;
        if !self.is_author(&chat) && !self.may(Right::ManageChats, chat.room) {
            return Err(Error::forbidden("only its author may delete a chat, or who manages chats here"));
        }
        self.append(Change::DeleteChat(id)).await?;
        Ok(Answer::Done)
    }

    pub(super) async fn react(&self, id: Id, reaction: String, adding: bool) -> Result<Answer, Error> {
        check_text("reaction", &reaction, self.hub.limits.reaction_bytes)?;
        let chat = self.seen_chat(id).await?;
        if !self.may(Right::React, chat.room) {
            return Err(Error::forbidden("you may not react here"));
        }
        self.append(Change::React { chat: id, reaction, adding }).await?;
        Ok(Answer::Done)
    }

    pub(super) async fn reactors(&self, id: Id) -> Result<Answer, Error> {
        self.seen_chat(id).await?;
        let reactors = self.hub.store.reactors(id).await?;
        Ok(Answer::Reactors(reactors.ok_or_else(|| Error::not_found(format!("no chat {id}")))?))
    }
}

/// Posting to a room or thread that is unknown, or not to be seen, is a mistake of the message.
fn unknown_place(error: Error) -> Error {
    if error.kind() == Kind::NotFound { Error::bad_message(error.public()) } else { error }
}
