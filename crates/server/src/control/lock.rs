//! The lock of a data directory.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The right to use a data directory; free again when it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    data: PathBuf,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process uses it.
    #[error("{} is in use by process {pid}; stop it first, or choose another directory with --data", data.display())]
    Taken {
        /// The directory.
        data: PathBuf,
        /// The process, as it wrote it down itself.
        pid: String,
    },
    /// It cannot be made or written to.
    #[error("cannot use {} as a data directory", data.display())]
    Unusable {
        /// The directory.
        data: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Lock {
    /// Takes a data directory, making it where there is none, for its owner only.
    pub fn take(data: &Path) -> Result<Self, LockError> {
        let unusable = |source| LockError::Unusable { data: data.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(unusable)?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(data.join("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Taken { data: data.to_owned(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        write_pid(&mut file).map_err(unusable)?;
        Ok(Self { file, data: data.to_owned() })
    }

    /// The directory.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The kernel frees the lock with the file anyway; an empty file just reads better.
        let _ = self.file.set_len(0);
    }
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn read_pid(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(20).read_to_string(&mut text);
    match (read, text.trim()) {
        (Ok(_), pid) if !pid.is_empty() => pid.to_owned(),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_directory_is_used_by_one_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("a/b");
        let lock = Lock::take(&data).unwrap();
        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let error = Lock::take(&data).unwrap_err().to_string();
        assert!(error.contains(&format!("in use by process {}", std::process::id())), "{error}");
        drop(lock);
        assert_eq!(Lock::take(&data).unwrap().data(), data);
    }

    #[test]
    fn what_is_no_directory_cannot_be_used() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Lock::take(file.path()).unwrap_err();
        assert!(matches!(error, LockError::Unusable { .. }), "{error}");
    }
}
