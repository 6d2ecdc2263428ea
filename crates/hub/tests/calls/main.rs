//! What the calls of the hall do, asked of a whole hub over an in-memory store.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod accounts;
mod admins;
mod attached;
mod attacks;
mod builtins;
mod catching_up;
mod chats;
mod collections;
mod commits;
mod crews;
mod crews_at_random;
mod crews_raced;
mod documents;
mod exhibits;
mod files;
mod follows;
mod founding;
mod histories;
mod house;
mod images;
mod inbox;
mod invites;
mod messages;
mod newcomers;
mod notes;
mod patient;
mod peer;
mod portraits;
mod presence;
mod privacy;
mod procedures;
mod retold;
mod rights;
mod rooms;
mod sessions;
mod sheets;
mod signer;
mod subscriptions;
mod telling;
mod transfer;
mod troubled;
mod verifying;
mod within;
mod workers;
