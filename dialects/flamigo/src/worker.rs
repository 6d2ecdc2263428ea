//! What is said at the workers' entrance only, one file per noun (WORKER.md).

pub(crate) mod offer;
pub(crate) mod order;
pub(crate) mod result;
