//! Stores from outside: one body of tests that each passes, what only the one on disk does, and a search for differences.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::similar_names, reason = "follower and followee are the words of the field")]

mod disk;
mod house;
mod letters;
mod migrations;
mod pen;
mod twins;

/// Runs each test against a new house in memory, and one on disk.
macro_rules! on_every_store {
    ($($name:ident)*) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::house::House::in_memory()).await;
            })*
        }

        mod on_disk {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::house::House::on_disk()).await;
            })*
        }
    };
}

/// What each change does, what it refuses, and what is read back.
mod conformance {
    mod adoptions;
    mod audiences;
    mod chats;
    mod deliveries;
    mod documents;
    mod drafts;
    mod feelings;
    mod files;
    mod follows;
    mod hierarchy;
    mod histories;
    mod lists;
    mod notes;
    pub(crate) mod outbox;
    mod people;
    mod queries;
    mod reactions;
    mod rights;
    mod rooms;
    mod searches;
    mod signed_chats;
    mod threads;
    mod vocabulary;
}
