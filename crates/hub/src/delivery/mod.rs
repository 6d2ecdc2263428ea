//! Delivery: a few tasks that own the subscriber lists and write events to sockets.
//!
//! A publisher pushes an event into the inbox of each delivery task that has listeners for it; one push for a thousand listeners.
//! The task takes everything that waits, joins the runs of one topic into one piece of shared bytes for each [`voice::Voice`], and hands those
//! bytes to each listener's [`crate::outlet::Outlet`]. No channel, task wake-up or copy per listener.

pub mod broadcast;
pub mod held;
pub mod inbox;
pub mod interest;
pub mod listeners;
pub mod small_map;
pub mod spoken;
pub mod task;
pub mod trie;
pub mod voice;
