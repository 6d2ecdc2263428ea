//! The process's limit of open files.

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::Error;

/// Raises the limit as far as it may be raised: every connection needs one file at each end.
pub(crate) fn raise() -> Result<(), Error> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).map_err(|error| Error::system("raise the limit of open files")(error.into()))
}
