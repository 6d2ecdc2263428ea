//! Procedures: who runs which, and how a call of one goes.

mod registry;
mod workbench;

pub use registry::{Registration, Registry, Runner};
pub use workbench::{Bench, Errand};
