//! Notes: what users say to whoever follows them, and chats of federated rooms as other houses see them.

use crate::federation::address::Target;
use crate::id::Id;
use crate::identity::Author;
use crate::time::Timestamp;

/// A note of this house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number.
    pub id: Id,
    /// Who said it.
    pub author: Author,
    /// What, as plain text.
    pub content: String,
    /// Whom it is for.
    pub audience: Audience,
    /// Who is to notice.
    pub mentions: Vec<Target>,
    /// What it answers.
    pub replies_to: Option<Target>,
    /// When it was said.
    pub created_at: Timestamp,
    /// Changed since.
    pub edited: bool,
}

/// Whom a note is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Public,
    /// Who follows the author.
    Followers,
    /// Who is in a group.
    Group(Target),
    /// Who is mentioned.
    Mentioned,
}

/// A note to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// What it says.
    pub content: String,
    /// Whom it is for. A room of this house is written to by a chat instead.
    pub audience: Audience,
    /// Who is to notice.
    pub mentions: Vec<Target>,
    /// What it answers.
    pub replies_to: Option<Target>,
}
