//! Rules for notes of users here, and for what they feel about those of other houses.

use quintet_core::Draft;
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Address, Audience, Note, Target};
use quintet_core::id::Id;
use quintet_core::limits::Limits;

use super::Said;
use crate::tables::Tables;

pub(super) fn post<T: Tables>(tables: &mut T, draft: &Draft, new: &NewNote) -> Result<Said, Error> {
    if matches!(new.audience, Audience::Group(Target::Own(_))) {
        return Err(Error::bad_message("a room of this server is written to by a chat, not by a note"));
    }
    let note = Note {
        id: tables.next_id(),
        author: draft.author.clone(),
        content: new.content.clone(),
        audience: new.audience.clone(),
        mentions: new.mentions.clone(),
        replies_to: new.replies_to.clone(),
        created_at: draft.at,
        edited: false,
    };
    tables.put_note(&note)?;
    Ok(Body::NotePosted(Box::new(note)).into())
}

pub(super) fn edit<T: Tables>(tables: &mut T, draft: &Draft, id: Id, content: &str) -> Result<Said, Error> {
    let note = own(tables, draft, id)?;
    let note = Note { content: content.to_owned(), edited: true, ..note };
    tables.put_note(&note)?;
    Ok(Body::NoteEdited(Box::new(note)).into())
}

pub(super) fn delete<T: Tables>(tables: &mut T, draft: &Draft, id: Id) -> Result<Said, Error> {
    let note = own(tables, draft, id)?;
    tables.remove_note(id)?;
    tables.unbind(id)?;
    Ok(Body::NoteDeleted(Box::new(note)).into())
}

pub(super) fn react<T: Tables>(
    tables: &mut T,
    draft: &Draft,
    to: Id,
    reaction: &str,
    adding: bool,
    limits: &Limits,
) -> Result<Said, Error> {
    let entity = tables.entity_numbered(to)?.filter(|entity| !entity.gone).ok_or_else(|| no_note(to))?;
    let key = entity.name.ok_or_else(|| no_note(to))?;
    let by = draft.author.id;
    if adding && tables.feeling_count(by, to)? >= limits.chat_reactions {
        return Err(Error::too_many(format!(
            "a note takes at most {} different reactions of one user; remove one first",
            limits.chat_reactions
        )));
    }
    if adding && entity.passing {
        // What a user here feels something about is forgotten no longer.
        tables.retain(to)?;
    }
    tables.feel(by, to, reaction, adding.then_some(draft.at))?;
    let note = Target::Remote(Address { host: entity.host, form: entity.form, key });
    Ok(Body::NoteReacted { by, to, note, reaction: reaction.to_owned(), adding }.into())
}

fn own<T: Tables>(tables: &T, draft: &Draft, id: Id) -> Result<Note, Error> {
    let note = tables.note(id)?.ok_or_else(|| no_note(id))?;
    if note.author.id != draft.author.id {
        return Err(Error::forbidden("only its author changes a note"));
    }
    Ok(note)
}

fn no_note(id: Id) -> Error {
    Error::not_found(format!("no note {id}"))
}
