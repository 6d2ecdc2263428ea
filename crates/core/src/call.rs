//! Calls: what a session or an HTTP request asks of the hall, and the answers.

use std::sync::Arc;
use std::time::Duration;

use crate::agent::AgentKey;
use crate::chat::{Chat, ChatFilter, NewChat, Reactors, Via};
use crate::commit::{Commit, Unverified};
use crate::document::{Described, Document, DocumentQuery, Download, Found, Query, Search, Upload};
use crate::federation::{Ask, Told};
use crate::id::Id;
use crate::identity::{Identity, Secret};
use crate::image::{Image, ImageQuery};
use crate::position::Position;
use crate::procedure::{Invocation, Outcome, Report};
use crate::right::{Grant, Role, Scope};
use crate::room::{NewRoom, Room, RoomEdit, ServerRecord, Thread};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::topic::Topic;
use crate::user::{AgentSecret, NewLogin, SignedIn, User};

/// A question to the hall. It is asked as somebody ([`Identity`]), whose rights decide.
///
/// Every call but `Register`, `LogIn` and those about documents needs a user: `Unauthenticated` otherwise.
/// What the asker may not see is `NotFound`; what it sees but may not do is `Forbidden`.
#[derive(Clone, Debug)]
pub enum Call {
    /// A new user with an unhashed password → [`Answer::User`]. `Conflict` if the login is taken, `BadMessage` if empty or too long.
    Register {
        /// What it logs in with.
        login: NewLogin,
        /// In clear.
        password: Secret,
    },
    /// Username or e-mail and password → [`Answer::SignedIn`]. `Unauthenticated` whatever is wrong; `TooMany` after repeated failures.
    LogIn {
        /// Either.
        login: String,
        /// In clear.
        password: Secret,
    },
    /// A fresh token for the asker → [`Answer::SignedIn`]; earlier ones stay valid.
    RenewToken,
    /// → [`Answer::Done`]. `Forbidden` if `old` is given and wrong.
    ChangePassword {
        /// Checked if given.
        old: Option<Secret>,
        /// In clear.
        new: Secret,
        /// Whether all the asker's tokens end.
        end_tokens: bool,
    },
    /// The asker → [`Answer::User`].
    Me,
    /// → [`Answer::User`].
    User(Id),
    /// Everybody, oldest first → [`Answer::Users`].
    Users,
    /// → [`Answer::User`]. `BadMessage` if it is not an image of its type, `TooLarge`.
    SetAvatar(Image),
    /// → [`Answer::Image`].
    Image(ImageQuery),
    /// → [`Answer::Server`].
    Server,
    /// The rooms that the asker may view, by place and name → [`Answer::Rooms`].
    Rooms,
    /// → [`Answer::Room`].
    Room(Id),
    /// → [`Answer::Room`]. `Forbidden`; `BadMessage` for an unknown parent.
    CreateRoom(NewRoom),
    /// → [`Answer::Room`].
    ChangeRoom {
        /// Which.
        room: Id,
        /// What of it.
        edit: RoomEdit,
    },
    /// With descendants → [`Answer::Done`].
    DeleteRoom(Id),
    /// From rooms that the asker may view → [`Answer::Chats`].
    Chats(ChatFilter),
    /// → [`Answer::Chat`].
    Chat(Id),
    /// → [`Answer::Chat`]. `BadMessage` for an unknown or invisible room, or a thread not of it; `Forbidden` without the right to write.
    ///
    /// Calls of one session are begun in order, so its chats keep their order.
    PostChat(NewChat),
    /// By its author only → [`Answer::Chat`].
    EditChat {
        /// Which.
        chat: Id,
        /// What it says now.
        content: String,
    },
    /// By its author, or with the right → [`Answer::Done`].
    DeleteChat(Id),
    /// → [`Answer::Done`].
    React {
        /// To which chat.
        chat: Id,
        /// With what; any text but the empty one.
        reaction: String,
        /// Adding or removing?
        adding: bool,
    },
    /// → [`Answer::Reactors`].
    Reactors(Id),
    /// → [`Answer::Thread`].
    StartThread {
        /// From which chat.
        chat: Id,
        /// What it is called.
        name: String,
    },
    /// The threads of a room, oldest first → [`Answer::Threads`].
    Threads(Id),
    /// All roles with their members and server-wide rights → [`Answer::Roles`].
    Roles,
    /// → [`Answer::Roles`], with the one role. Admins only, as all that follow unless they say else.
    CreateRole {
        /// Its name, unique.
        name: String,
        /// Its place in a list.
        ordinality: i32,
    },
    /// → [`Answer::Done`].
    DeleteRole(Id),
    /// → [`Answer::Done`].
    AssignRole {
        /// Which role.
        role: Id,
        /// To whom.
        user: Id,
        /// Give or take?
        member: bool,
    },
    /// The sets of rights in a scope → [`Answer::Grants`]. In a room also by those with the right to manage rooms there.
    Grants(Scope),
    /// Replaces one → [`Answer::Done`]. In a room also by those with the right to manage rooms there, but the admin flag only by admins.
    SetGrant(Grant),
    /// Locks a user out or lets it in → [`Answer::Done`].
    SetDisabled {
        /// Whom.
        user: Id,
        /// Locked out?
        disabled: bool,
    },
    /// Sets anybody's password → [`Answer::Done`].
    SetPassword {
        /// Whose.
        user: Id,
        /// In clear.
        password: Secret,
    },
    /// Applies a signed commit, whose signature alone decides who asks → [`Answer::Committed`]; a known one changes nothing and is answered
    /// alike. Errors: `BadMessage`, `Unauthenticated` or `Forbidden` without the right, `NotFound`, `Conflict`, `TooLarge`.
    Commit(Box<Unverified>),
    /// A document, or a room, chat or user as one → [`Answer::Document`]. `NotFound`; `Unauthenticated` or `Forbidden` without the right to read.
    Document(DocumentQuery),
    /// → [`Answer::Found`]; only what the asker may read. `TooMany` where too many documents pass.
    Query(Query),
    /// → [`Answer::Documents`], the best first; only what the asker may read.
    Search(Search),
    /// The commits of a document or chat, oldest first → [`Answer::Commits`].
    Commits(Subject),
    /// The commit with this signature → [`Answer::Commits`], with the one.
    CommitOf(String),
    /// The document as it was after the commit with this signature → [`Answer::Document`].
    Version(String),
    /// Gives an agent the rights of an invite → [`Answer::Accepted`]. `Conflict` if it was used up or has ended.
    AcceptInvite {
        /// Which invite.
        invite: Subject,
        /// Who accepts; made a user if it is none.
        agent: AgentKey,
    },
    /// Keeps files below a document that the asker may write → [`Answer::Documents`], one for each.
    Upload {
        /// Below what.
        parent: Subject,
        /// The files.
        files: Vec<Upload>,
    },
    /// The bytes of a file that the asker may read → [`Answer::Download`].
    Download {
        /// The file's document.
        file: Subject,
        /// Pixels across at the most, where it is an image.
        width: Option<u32>,
    },
    /// Calls a procedure → [`Answer::Outcome`]. `NotFound` where nobody runs it, `Unavailable` where it cannot be run now or does not answer in time, and
    /// whatever error it answers; asked by anybody, as its claims decide.
    Invoke(Box<Invocation>),
    /// What was said of documents since these positions → [`Answer::Resumed`], in the same order.
    Resume(Vec<(Subject, Option<Position>)>),
    /// Something about other houses, or from one → [`Answer::Federation`]. `NotFound` where nothing is federated.
    Federation(Box<Ask>),
    /// The stored documents after this one, by age → [`Answer::Exported`]. Admins only, as all that follow.
    Export {
        /// Where the page before ended.
        after: Id,
        /// How many at the most.
        limit: u64,
    },
    /// The procedures that are registered, by name → [`Answer::Procedures`].
    Procedures,
    /// A token for workers of this name → [`Answer::WorkerToken`].
    IssueWorkerToken {
        /// Under which they run procedures.
        name: String,
        /// How long it holds; for ever where not given.
        ttl: Option<Duration>,
    },
    /// Ends all tokens of workers of this name, and their connections → [`Answer::Done`].
    EndWorkerTokens(String),
    /// Makes documents as they are given, or brings them to that → [`Answer::Done`].
    Import(Vec<Document>),
    /// The agent key of a user, by username, where the server holds it → [`Answer::AgentSecret`].
    AgentSecret(String),
    /// A token for a user, by username → [`Answer::SignedIn`].
    IssueToken {
        /// Whose.
        username: String,
        /// How long it holds; the house's own time where not given.
        ttl: Option<Duration>,
    },
}

/// What the hall answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is done, and on disk where it is kept.
    Done,
    /// To [`crate::Action::Authenticate`]: who the session now is.
    Identity(Identity),
    /// To [`crate::Action::Subscribe`]: listening. Rights are asked again at each delivery.
    Subscribed {
        /// Whether the session may hear it at this moment.
        readable: bool,
    },
    /// One user.
    User(User),
    /// Users.
    Users(Vec<User>),
    /// A login.
    SignedIn(Box<SignedIn>),
    /// An image.
    Image(Image),
    /// The server.
    Server(ServerRecord),
    /// One room.
    Room(Room),
    /// Rooms.
    Rooms(Vec<Room>),
    /// One chat.
    Chat(Box<Chat>),
    /// Chats.
    Chats(Vec<Chat>),
    /// Who reacted.
    Reactors(Reactors),
    /// One thread.
    Thread(Thread),
    /// Threads.
    Threads(Vec<Thread>),
    /// Roles.
    Roles(Vec<RoleEntry>),
    /// Sets of rights.
    Grants(Vec<Grant>),
    /// A commit that is on disk.
    Committed {
        /// As it is stored.
        commit: Arc<Commit>,
        /// Its place in the history of its document; of its room, where that is a chat.
        position: Option<Position>,
    },
    /// One document.
    Document(Box<Described>),
    /// Documents.
    Documents(Vec<Document>),
    /// A page of documents.
    Found(Box<Found>),
    /// Commits.
    Commits(Vec<Arc<Commit>>),
    /// An invite was accepted.
    Accepted {
        /// What it was for.
        target: Subject,
        /// The agent that has the rights now.
        agent: Subject,
    },
    /// A file.
    Download(Box<Download>),
    /// What a procedure answered.
    Outcome(Outcome),
    /// Procedures.
    Procedures(Vec<Report>),
    /// A token for workers.
    WorkerToken(Secret),
    /// What was missed.
    Resumed(Vec<Resumed>),
    /// What is said of other houses.
    Federation(Told),
    /// Documents, each with its number.
    Exported(Vec<(Id, Document)>),
    /// An agent's key pair.
    AgentSecret {
        /// The secret half.
        secret: AgentSecret,
        /// The agent's URL.
        subject: Subject,
    },
}

/// A user who is in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Its number.
    pub user: Id,
    /// Its username.
    pub username: Arc<str>,
    /// On which dialects, each once.
    pub dialects: Vec<Via>,
    /// Since when, on any of them without a gap.
    pub since: Timestamp,
}

/// What was missed of one document.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// Which document.
    pub subject: Subject,
    /// Whether the asker may read it now.
    pub readable: bool,
    /// Whether `missed` is all that was missed; else the state is to be read again.
    pub recovered: bool,
    /// Where its history is now: go on from here. `None` for what the asker may not read, and for what has no history.
    pub position: Option<Position>,
    /// The topic whose history that is.
    pub topic: Topic,
    /// What was missed, in order.
    pub missed: Vec<Arc<Commit>>,
}

/// A role with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleEntry {
    /// The role.
    pub role: Role,
    /// Who has it, by number; empty for [`Id::EVERYONE`], which all have.
    pub members: Vec<Id>,
    /// Its rights everywhere.
    pub rights: crate::right::Rights,
}
