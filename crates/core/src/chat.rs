//! Chats: what people said in rooms.

use std::borrow::Cow;

use crate::id::Id;
use crate::identity::Author;
use crate::subject::Subject;
use crate::time::Timestamp;

/// The name of the dialect, or other way, by which something came in: `concord`, `jac`, `api` …
pub type Via = Cow<'static, str>;

/// How many users reacted, by reaction; counts are positive. Reactions are compared codepoint by codepoint.
pub type Reactions = Vec<(String, u64)>;

/// Something said in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Its number.
    pub id: Id,
    /// Where it was said.
    pub room: Id,
    /// In which thread of the room; `None` outside of threads.
    pub thread: Option<Id>,
    /// Who said it.
    pub author: Author,
    /// What was said.
    pub content: String,
    /// When.
    pub created_at: Timestamp,
    /// Changed by its author since.
    pub edited: bool,
    /// What others felt; in the order in which the reactions first came.
    pub reactions: Reactions,
    /// By which dialect it came in.
    pub via: Via,
    /// The document's subject under which its author made it, where that is not `<origin>/room/<room>/<id>`.
    pub subject: Option<Subject>,
}

/// Something to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChat {
    /// Where.
    pub room: Id,
    /// In which thread of the room.
    pub thread: Option<Id>,
    /// What.
    pub content: String,
    /// When the author says it was said; taken within a small window around the server's clock only.
    pub sent_at: Option<Timestamp>,
    /// The document's subject that it is to be known by too. `Conflict` if that is taken.
    pub subject: Option<Subject>,
}

/// Which chats to read back: all conditions hold at once. The newest come first, by time, then by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatFilter {
    /// In this room.
    pub room: Option<Id>,
    /// In this thread, or in none.
    pub thread: Option<ThreadFilter>,
    /// By this author.
    pub author: Option<Id>,
    /// Strictly before.
    pub before: Option<Timestamp>,
    /// Strictly after.
    pub after: Option<Timestamp>,
    /// With any of these words, in any case and English ending; blank is no condition.
    pub words: Option<String>,
    /// How many to pass over.
    pub skip: u64,
    /// How many at the most.
    pub limit: u64,
}

/// Which threads a [`ChatFilter`] lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadFilter {
    /// Only what is in no thread.
    Main,
    /// Only this thread.
    In(Id),
}

/// Who reacted, by reaction; in the order in which the reactions first came.
pub type Reactors = Vec<(String, Vec<Id>)>;
