//! Tables: rows of texts and numbers below a head.

/// The lines of a table, of which the first `texts` columns begin below each other; the others are numbers, which end so.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    texts: usize,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let rows: Vec<_> = std::iter::once(head.map(ToOwned::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = std::array::from_fn::<_, N, _>(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column < texts { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_begin_and_numbers_end_below_each_other() {
        let rows = [["a", "10"], ["long", "7"]].map(|row| row.map(ToOwned::to_owned));
        assert_eq!(table(["NAME", "N"], 1, rows.clone()), "NAME   N\na     10\nlong   7\n");
        assert_eq!(table(["NAME", "N"], 2, rows), "NAME  N\na     10\nlong  7\n");
    }
}
