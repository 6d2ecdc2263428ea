//! Presence: who is here, by count of connections.
//!
//! [`online`] knows which users have a connection at all, [`attendance`] in which rooms they are (`spots`: one of them, on one dialect), and [`doorkeeper`] announces those who stay.

pub mod attendance;
pub mod doorkeeper;
pub mod online;
mod spots;
