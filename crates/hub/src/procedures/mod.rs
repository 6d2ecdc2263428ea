//! Procedures: who runs which, and how a call of one goes.
//!
//! `registry` knows them all, in its `tables`; an `entry` is one of them with whoever runs it. Workers' connections have a `workbench` each, and those
//! of one name are a `crew`, which shares the calls. `meter`, `latency`, `crowd` and `shares` count. `names` tells before there is a registry whether
//! names are free.

mod crew;
mod crowd;
mod entry;
mod latency;
mod meter;
mod names;
mod registry;
mod shares;
mod tables;
mod workbench;

pub(crate) use entry::Entry;
pub use names::Names;
pub use registry::{Registration, Registry, Runner};
pub(crate) use shares::Party;
pub use workbench::{Bench, Errand};
