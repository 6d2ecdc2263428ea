//! What the calls of the hall do, asked of a whole hub over an in-memory store.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod accounts;
mod admins;
mod attached;
mod chats;
mod founding;
mod house;
mod images;
mod patient;
mod presence;
mod privacy;
mod rights;
mod rooms;
