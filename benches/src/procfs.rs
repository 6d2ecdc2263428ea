//! CPU time and memory of a process, from Linux's `/proc`.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// CPU time of each thread of a process at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cpu(HashMap<u64, u64>);

impl Cpu {
    /// Reads the scheduler's nanosecond count of every thread; `None` when there is no such process,
    /// or the kernel keeps no such count.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let mut threads = HashMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // A thread may end between listing and reading.
            let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else { continue };
            threads.insert(id, on_cpu(&text)?);
        }
        (!threads.is_empty()).then_some(Self(threads))
    }

    /// Time spent since `earlier`. What a thread that has ended meanwhile spent is not known.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let spent = |(id, now): (&u64, &u64)| now.saturating_sub(earlier.0.get(id).copied().unwrap_or(0));
        Duration::from_nanos(self.0.iter().map(spent).sum())
    }
}

/// What the calling thread has spent until now.
pub(crate) fn own_thread() -> Option<Duration> {
    on_cpu(&fs::read_to_string("/proc/thread-self/schedstat").ok()?).map(Duration::from_nanos)
}

/// The first field of a `schedstat` file: nanoseconds on a CPU.
fn on_cpu(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// Resident memory of a process in bytes; `None` when it cannot be read.
pub(crate) fn resident(pid: u32) -> Option<u64> {
    // The roll-up is exact; the counter in `status` may lag behind by some pages per thread.
    let read = |file, field| {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
        kilobytes(&text, field)
    };
    read("smaps_rollup", "Rss:").or_else(|| read("status", "VmRSS:"))
}

/// The value of a `Field:  123 kB` line, in bytes.
fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(field))?;
    let count: u64 = rest.split_ascii_whitespace().next()?.parse().ok()?;
    Some(count * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        assert_eq!(on_cpu("165054754 10575237 334\n"), Some(165_054_754));
        assert_eq!(on_cpu(""), None);
        let rollup = "55b7-7ffd ---p 00000000 00:00 0  [rollup]\nRss:     1840 kB\nPss:      398 kB\n";
        assert_eq!(kilobytes(rollup, "Rss:"), Some(1840 * 1024));
        assert_eq!(kilobytes(rollup, "Swap:"), None);
    }

    #[test]
    fn threads_are_subtracted_one_by_one() {
        let earlier = Cpu(HashMap::from([(1, 100), (2, 50)]));
        let later = Cpu(HashMap::from([(1, 130), (3, 7)]));
        assert_eq!(later.since(&earlier), Duration::from_nanos(37));
    }

    #[test]
    fn this_process_has_memory_and_no_process_zero_has_any() {
        assert!(resident(std::process::id()).unwrap() > 100_000);
        assert_eq!(resident(0), None);
        assert!(Cpu::of(0).is_none());
    }
}
