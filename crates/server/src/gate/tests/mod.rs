//! The gate against hosts that mean no good, over real sockets on loopback.

mod bodies;
mod closed;
mod encrypted;
mod house;
mod posts;
