//! Procedures as closures of the program around a server.

mod call;
mod check;
mod closure;
mod definition;
mod payload;

pub use call::Call;
pub use check::{Checks, Given, Validate};
pub use definition::Procedure;
