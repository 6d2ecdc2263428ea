//! The example file: every key with its doc and default.

use std::fmt::Write as _;

use super::section::{Key, Section};
use super::{Procedure, sections};

/// Columns of a comment.
const WIDTH: usize = 100;

/// `quintet.example.toml`: all keys, commented out, at their defaults.
pub fn example() -> String {
    let mut text =
        "# Quintet: the configuration. Copy this file to quintet.toml and change what you need.\n".to_owned();
    for section in sections() {
        write_section(&mut text, &section);
    }
    text + &procedures()
}

/// Tables that are there only where somebody writes them are comments as a whole.
fn procedures() -> String {
    let section = Procedure::table();
    let mut text = String::new();
    write_doc(&mut text, section.doc);
    let mut table = format!("\n[[{}]]\n", section.name);
    for key in &section.keys {
        write_key(&mut table, key);
    }
    let lines = table
        .lines()
        .map(|line| format!("# {}", line.strip_prefix('#').filter(|key| !key.starts_with(' ')).unwrap_or(line)));
    let lines: Vec<_> = lines.map(|line| line.trim_end().to_owned()).collect();
    format!("\n{text}{}\n", lines.join("\n"))
}

fn write_section(text: &mut String, section: &Section) {
    text.push('\n');
    write_doc(text, section.doc);
    if !section.name.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "[{}]", section.name);
    }
    for key in &section.keys {
        write_key(text, key);
    }
}

fn write_key<T>(text: &mut String, key: &Key<T>) {
    text.push('\n');
    write_doc(text, key.doc);
    let _ = writeln!(text, "#{} = {}", key.name, key.default);
}

/// A comment, its lines broken between words.
fn write_doc(text: &mut String, doc: &str) {
    let mut column = 0;
    for word in doc.split_whitespace() {
        let width = word.chars().count() + 1;
        if column == 0 || column + width > WIDTH {
            text.push_str(if column == 0 { "#" } else { "\n#" });
            column = 1;
        }
        text.push(' ');
        text.push_str(word);
        column += width;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Sources, load};
    use super::*;

    const COMMITTED: &str = include_str!("../../../../quintet.example.toml");

    /// `UPDATE=1 cargo test -p quintet-server example` writes the file anew.
    #[test]
    fn the_committed_example_is_fresh() {
        if std::env::var_os("UPDATE").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../quintet.example.toml");
            std::fs::write(path, example()).unwrap();
            return;
        }
        assert!(
            COMMITTED == example(),
            "quintet.example.toml is stale; run: UPDATE=1 cargo test -p quintet-server example"
        );
    }

    fn load_text(text: &str) -> Config {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        load(&Sources { file: Some(file.path().to_owned()), ..Sources::default() }).unwrap().config
    }

    #[test]
    fn the_example_stands_for_the_defaults() {
        assert_eq!(load_text(&example()), Config::default());
        // A comment begins with `# `, a key that is commented out with `#`.
        let on = |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
        let uncommented: Vec<_> = example().lines().map(on).collect();
        assert!(uncommented.iter().any(|line| line == "queue_bytes = 1048576"));
        assert_eq!(load_text(&uncommented.join("\n")), Config::default());
    }
}
