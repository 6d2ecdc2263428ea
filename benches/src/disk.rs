//! The disk floor: rows appended to a file that already has its size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Error;
use crate::latency::Latency;
use crate::sample::{Faults, Sample};
use crate::subject::Spent;

/// Bytes of one row, about what a stored chat takes.
const ROW: usize = 600;
/// Bytes of the file. It is written over from the start when it is full.
const SIZE: usize = 8 << 20;

/// A preallocated file; dropping it removes it.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    at: usize,
}

impl Journal {
    /// Makes the file in `directory`, with its blocks written, so that a sync has no metadata to write.
    pub(crate) fn create(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(format!("quintet-bench-{}.journal", std::process::id()));
        let failed = Error::system("write the disk floor's file");
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().create_new(true).write(true).open(&path)?;
            file.write_all(&vec![0; SIZE])?;
            file.sync_all()?;
            Ok(file)
        };
        Ok(Self { file: open().map_err(failed)?, path, at: 0 })
    }

    /// Appends and syncs `rows` at a time for `span`; the latency is that of one sync.
    pub(crate) fn measure(&mut self, rows: usize, span: Duration) -> Result<Sample, Error> {
        let batch = vec![b'r'; rows * ROW];
        let mut latency = Latency::new();
        let mut units = 0;
        let start = Instant::now();
        while start.elapsed() < span {
            let before = Instant::now();
            self.append(&batch).map_err(Error::system("sync the disk floor's file"))?;
            latency.record(before.elapsed());
            units += rows as u64;
        }
        let spent = Spent { wall: start.elapsed(), cpu: None, own: None };
        Ok(Sample { units, spent, latency: latency.percentiles(), bytes: None, faults: Faults::default() })
    }

    fn append(&mut self, batch: &[u8]) -> io::Result<()> {
        if self.at + batch.len() > SIZE {
            self.at = 0;
        }
        self.file.write_all_at(batch, self.at as u64)?;
        self.at += batch.len();
        self.file.sync_data()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // What cannot be removed is a small file in a scratch directory.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_and_the_file_goes_away() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(directory.path()).unwrap();
        let sample = journal.measure(64, Duration::from_millis(5)).unwrap();
        assert!(sample.units >= 64 && sample.units.is_multiple_of(64), "{sample:?}");
        assert!(sample.latency.is_some());
        drop(journal);
        assert_eq!(directory.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn the_file_keeps_its_size() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(directory.path()).unwrap();
        journal.at = SIZE - 1;
        journal.append(&[1; ROW]).unwrap();
        assert_eq!(journal.at, ROW);
        assert_eq!(journal.file.metadata().unwrap().len(), SIZE as u64);
    }
}
