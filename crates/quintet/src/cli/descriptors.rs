//! File descriptors: every connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft bound of this process to its hard one. The soft one is low for the sake of programs that use `select`.
pub(crate) fn raise() {
    let bound = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: bound.maximum, maximum: bound.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, current = ?bound.current, "cannot raise the number of open files");
    }
}
