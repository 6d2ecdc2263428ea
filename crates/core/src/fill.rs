//! Fill: how much of a page in bytes is taken.

use std::io;

use serde::Serialize;

use crate::limits;

/// A page that takes items, by their size as JSON, until one does not fit. The first one always goes on it.
#[derive(Debug)]
pub struct Fill {
    left: usize,
    begun: bool,
    full: bool,
}

impl Fill {
    /// An empty page of so many bytes.
    pub fn new(bytes: u64) -> Self {
        Self { left: limits::size(bytes), begun: false, full: false }
    }

    /// Whether one more goes on the page. Behind one that does not, nothing does: pages have no holes.
    pub fn takes(&mut self, item: &impl Serialize) -> bool {
        if self.full {
            return false;
        }
        self.full = serde_json::to_writer(Room(&mut self.left), item).is_err();
        let first = !std::mem::replace(&mut self.begun, true);
        first || !self.full
    }

    /// Whether nothing goes on the page any more, whatever its size.
    pub fn is_full(&self) -> bool {
        self.full
    }
}

/// Counts what is written, as far as it fits.
struct Room<'a>(&'a mut usize);

impl io::Write for Room<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::WriteZero)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: u64, items: &[&str]) -> Vec<bool> {
        let mut fill = Fill::new(bytes);
        items.iter().map(|item| fill.takes(item)).collect()
    }

    #[test]
    fn a_page_takes_what_fits_but_one_at_least() {
        for (bytes, items, expected) in [
            (6, &["1", "2"][..], &[true, true][..]),
            (5, &["1", "2"], &[true, false]),
            (0, &["1", "2"], &[true, false]),
            (7, &["1", "long", "3"], &[true, false, false]),
            (9, &["\u{1}", "2"], &[true, false]),
            (u64::MAX, &["1"], &[true]),
        ] {
            assert_eq!(taken(bytes, items), expected, "{bytes} {items:?}");
        }
    }
}
