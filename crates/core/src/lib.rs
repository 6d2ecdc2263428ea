//! The words of the house: what every crate and every room speaks.
//!
//! Pure by construction: no async, no clock, no socket, no disk, no randomness. In reading order:
//!
//! 1. [`id`], [`time`], [`topic`], [`position`], [`subject`], [`term`]: names and places.
//! 2. [`agent`], [`identity`], [`right`], [`hierarchy`]: who someone is and what they may do.
//! 3. [`user`], [`room`], [`chat`], [`image`], [`document`]: what is remembered; [`commit`]: how documents change.
//! 4. [`procedure`]: what is called by name and answers; [`payload`]: reading what it is called with.
//! 5. [`change`] (what someone wants to say), [`event`] (what was said), [`call`] (what someone asks, and the answer).
//! 6. [`federation`]: what houses say to each other.
//! 7. [`frame`], [`http`], [`dialect`]: how a room is spoken to and speaks.
//! 8. [`plain`]: how events sound where a room has no words of its own.
//! 9. [`canonical`]: what is signed. [`error`], [`limits`], [`fill`]: what can go wrong, every bound there is, and pages within one.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod agent;
pub mod call;
pub mod canonical;
pub mod change;
pub mod chat;
pub mod commit;
pub mod depth;
pub mod dialect;
pub mod document;
pub mod error;
pub mod event;
pub mod federation;
pub mod fill;
pub mod frame;
pub mod hierarchy;
pub mod http;
pub mod id;
pub mod identity;
pub mod image;
pub mod limits;
pub mod payload;
pub mod plain;
pub mod position;
pub mod procedure;
pub mod right;
pub mod room;
pub mod subject;
pub mod term;
pub mod time;
pub mod topic;
pub mod user;

pub use agent::AgentKey;
pub use call::{Answer, Call};
pub use change::{Change, Draft};
pub use chat::Chat;
pub use commit::Commit;
pub use dialect::{Action, Dialect, Hello, Input, Origin, Session, Ticket};
pub use document::{Document, Properties};
pub use error::{Error, Kind};
pub use event::{Body, Event};
pub use fill::Fill;
pub use frame::Frame;
pub use id::Id;
pub use identity::{Author, Credential, Identity};
pub use limits::Limits;
pub use payload::Payload;
pub use position::Position;
pub use right::{Right, Rights};
pub use room::Room;
pub use subject::Subject;
pub use time::Timestamp;
pub use topic::{Pattern, Topic};
pub use user::User;
