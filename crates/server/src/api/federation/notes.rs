//! Notes, through the API: what users here say to other servers, and what they feel about theirs.

use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Ask, Audience, Told};
use quintet_core::http::{Head, Response};
use quintet_core::{Error, Id};

use super::super::Desk;
use super::super::wire::{read, reply};
use super::astray;
use super::wire::{EditNote, NoteView, PostNote, To};

/// `POST /notes?as=`
pub(super) async fn post(desk: &Desk<'_>, head: &Head, body: &[u8]) -> Result<Response, Error> {
    let user = desk.user(head)?;
    let asked: PostNote = read(body)?;
    let federation = desk.hub.federation()?;
    let audience = match (asked.to, &asked.group) {
        (None, Some(group)) => Audience::Group(federation.target(group)?),
        (None | Some(To::Public), None) => Audience::Public,
        (Some(To::Followers), None) => Audience::Followers,
        (Some(To::Mentioned), None) => Audience::Mentioned,
        (Some(_), Some(_)) => {
            return Err(Error::bad_message("give to or group, not both: a group's notes are for its members"));
        }
    };
    let replies_to = match &asked.reply_to {
        Some(text) => Some(desk.hub.answerable(text).await?),
        None => None,
    };
    let new = NewNote { content: asked.content, audience, mentions: Vec::new(), replies_to };
    shown(desk, 201, desk.inquire_as(&user, Ask::PostNote(new)).await?)
}

/// `PUT /notes/{id}?as=`
pub(super) async fn edit(desk: &Desk<'_>, head: &Head, note: &str, body: &[u8]) -> Result<Response, Error> {
    let user = desk.user(head)?;
    let EditNote { content } = read(body)?;
    shown(desk, 200, desk.inquire_as(&user, Ask::EditNote { note: number(note)?, content }).await?)
}

/// `DELETE /notes/{id}?as=`
pub(super) async fn delete(desk: &Desk<'_>, head: &Head, note: &str) -> Result<Response, Error> {
    let user = desk.user(head)?;
    desk.inquire_as(&user, Ask::DeleteNote(number(note)?)).await?;
    Ok(Response::empty(204))
}

/// `PUT` and `DELETE /notes/{number or URL}/reactions/{reaction}?as=`
pub(super) async fn react(
    desk: &Desk<'_>,
    head: &Head,
    note: String,
    reaction: String,
    adding: bool,
) -> Result<Response, Error> {
    let user = desk.user(head)?;
    desk.inquire_as(&user, Ask::React { note, reaction, adding }).await?;
    Ok(Response::empty(204))
}

fn number(note: &str) -> Result<Id, Error> {
    let number = note.parse().ok().and_then(Id::new);
    number.ok_or_else(|| Error::bad_message("a note of this server is named by its number, which posting it told"))
}

fn shown(desk: &Desk<'_>, status: u16, told: Told) -> Result<Response, Error> {
    match told {
        Told::Note(note) => reply(status, &NoteView::new(desk.hub.federation()?, &note)),
        other => Err(astray(&other)),
    }
}
