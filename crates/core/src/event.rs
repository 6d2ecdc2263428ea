//! Events: what was said, with its number, place and author.

use std::sync::Arc;

use crate::change::RightsChange;
use crate::chat::{Chat, Reactions, Via};
use crate::id::Id;
use crate::identity::Author;
use crate::position::Position;
use crate::room::{Room, Thread};
use crate::time::Timestamp;
use crate::topic::Topic;
use crate::user::{Status, User};

/// Something that was said. Kept events are on disk before anyone hears them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number: grows with every event of this house. [`Id::HOUSE`] for what is not kept.
    pub id: Id,
    /// Where it is heard. A kept event has one topic.
    pub topics: Vec<Topic>,
    /// Its place in the topic's history; `None` for what is not kept.
    pub position: Option<Position>,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it.
    pub author: Author,
    /// By which dialect it came in.
    pub via: Via,
    /// What was said.
    pub body: Body,
}

/// The typed content of an event: the vocabulary that all rooms share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// On `room/<id>`.
    ChatPosted(Chat),
    /// On `room/<id>`.
    ChatEdited(Chat),
    /// On `room/<id>`.
    ChatDeleted {
        /// Which chat.
        chat: Id,
        /// Where it was.
        room: Id,
        /// In which thread it was.
        thread: Option<Id>,
    },
    /// On `room/<id>`.
    ChatReacted {
        /// To which chat.
        chat: Id,
        /// Where it is.
        room: Id,
        /// In which thread it is.
        thread: Option<Id>,
        /// All reactions to it now.
        reactions: Reactions,
    },
    /// On `room/<id>`.
    ThreadStarted(Thread),
    /// On `room/<id>`.
    RoomCreated(Room),
    /// On `room/<id>`.
    RoomChanged(Room),
    /// On `room/<id>`.
    RoomDeleted {
        /// Which room.
        room: Id,
    },
    /// On `user/<id>`: somebody registered.
    UserJoined(User),
    /// On `user/<id>`.
    UserChanged {
        /// As it is now.
        user: User,
        /// Which generation its tokens must be of; earlier ones have ended.
        token_generation: u32,
    },
    /// On `server/rights`.
    RightsChanged(RightsChange),
    /// On `room/<id>`: the author is typing.
    Typing {
        /// Where.
        room: Id,
        /// In which thread.
        thread: Option<Id>,
        /// When, as the client says.
        sent_at: Timestamp,
    },
    /// On `user/<id>`: the author came or went.
    StatusChanged(Status),
    /// On `room/<id>`: the author is now present in a room on a dialect, or no longer.
    Presence {
        /// Where.
        room: Id,
        /// On which dialect.
        dialect: Via,
        /// Joined or left?
        joined: bool,
    },
    /// On `user/<id>`, `channel/<name>`, `client/<name>` or `room/<id>`: a JSON object as text, verbatim and opaque.
    Notice(Arc<str>),
}

impl Body {
    /// Is this on disk before anyone hears it?
    pub fn is_kept(&self) -> bool {
        !matches!(self, Self::Typing { .. } | Self::StatusChanged(_) | Self::Presence { .. } | Self::Notice(_))
    }

    /// The stable name in the store, logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ChatPosted(_) => "chat_posted",
            Self::ChatEdited(_) => "chat_edited",
            Self::ChatDeleted { .. } => "chat_deleted",
            Self::ChatReacted { .. } => "chat_reacted",
            Self::ThreadStarted(_) => "thread_started",
            Self::RoomCreated(_) => "room_created",
            Self::RoomChanged(_) => "room_changed",
            Self::RoomDeleted { .. } => "room_deleted",
            Self::UserJoined(_) => "user_joined",
            Self::UserChanged { .. } => "user_changed",
            Self::RightsChanged(_) => "rights_changed",
            Self::Typing { .. } => "typing",
            Self::StatusChanged(_) => "status_changed",
            Self::Presence { .. } => "presence",
            Self::Notice(_) => "notice",
        }
    }
}
