//! The frames of the socket: what a client says ([`message`]), and what it is told ([`told`]).
//!
//! One message is one text frame: a verb, one space, an argument up to the end (atomic-data.md, sections 3 and 4).

pub(crate) mod message;
pub(crate) mod told;

#[cfg(test)]
mod tests;
