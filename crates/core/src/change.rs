//! Changes: what someone wants to be remembered. Each becomes one or more events, or an error, in one transaction.

use std::sync::Arc;

use crate::agent::AgentKey;
use crate::chat::{NewChat, Via};
use crate::commit::Commit;
use crate::federation::note::NewNote;
use crate::federation::{Follow, Host, Incoming, UserProfile};
use crate::hierarchy::Reader;
use crate::id::Id;
use crate::identity::{Author, Secret};
use crate::image::Image;
use crate::right::Grant;
use crate::room::{NewRoom, RoomEdit};
use crate::time::Timestamp;
use crate::user::{AgentSecret, NewAccount};

/// A change with its author: what the store takes.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose change it is. Policy has been asked already.
    pub author: Author,
    /// By which dialect it came in.
    pub via: Via,
    /// When it came in; becomes the event's time.
    pub at: Timestamp,
    /// What is to change.
    pub change: Change,
    /// The signed commit by which a chat is posted, changed or deleted. `Conflict` if it was known before.
    pub commit: Option<Arc<Commit>>,
}

/// What is to change. Names of errors: the [`crate::Kind`] that the store answers with, changing nothing.
#[derive(Clone, Debug)]
pub enum Change {
    /// The first change of an empty store: the server record, the first admin, its icon and first room. `Conflict` if there is one.
    Found(Box<Founding>),
    /// A new user; the events' author is the new user itself. `Conflict` if the login is taken.
    Register(Box<NewAccount>),
    /// A new password hash. `NotFound`.
    SetPassword {
        /// Whose.
        user: Id,
        /// The Argon2id hash in PHC form.
        password: Secret,
        /// Whether all its tokens end.
        end_tokens: bool,
    },
    /// Locks a user out, ending its tokens, or lets it in again. `NotFound`.
    SetDisabled {
        /// Whom.
        user: Id,
        /// Locked out?
        disabled: bool,
    },
    /// A new avatar. `NotFound`.
    SetAvatar {
        /// Whose.
        user: Id,
        /// The image.
        image: Image,
    },
    /// A new room. `NotFound` for an unknown parent.
    CreateRoom(NewRoom),
    /// A changed room. `NotFound`.
    ChangeRoom {
        /// Which.
        room: Id,
        /// What of it.
        edit: RoomEdit,
    },
    /// Removes a room, its descendants, their chats, threads and grants; one event for each room, the deepest first. `NotFound`.
    DeleteRoom(Id),
    /// A new chat. `NotFound` for an unknown room or a thread that is not of the room.
    PostChat(NewChat),
    /// A chat with new content. `NotFound`.
    EditChat {
        /// Which.
        chat: Id,
        /// What it says now.
        content: String,
    },
    /// Removes a chat for good. `NotFound`.
    DeleteChat(Id),
    /// Adds or removes the author's reaction; an event even where nothing changed. `NotFound`; `TooMany` distinct reactions.
    React {
        /// To which chat.
        chat: Id,
        /// With what.
        reaction: String,
        /// Adding or removing?
        adding: bool,
    },
    /// A thread grown from a chat. `NotFound`; `Conflict` if the chat has one, or is in one.
    StartThread {
        /// From which chat.
        chat: Id,
        /// What it is called.
        name: String,
    },
    /// A new role. `Conflict` if the name is taken.
    CreateRole {
        /// Its name.
        name: String,
        /// Its place in a list.
        ordinality: i32,
    },
    /// Removes a role, its members and grants. `NotFound`; `Conflict` for [`Id::EVERYONE`].
    DeleteRole(Id),
    /// Gives a role to a user, or takes it. `NotFound`; `Conflict` for [`Id::EVERYONE`].
    AssignRole {
        /// Which role.
        role: Id,
        /// To whom.
        user: Id,
        /// Give or take?
        member: bool,
    },
    /// Applies commits to documents, all or none.
    Commit(Commits),
    /// Something of another house. What it asks for is done in the same transaction; no events where it was taken before, or is older than what is known.
    /// `NotFound` for targets that there are not, `Forbidden` for what is somebody else's.
    Deliver(Box<Delivery>),
    /// A user of another house becomes one here, or is told of anew; the events' author is the user itself.
    Adopt(Box<Adoption>),
    /// A new note of the author.
    PostNote(NewNote),
    /// A note with new content. `NotFound`; `Forbidden` for who is not its author.
    EditNote {
        /// Which.
        note: Id,
        /// What it says now.
        content: String,
    },
    /// Removes a note. `NotFound`; `Forbidden` for who is not its author.
    DeleteNote(Id),
    /// Adds or removes the author's reaction to a note of another house; an event even where nothing changed. `NotFound`.
    ReactToNote {
        /// Its number here.
        to: Id,
        /// With what.
        reaction: String,
        /// Adding or removing?
        adding: bool,
    },
    /// How a follow stands, as a user of this house wants it. `NotFound` where there is nothing to settle or to end.
    Follow(Follow),
    /// Replaces a set of rights; an empty one removes it. `NotFound` for an unknown room, user or role.
    SetGrant(Grant),
}

/// Signed commits to documents of this house, in order. Their signatures have been checked.
///
/// `Conflict` for a commit that was known before; `Stale` where a document is not as expected; `Unauthenticated` or `Forbidden` without the
/// right; `NotFound` where there is nothing to destroy; `TooLarge` beyond a bound; `BadMessage` for what the vocabulary does not allow.
#[derive(Clone, Debug)]
pub struct Commits {
    /// Each with what is expected of its document.
    pub commits: Vec<(Arc<Commit>, Expect)>,
    /// Whose rights decide.
    pub signer: Reader,
    /// Whether the signer may make drives, which have no parent.
    pub drives: bool,
}

/// What is expected of a document before a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: commits to one document are merged property by property, in the order in which they come.
    #[default]
    Anything,
    /// That its last commit is this one; `None` if it must not be there.
    Last(Option<String>),
}

/// What a new house begins with.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The server's name.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// Its icon.
    pub icon: Image,
    /// The first user; gets the admin right.
    pub admin: NewAccount,
    /// The default room, made by the admin.
    pub room: NewRoom,
}

/// An entity of another house, to be taken.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What it says and asks for.
    pub incoming: Arc<Incoming>,
    /// Which house sent it.
    pub host: Host,
    /// When it was signed: what is signed before what is known of the same name says nothing new.
    pub signed_at: Timestamp,
    /// Base64 of the signature; empty for what was fetched.
    pub signature: Arc<str>,
    /// Who did it, where that is a user here.
    pub actor: Option<Id>,
    /// Whether followers wait until they are let in.
    pub manual: bool,
    /// Whether the actor may write in the room that it is for, or react there: policy has been asked. For a note in a group of another house: whether
    /// that house says so.
    pub may: bool,
}

/// A user of another house.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// What is known of it.
    pub profile: UserProfile,
    /// The agent key that it gets here, with which its chats are signed for documents.
    pub agent: AgentKey,
    /// The secret half.
    pub agent_secret: AgentSecret,
}

/// Which part of the rights changed, so that what depends on it can be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RightsChange {
    /// A role appeared.
    RoleCreated(crate::right::Role),
    /// A role went, with its members and grants.
    RoleDeleted(Id),
    /// A user got or lost a role.
    RoleAssigned {
        /// Which role.
        role: Id,
        /// Who.
        user: Id,
        /// Got or lost?
        member: bool,
    },
    /// A set of rights was replaced, or removed where it is empty.
    Granted(Grant),
}
