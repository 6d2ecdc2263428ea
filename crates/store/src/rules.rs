//! The rules: what each [`Change`] asks of a memory, what it writes, and which events it becomes; the same for every store.
//!
//! A rule asks everything that it must know before its first write. So a refused draft has written nothing, and
//! stands in nobody's way within a shared transaction.

mod chats;
mod documents;
mod federation;
mod nesting;
mod notes;
mod people;
mod roles;
mod rooms;

use std::sync::Arc;

use quintet_core::change::Change;
use quintet_core::error::Error;
use quintet_core::event::{Body, Event};
use quintet_core::identity::Author;
use quintet_core::image::Image;
use quintet_core::limits::Limits;
use quintet_core::{Commit, Draft, Id};

use crate::places::topic_of;
use crate::search::Terms;
use crate::tables::{Kept, Tables};

/// What a rule makes of a draft: what is said, in order.
struct Said {
    /// Whose it is, where not the draft's author's.
    author: Option<Author>,
    /// The number of the first event, where that was given already.
    first: Option<Id>,
    bodies: Vec<Body>,
    /// The commit of each body, where that is not the draft's.
    commits: Vec<Arc<Commit>>,
}

impl From<Body> for Said {
    fn from(body: Body) -> Self {
        vec![body].into()
    }
}

impl From<Vec<Body>> for Said {
    fn from(bodies: Vec<Body>) -> Self {
        Self { author: None, first: None, bodies, commits: Vec::new() }
    }
}

/// The search terms of what a change says. They are made before it waits for the writer, who has enough to do.
pub(crate) fn terms(change: &Change) -> Terms {
    match change {
        Change::PostChat(new) => Terms::of(&new.content),
        Change::EditChat { content, .. } => Terms::of(content),
        Change::Deliver(delivery) => federation::terms(&delivery.incoming.deed),
        _ => Terms::default(),
    }
}

/// Checks a draft, writes it, and gives back its events, which are in the log then.
///
/// After an error of kind `Internal` the memory may be half written; after any other nothing was.
pub(crate) fn apply<T: Tables>(
    tables: &mut T,
    draft: &Draft,
    terms: &Terms,
    limits: &Limits,
) -> Result<Vec<Arc<Event>>, Error> {
    if let Some(commit) = &draft.commit {
        if tables.has_commit(&commit.signature)? {
            return Err(known());
        }
        nesting::check(commit)?;
    }
    let Said { author, mut first, bodies, commits } = obey(tables, draft, terms, limits)?;
    let author = author.unwrap_or_else(|| draft.author.clone());
    let commits = commits.into_iter().map(Some).chain(std::iter::repeat(draft.commit.clone()));
    bodies
        .into_iter()
        .zip(commits)
        .map(|(body, commit)| {
            let topic = topic_of(&body);
            let event = Event {
                id: first.take().unwrap_or_else(|| tables.next_id()),
                position: Some(tables.next_position(&topic)?),
                topics: vec![topic],
                at: draft.at,
                author: author.clone(),
                via: draft.via.clone(),
                body,
                commit,
            };
            tables.write(&event)?;
            Ok(Arc::new(event))
        })
        .collect()
}

fn obey<T: Tables>(tables: &mut T, draft: &Draft, terms: &Terms, limits: &Limits) -> Result<Said, Error> {
    match &draft.change {
        Change::Found(founding) => people::found(tables, draft, founding, limits),
        Change::Register(new) => people::register(tables, draft, new),
        Change::SetPassword { user, password, end_tokens } => people::change(tables, *user, |account| {
            account.password = Some(password.clone());
            account.token_generation += u32::from(*end_tokens);
        }),
        Change::SetDisabled { user, disabled } => people::change(tables, *user, |account| {
            account.user.disabled = *disabled;
            account.token_generation += u32::from(*disabled);
        }),
        Change::SetAvatar { user, image } => people::set_avatar(tables, *user, image),
        Change::CreateRoom(new) => rooms::create(tables, draft, new, limits),
        Change::ChangeRoom { room, edit } => rooms::change(tables, *room, edit),
        Change::DeleteRoom(room) => rooms::delete(tables, *room),
        Change::PostChat(new) => chats::post(tables, draft, new, terms),
        Change::EditChat { chat, content } => chats::edit(tables, *chat, content, terms),
        Change::DeleteChat(chat) => chats::delete(tables, *chat),
        Change::React { chat, reaction, adding } => {
            let reaction = chats::Reaction { chat: *chat, user: draft.author.id, text: reaction, adding: *adding };
            chats::react(tables, &reaction, limits)
        }
        Change::StartThread { chat, name } => chats::start_thread(tables, draft, *chat, name),
        Change::CreateRole { name, ordinality } => roles::create(tables, name, *ordinality, limits),
        Change::DeleteRole(role) => roles::delete(tables, *role),
        Change::AssignRole { role, user, member } => roles::assign(tables, *role, *user, *member),
        Change::Commit(commits) => documents::commit(tables, commits, limits),
        Change::SetGrant(grant) => roles::set_grant(tables, grant),
        Change::Deliver(delivery) => federation::deliver(tables, draft, delivery, terms, limits),
        Change::Adopt(adoption) => federation::adopt(tables, draft, adoption, limits),
        Change::PostNote(new) => notes::post(tables, draft, new),
        Change::EditNote { note, content } => notes::edit(tables, draft, *note, content),
        Change::DeleteNote(note) => notes::delete(tables, draft, *note),
        Change::ReactToNote { to, reaction, adding } => notes::react(tables, draft, *to, reaction, *adding, limits),
        Change::Follow(follow) => federation::follow(tables, follow),
    }
}

/// Keeps an image under a new id.
fn add_image<T: Tables>(tables: &mut T, image: &Image) -> Kept<Id> {
    let id = tables.next_id();
    tables.add_image(id, image)?;
    Ok(id)
}

/// What is answered to a commit that comes again.
fn known() -> Error {
    Error::conflict("this commit is known")
}

fn no_user(user: Id) -> Error {
    Error::not_found(format!("no user {user}"))
}

fn no_room(room: Id) -> Error {
    Error::not_found(format!("no room {room}"))
}

fn no_chat(chat: Id) -> Error {
    Error::not_found(format!("no chat {chat}"))
}
