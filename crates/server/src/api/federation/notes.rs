//! Notes, through the API: what users here say to other servers, and what they feel about theirs.

use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Ask, Audience, Note, Own, Target, Told};
use quintet_core::http::{Head, Response};
use quintet_core::{Error, Id};
use quintet_hub::federation::Federation;
use serde::{Deserialize, Serialize};

use super::super::Desk;
use super::super::wire::{read, reply};
use super::astray;

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

/// `POST /notes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostNote {
    content: String,
    to: Option<To>,
    /// The URL of a group.
    group: Option<String>,
    /// A number or URL.
    reply_to: Option<String>,
}

/// Whom a note is for.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Public,
    Followers,
    Mentioned,
}

/// `PUT /notes/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditNote {
    content: String,
}

/// A note of this house.
#[derive(Serialize)]
struct NoteView<'a> {
    id: u64,
    url: String,
    author: &'a str,
    content: &'a str,
    to: &'static str,
    group: Option<String>,
    mentions: Vec<String>,
    reply_to: Option<String>,
    created_at: i64,
    edited: bool,
}

impl<'a> NoteView<'a> {
    fn new(federation: &Federation, note: &'a Note) -> Self {
        let (to, group) = match &note.audience {
            Audience::Public => ("public", None),
            Audience::Followers => ("followers", None),
            Audience::Mentioned => ("mentioned", None),
            Audience::Group(group) => ("group", Some(federation.spell(group))),
        };
        Self {
            id: note.id.get(),
            url: federation.spell(&Target::Own(Own::Note(note.id))),
            author: &note.author.name,
            content: &note.content,
            to,
            group,
            mentions: note.mentions.iter().map(|mention| federation.spell(mention)).collect(),
            reply_to: note.replies_to.as_ref().map(|target| federation.spell(target)),
            created_at: note.created_at.millis(),
            edited: note.edited,
        }
    }
}
