//! `quintet export`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::desk::{Visit, Where};
use super::output;
use super::question::Question;

/// Arguments of `export`.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// Write to this file, which only its owner may read, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Where,
}

impl Export {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match &self.output {
            Some(path) => {
                let count = self.place.visit(|visit| to_file(visit, path))?;
                output::line(format_args!("exported {count} documents to {}", path.display()))?;
            }
            None => {
                self.place.visit(|visit| pages(visit, output::print))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The file is there when it is whole; until then its place is untouched.
fn to_file(visit: &mut Visit, path: &Path) -> Result<u64> {
    let failed = || format!("cannot write to {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).with_context(failed)?;
    let count = pages(visit, |text| file.write_all(text.as_bytes()).with_context(failed))?;
    file.as_file().sync_all().with_context(failed)?;
    file.persist(path).map_err(|error| error.error).with_context(failed)?;
    Ok(count)
}

/// Writes all documents as one JSON-AD array, a line each; tells how many.
fn pages(visit: &mut Visit, mut write: impl FnMut(&str) -> Result<()>) -> Result<u64> {
    let (mut count, mut after) = (0, Some(0));
    while let Some(page) = after {
        let mut answer = visit.ask(&Question::query(&["documents"], format!("after={page}")))?;
        let Value::Array(documents) = answer["documents"].take() else {
            anyhow::bail!("the server's answer holds no documents");
        };
        let mut text = String::new();
        for document in documents {
            text.push_str(if count == 0 { "[\n" } else { ",\n" });
            text.push_str(&document.to_string());
            count += 1;
        }
        write(&text)?;
        after = answer["next"].as_u64();
    }
    write(if count == 0 { "[]\n" } else { "\n]\n" })?;
    Ok(count)
}
