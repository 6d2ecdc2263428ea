//! The hall: topics, sessions, fan-out, presence, policy, identity.
//!
//! The hall has never heard of any room by name: it knows `dyn Dialect`. In reading order:
//!
//! 1. [`hub`]: what the hall is made of; `saying`: how an event is heard.
//! 2. [`directory`], [`policy`], [`readers`]: who is who, and who may do and hear what.
//! 3. [`calls`]: what can be asked, one file per noun.
//! 4. [`procedures`]: what others answer. [`attachment`], [`outlet`], [`presence`]: open connections.
//! 5. [`fanout`], [`delivery`]: from one event to many sockets. [`listening`]: to the program that this is a part of.
//! 6. `place`, `portrait`, `retelling`: rooms, chats and users as documents, and what happens to them as commits.
//! 7. [`federation`]: other houses. 8. [`tokens`], [`passwords`], [`rates`], [`images`], [`founding`]: what calls need.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod agents;
pub mod attachment;
pub mod calls;
pub mod delivery;
pub mod directory;
pub mod fanout;
pub mod federation;
pub mod founding;
pub mod hub;
pub mod images;
mod keyring;
pub mod listening;
pub mod outlet;
pub mod passwords;
mod place;
pub mod policy;
mod portrait;
pub mod presence;
pub mod procedures;
mod proofs;
pub mod rates;
pub mod readers;
mod retelling;
mod saying;
mod steward;
pub mod tokens;

pub use self::attachment::Attachment;
pub use self::hub::{Caller, Hub, Parts, Rules, Started};
pub use self::outlet::Outlet;
pub use self::policy::Policy;
pub use self::readers::Readers;
