//! RFC 6455 and RFC 7692, as pure functions over bytes: the server's side, and what a client needs of it without compression.
//!
//! Nothing here reads, writes or waits: [`handshake`] judges a request, [`Decoder`] turns what was read into messages,
//! [`deflate`] packs what is to be sent. A peer's bytes can end its connection with a [`Violation`], and do nothing else.

mod close;
mod decoder;
pub mod deflate;
mod gather;
pub mod handshake;
mod header;
mod mask;
mod message;
mod text;
mod violation;

#[cfg(test)]
mod tests;

pub use decoder::{Bounds, Decoder};
pub use header::frame_size;
pub use mask::masked;
pub use message::Message;
pub use violation::Violation;
