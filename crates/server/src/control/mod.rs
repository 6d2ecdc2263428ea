//! What happens in the data directory: one server at a time, and a socket by which its owner gives it orders.

mod lock;
mod socket;

pub use lock::{Lock, LockError};
pub(crate) use socket::Socket;

use std::path::{Path, PathBuf};

/// The control socket of a data directory.
pub fn socket_path(data: &Path) -> PathBuf {
    data.join("control.sock")
}
