//! What can be asked of the hall about other houses, and what it answers.

use std::sync::Arc;

use crate::error::Error;
use crate::federation::address::{Address, Form, Own, Target};
use crate::federation::follow::{Follow, FollowState};
use crate::federation::host::Host;
use crate::federation::incoming::Incoming;
use crate::federation::note::{NewNote, Note};
use crate::federation::peer::{DeadLetter, PeerReport, Standing};
use crate::federation::pen::Pen;
use crate::federation::signed::{Signed, Verified};
use crate::id::Id;
use crate::room::Room;
use crate::time::Timestamp;
use crate::user::User;

/// A question about other houses, or from one. Those up to [`Ask::Show`] are what rooms ask for peers, whose signatures decide; the others are asked by users,
/// each for itself, and those from [`Ask::Peers`] on by admins.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Something to sign with → [`Told::Pen`].
    Pen,
    /// Whether a signature holds → [`Told::Verified`]. `Stale` outside of the window, `Forbidden` for who is blocked, `Unauthenticated` where it does not hold,
    /// `Unavailable` where the key could not be fetched just now, `BadMessage` for a signer on this very host.
    ///
    /// Also gets ready what [`Ask::Receive`] will need of `incoming`, so that this then reaches the store before it first waits.
    Verify(Box<Signed>, Option<Arc<Incoming>>),
    /// Takes an entity whose signature holds → [`Told::Received`]. Begun in order, entities are taken in order. `NotFound` for targets that there are not,
    /// `Forbidden` where the actor may not.
    Receive(Box<Verified>, Arc<Incoming>),
    /// Both at once, for what comes alone → [`Told::Received`]. What is wrong with the entity counts only where the signature holds.
    Accept(Box<Signed>, Result<Arc<Incoming>, Arc<Error>>),
    /// What an operator of another house writes to ours → [`Told::Done`]. Unsigned, so it may be anybody's: it is written to the log, and that is all.
    OperatorMessage(String),
    /// Something of this house, to be shown to another → [`Told::Shown`]. `NotFound` for what there is not, and for what whoever asks may not see.
    Show {
        /// What.
        exhibit: Exhibit,
        /// Who asks, where that is signed; checked first.
        reader: Option<Box<Signed>>,
    },
    /// Follows somebody (`name@host` or a URL), or joins a group of another house (a URL) → [`Told::Following`], which may be pending.
    /// `NotFound` where the other house knows nobody of that name, `Unavailable` where it is not reached.
    Follow(String),
    /// → [`Told::Following`].
    Unfollow(String),
    /// Whom the asker follows, and who follows it → [`Told::Follows`].
    Follows,
    /// Lets a follower of the asker in, or turns it away → [`Told::Following`].
    Settle {
        /// `name@host`, or the username of somebody here.
        follower: String,
        /// In or away?
        accept: bool,
    },
    /// Says something → [`Told::Note`].
    PostNote(NewNote),
    /// Changes what the asker said → [`Told::Note`].
    EditNote {
        /// Which.
        note: Id,
        /// What it says now.
        content: String,
    },
    /// Takes back what the asker said → [`Told::Done`].
    DeleteNote(Id),
    /// Feels something about a note of another house, or takes that back → [`Told::Done`].
    React {
        /// Its number here, or its URL.
        note: String,
        /// With what.
        reaction: String,
        /// Adding or removing?
        adding: bool,
    },
    /// What those say whom the asker follows, here and elsewhere, and what came that mentions or answers it, the newest first → [`Told::Entities`].
    Timeline {
        /// Before this number.
        before: Option<Id>,
        /// At most.
        limit: u64,
    },
    /// The peers → [`Told::Peers`].
    Peers,
    /// Whether a peer is listened and spoken to → [`Told::Done`]. Ends its connections where it is not.
    SetStanding(Host, Standing),
    /// Tries a peer again at once, and puts what was given up back into its queue → [`Told::Requeued`].
    Requeue(Host),
    /// What was given up → [`Told::DeadLetters`].
    DeadLetters(Option<Host>),
    /// Forgets a peer's keys, so that they are fetched again → [`Told::Done`].
    ForgetKeys(Host),
    /// New keys for this house and its users; what is signed from now on is signed with them → [`Told::Done`].
    RotateKeys,
    /// Everything taken from other houses, byte for byte, the newest first → [`Told::Entities`].
    Entities {
        /// From this house only.
        host: Option<Host>,
        /// Before this number.
        before: Option<Id>,
        /// At most.
        limit: u64,
    },
}

/// Something of this house that others may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exhibit {
    /// The house → [`Shown::House`].
    House,
    /// A user → [`Shown::User`].
    User(Id),
    /// A user by name, in any case → [`Shown::User`].
    Named(String),
    /// A note, or a chat of a federated room → [`Shown::Note`].
    Note(Id),
    /// A federated room → [`Shown::Room`].
    Room(Id),
    /// A user's reaction to something → [`Shown::Reaction`].
    Reaction {
        /// Whose.
        user: Id,
        /// To what, by its number here.
        to: Id,
        /// With what.
        reaction: String,
    },
    /// A part of a list → [`Shown::Page`].
    Page {
        /// Whose list.
        of: Own,
        /// Which.
        list: List,
        /// In which form items are to have a name. Those of other houses that have none are left out, and not counted: who reads on until it has all
        /// that were counted would never end.
        form: Form,
        /// How many to pass over.
        offset: u64,
        /// How many at the most.
        limit: u64,
    },
}

/// A list that belongs to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// The notes of a user, or the chats of a federated room, the newest first.
    Notes,
    /// Who follows a user, or is in a room.
    Followers,
    /// Whom a user follows.
    Following,
    /// What a user has put in front: nothing yet.
    Featured,
    /// What answers a note.
    Replies,
    /// What quotes a note.
    Quotes,
    /// Reactions to a note, of this type as the room spells it.
    Reactions(&'static str),
}

/// What is shown, and a pen to sign it with.
#[derive(Clone, Debug)]
pub struct Exhibition {
    /// What.
    pub shown: Shown,
    /// With what to sign.
    pub pen: Pen,
    /// When: what is signed says so.
    pub at: Timestamp,
}

/// Something of this house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The house: its name, what it says of itself, when it was founded.
    House {
        /// Its name.
        name: String,
        /// What it is.
        description: String,
        /// When it was founded.
        created_at: Timestamp,
    },
    /// A user.
    User(Box<User>),
    /// A note.
    Note(Box<Note>),
    /// A room.
    Room(Box<Room>),
    /// A reaction.
    Reaction {
        /// Whose.
        by: Id,
        /// To what, by its number here.
        number: Id,
        /// To what.
        to: Target,
        /// With what.
        reaction: String,
        /// When.
        at: Timestamp,
    },
    /// A part of a list.
    Page {
        /// Whose list.
        of: Own,
        /// How many there are in all.
        total: u64,
        /// This part.
        items: Vec<Item>,
    },
}

/// One of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A note of ours.
    Note(Note),
    /// Somebody or something that is only named.
    Named(Target),
    /// An entity of another house, or a reaction of a user of ours.
    Entity(Target),
}

/// What a sender may send, for headers (versia.md, section 3.4). A `TooMany` has it as its [`crate::Error::data`], by the names of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Allowance {
    /// Entities within a window.
    pub limit: u64,
    /// Of these, still.
    pub remaining: u64,
    /// Whole seconds until there are `limit` again.
    pub reset: u64,
}

/// How an entity was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// It is on disk.
    Taken,
    /// It was taken before, or is older than what is known: nothing changed.
    Known,
}

/// An entity of another house, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number here.
    pub id: Id,
    /// Which house sent it.
    pub host: Host,
    /// Of what type.
    pub kind: Arc<str>,
    /// Its name, where it has one.
    pub name: Option<Address>,
    /// Who did it.
    pub actor: Option<Address>,
    /// The chat that it is here, where it was said in a federated room.
    pub chat: Option<Id>,
    /// When it was taken.
    pub at: Timestamp,
    /// Who signed it, when and with what: base64. Nothing for what was said here.
    pub signature: Arc<str>,
    /// Byte for byte as it was signed.
    pub text: Arc<str>,
}

/// What the hall answers.
#[derive(Clone, Debug)]
pub enum Told {
    /// It is done.
    Done,
    /// Something to sign with.
    Pen(Pen),
    /// The signature holds.
    Verified(Box<Verified>),
    /// The entity was taken; and how much more the sender may send, where it is told that.
    Received(Reception, Option<Allowance>),
    /// Something of this house.
    Shown(Box<Exhibition>),
    /// A follow as it stands now.
    Following {
        /// The follower's name.
        follower: String,
        /// The name of the followee, or the URL of a group.
        followee: String,
        /// How it stands.
        state: FollowState,
    },
    /// Follows, each with the names of both.
    Follows(Vec<(Follow, String, String)>),
    /// A note, with its URL.
    Note(Box<Note>),
    /// Entities of other houses.
    Entities(Vec<Kept>),
    /// Peers, by name.
    Peers(Vec<PeerReport>),
    /// How many were put back.
    Requeued(u64),
    /// What was given up.
    DeadLetters(Vec<DeadLetter>),
}
