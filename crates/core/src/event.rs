//! Events: what was said, with its number, place and author.

use std::sync::Arc;

use crate::change::RightsChange;
use crate::chat::{Chat, Reactions, Via};
use crate::commit::Commit;
use crate::federation::{Follow, Host, Note, Target};
use crate::hierarchy::Audience;
use crate::id::Id;
use crate::identity::Author;
use crate::position::Position;
use crate::room::{Room, Thread};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::topic::Topic;
use crate::user::{Status, User};

/// Something that was said. Kept events are on disk before anyone hears them.
#[derive(Clone, Debug, PartialEq)]
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
    /// The signed commit by which it came in, or that tells it: there is one for each [`Body::Committed`].
    pub commit: Option<Arc<Commit>>,
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
        /// The document's subject of its own, where it had one ([`Chat::subject`]).
        subject: Option<Subject>,
    },
    /// On `room/<id>`.
    ChatReacted {
        /// To which chat.
        chat: Id,
        /// Where it is.
        room: Id,
        /// In which thread it is.
        thread: Option<Id>,
        /// The document's subject of its own, where it has one ([`Chat::subject`]).
        subject: Option<Subject>,
        /// All reactions to it now.
        reactions: Reactions,
        /// What the author did: its reaction, and whether it is there now. `None` in what was said before this was kept.
        change: Option<(String, bool)>,
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
    /// On `resource/<path>`: a document was changed by the event's commit.
    Committed(Committed),
    /// On `instance/<host>`: an entity of another house was taken.
    Delivered(Delivered),
    /// On `user/<author>`: a user says something to whoever follows it.
    NotePosted(Box<Note>),
    /// On `user/<author>`.
    NoteEdited(Box<Note>),
    /// On `user/<author>`: as it was.
    NoteDeleted(Box<Note>),
    /// On `user/<by>`: a user feels something about a note of another house.
    NoteReacted {
        /// Who feels it.
        by: Id,
        /// Its number here.
        to: Id,
        /// The note.
        note: Target,
        /// With what.
        reaction: String,
        /// Adding or removing?
        adding: bool,
    },
    /// On `user/<follower>`: a follow stands otherwise now, or was asked for again.
    Followed(Follow),
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
    /// On `auth/authenticated/<id>` and `user/disconnected/<id>`: a connection became the author's, or is no longer.
    Session {
        /// On which dialect.
        dialect: Via,
        /// Which of the two.
        authenticated: bool,
    },
    /// On `user/<id>`, `channel/<name>`, `client/<name>` or `room/<id>`: a JSON object as text, verbatim and opaque.
    Notice(Arc<str>),
    /// On any free path: what applications say.
    Message {
        /// What listeners are shown as its name; often, not always, the path.
        name: Arc<str>,
        /// Any JSON value, as text.
        payload: Arc<str>,
    },
}

/// What is said of a document that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Which document.
    pub subject: Subject,
    /// Was it made just now?
    pub created: bool,
    /// Who may hear of it: decided in the transaction. Nobody in what is read back from the log.
    pub audience: Audience,
}

/// What is said of an entity of another house that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Which house sent it.
    pub host: Host,
    /// Of what type, as it is spelled.
    pub kind: Arc<str>,
    /// The key of its name, where it has one.
    pub name: Option<Arc<str>>,
    /// The key of who did it.
    pub actor: Option<Arc<str>>,
    /// Byte for byte as it was signed. Kept with the entity: empty in what is read back from the log.
    pub text: Arc<str>,
}

impl Body {
    /// Is this on disk before anyone hears it?
    pub fn is_kept(&self) -> bool {
        !matches!(
            self,
            Self::Typing { .. }
                | Self::StatusChanged(_)
                | Self::Presence { .. }
                | Self::Session { .. }
                | Self::Notice(_)
                | Self::Message { .. }
        )
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
            Self::Committed(_) => "committed",
            Self::Delivered(_) => "delivered",
            Self::NotePosted(_) => "note_posted",
            Self::NoteEdited(_) => "note_edited",
            Self::NoteDeleted(_) => "note_deleted",
            Self::NoteReacted { .. } => "note_reacted",
            Self::Followed(_) => "followed",
            Self::Typing { .. } => "typing",
            Self::StatusChanged(_) => "status_changed",
            Self::Presence { .. } => "presence",
            Self::Session { .. } => "session",
            Self::Notice(_) => "notice",
            Self::Message { .. } => "message",
        }
    }
}
