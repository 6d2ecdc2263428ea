//! The edge as peers meet it: a whole server on loopback, and requests written by hand.

mod api;
mod bounds;
mod calls;
mod federation;
mod house;
mod lobby;
mod others;
mod paths;
mod procedures;
mod sockets;
mod tls;
