//! `quintet import`

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};

use super::desk::{Complaint, Visit, Where};
use super::question::Question;
use super::{array, output};

/// Documents that are sent at once, at the most.
const BATCH: usize = 64;

/// Bytes of documents that are sent at once, where there is more than one: any server takes that much.
const BATCH_BYTES: usize = 128 * 1024;

/// The status of a server that was sent too much.
const TOO_LARGE: u16 = 413;

/// Arguments of `import`.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// A file with a JSON-AD array, as `quintet export` writes it; `-` reads standard input
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// What became of the documents so far.
#[derive(Default)]
struct Outcome {
    imported: u64,
    refused: Vec<Refused>,
}

/// A document that the server did not take, and why.
struct Refused {
    document: Value,
    reason: String,
}

impl Import {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let outcome = self.place.visit(|visit| take(visit, open(&self.file)?))?;
        self.tell(&outcome)?;
        Ok(if outcome.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn tell(&self, outcome: &Outcome) -> Result<()> {
        let Outcome { imported, refused } = outcome;
        if self.json {
            let refused: Vec<_> =
                refused.iter().map(|one| json!({"subject": one.subject(), "reason": one.reason})).collect();
            return output::line(json!({"imported": imported, "refused": refused}));
        }
        for one in refused {
            output::tell(format_args!("refused {}: {}", one.subject().unwrap_or("a document without @id"), one.reason));
        }
        let also = if refused.is_empty() { String::new() } else { format!(", refused {}", refused.len()) };
        output::line(format_args!("imported {imported} documents{also}"))
    }
}

impl Refused {
    fn subject(&self) -> Option<&str> {
        subject(&self.document)
    }
}

fn subject(document: &Value) -> Option<&str> {
    document["@id"].as_str()
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Reads a document at a time and sends them in batches, so that the size of the file does not matter.
fn take(visit: &mut Visit, from: impl Read) -> Result<Outcome> {
    let mut sender = Sender { visit, batch: Vec::new(), size: 0, outcome: Outcome::default() };
    array::read(from, |document| sender.add(document))?;
    sender.send()?;
    sender.try_again()?;
    Ok(sender.outcome)
}

/// What is being sent.
struct Sender<'a> {
    visit: &'a mut Visit,
    batch: Vec<Value>,
    /// Bytes of the batch.
    size: usize,
    outcome: Outcome,
}

impl Sender<'_> {
    fn add(&mut self, document: Value) -> Result<()> {
        let bytes = document.to_string().len();
        if self.batch.len() == BATCH || self.size + bytes > BATCH_BYTES {
            self.send()?;
        }
        self.batch.push(document);
        self.size += bytes;
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        self.size = 0;
        if batch.is_empty() {
            return Ok(());
        }
        let alone = batch.len() == 1;
        match self.visit.ask(&Question::post(&["documents"], &json!({"documents": batch}))) {
            Ok(answer) => self.outcome.note(batch, &answer),
            Err(error) => match error.downcast::<Complaint>()? {
                Complaint { status: TOO_LARGE, message } if alone => {
                    let refused = batch.into_iter().map(|document| Refused { document, reason: message.clone() });
                    self.outcome.refused.extend(refused);
                }
                complaint => return Err(self.outcome.broke_off(complaint)),
            },
        }
        Ok(())
    }

    /// What was refused may have stood before its parent: as long as that helps, it is sent again.
    fn try_again(&mut self) -> Result<()> {
        let mut left = usize::MAX;
        while !self.outcome.refused.is_empty() && self.outcome.refused.len() < left {
            left = self.outcome.refused.len();
            for refused in std::mem::take(&mut self.outcome.refused) {
                self.add(refused.document)?;
            }
            self.send()?;
        }
        Ok(())
    }
}

impl Outcome {
    /// Counts what was imported of a batch, and keeps what was not.
    fn note(&mut self, batch: Vec<Value>, answer: &Value) {
        self.imported += answer["imported"].as_u64().unwrap_or_default();
        let mut reasons: HashMap<String, String> = HashMap::new();
        for refused in answer["refused"].as_array().into_iter().flatten() {
            let text = |key: &str| refused[key].as_str().unwrap_or_default().to_owned();
            reasons.insert(text("subject"), text("reason"));
        }
        for document in batch {
            if let Some(reason) = reasons.get(subject(&document).unwrap_or_default()) {
                self.refused.push(Refused { reason: reason.clone(), document });
            }
        }
    }

    /// An error that tells how far it came.
    fn broke_off(&self, complaint: Complaint) -> anyhow::Error {
        anyhow::Error::from(complaint).context(format!("the import broke off after {} documents", self.imported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_kept_with_its_reason() {
        let mut outcome = Outcome::default();
        let batch = vec![json!({"@id": "http://a.example/1"}), json!({"@id": "http://a.example/2"}), json!({})];
        let refused = json!([
            {"subject": "http://a.example/2", "reason": "no parent"},
            {"subject": "", "reason": "no @id"},
        ]);
        outcome.note(batch, &json!({"imported": 1, "refused": refused}));
        let kept: Vec<_> = outcome.refused.iter().map(|one| (one.subject(), one.reason.as_str())).collect();
        assert_eq!(kept, [(Some("http://a.example/2"), "no parent"), (None, "no @id")]);
        assert_eq!(outcome.imported, 1);
    }
}
