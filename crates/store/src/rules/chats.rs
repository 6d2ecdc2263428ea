//! Rules for chats, reactions and threads.

use quintet_core::chat::{Chat, NewChat};
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::room::Thread;
use quintet_core::{Draft, limits};

use super::{Said, no_chat, no_room};
use crate::search::Terms;
use crate::tables::{Kept, Tables};

/// One user's reaction to a chat, coming or going.
pub(super) struct Reaction<'a> {
    pub(super) chat: Id,
    pub(super) user: Id,
    pub(super) text: &'a str,
    pub(super) adding: bool,
}

pub(super) fn post<T: Tables>(tables: &mut T, draft: &Draft, new: &NewChat, terms: &Terms) -> Result<Said, Error> {
    if !tables.has_room(new.room)? {
        return Err(no_room(new.room));
    }
    if let Some(thread) = new.thread
        && tables.thread(thread)?.is_none_or(|found| found.room != new.room)
    {
        return Err(Error::not_found(format!("no thread {thread} in room {}", new.room)));
    }
    if let Some(subject) = &new.subject {
        let subject = subject.as_str();
        if tables.has_chat_at(subject)? || tables.number(subject)?.is_some() {
            return Err(Error::conflict(format!("{subject} is taken; choose another subject")));
        }
    }
    let chat = Chat {
        id: tables.next_id(),
        room: new.room,
        thread: new.thread,
        author: draft.author.clone(),
        content: new.content.clone(),
        created_at: new.sent_at.unwrap_or(draft.at),
        edited: false,
        reactions: Vec::new(),
        via: draft.via.clone(),
        subject: new.subject.clone(),
    };
    tables.add_chat(&chat, terms)?;
    Ok(Body::ChatPosted(chat).into())
}

pub(super) fn edit<T: Tables>(tables: &mut T, id: Id, content: &str, terms: &Terms) -> Result<Said, Error> {
    let mut chat = find(tables, id)?;
    content.clone_into(&mut chat.content);
    chat.edited = true;
    tables.put_chat(&chat, terms)?;
    Ok(Body::ChatEdited(chat).into())
}

pub(super) fn delete<T: Tables>(tables: &mut T, id: Id) -> Result<Said, Error> {
    let chat = find(tables, id)?;
    if let Some(entity) = tables.entity_of(id)? {
        tables.bury(entity)?;
    }
    Ok(remove(tables, chat)?.into())
}

/// Removes a chat that there is.
pub(super) fn remove<T: Tables>(tables: &mut T, chat: Chat) -> Kept<Body> {
    tables.remove_chat(chat.id)?;
    tables.unbind(chat.id)?;
    Ok(Body::ChatDeleted { chat: chat.id, room: chat.room, thread: chat.thread, subject: chat.subject })
}

pub(super) fn react<T: Tables>(tables: &mut T, new: &Reaction<'_>, limits: &Limits) -> Result<Said, Error> {
    let chat = find(tables, new.chat)?;
    check_reaction(&chat, new, limits)?;
    Ok(feel(tables, chat, new)?.into())
}

/// Whether a chat takes a reaction.
pub(super) fn check_reaction(chat: &Chat, new: &Reaction<'_>, limits: &Limits) -> Result<(), Error> {
    let is_new = chat.reactions.iter().all(|(known, _)| known != new.text);
    if new.adding && is_new && chat.reactions.len() >= limits::size(limits.chat_reactions) {
        return Err(Error::too_many(format!(
            "a chat takes at most {} different reactions; use one that is there",
            limits.chat_reactions
        )));
    }
    Ok(())
}

/// Adds a reaction to a chat that takes it, or removes it.
pub(super) fn feel<T: Tables>(tables: &mut T, chat: Chat, new: &Reaction<'_>) -> Kept<Body> {
    tables.react(new.chat, new.text, new.user, new.adding)?;
    let reactions = tables.reactions(new.chat)?;
    let change = Some((new.text.to_owned(), new.adding));
    Ok(Body::ChatReacted {
        chat: chat.id,
        room: chat.room,
        thread: chat.thread,
        subject: chat.subject,
        reactions,
        change,
    })
}

pub(super) fn start_thread<T: Tables>(tables: &mut T, draft: &Draft, source: Id, name: &str) -> Result<Said, Error> {
    let chat = find(tables, source)?;
    if let Some(thread) = chat.thread {
        return Err(Error::conflict(format!(
            "chat {source} is in thread {thread}; a thread grows from a chat outside"
        )));
    }
    if tables.has_thread(source)? {
        return Err(Error::conflict(format!("chat {source} has a thread already")));
    }
    let thread = Thread {
        id: tables.next_id(),
        room: chat.room,
        source,
        name: name.to_owned(),
        created_at: draft.at,
        creator: draft.author.clone(),
    };
    tables.add_thread(&thread)?;
    Ok(Body::ThreadStarted(thread).into())
}

fn find<T: Tables>(tables: &T, id: Id) -> Result<Chat, Error> {
    tables.chat(id)?.ok_or_else(|| no_chat(id))
}
