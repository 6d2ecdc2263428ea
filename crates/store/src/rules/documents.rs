//! Rules for documents: what signed commits do to them.
//!
//! All is decided here, on the state that the commits before have left: existence, rights, place, vocabulary and size.

mod bounds;
mod pending;
mod placing;
mod rights;
mod vocabulary;

use std::sync::Arc;

use quintet_core::change::{Commits, Expect};
use quintet_core::document::is_a;
use quintet_core::error::{Error, Kind};
use quintet_core::event::{Body, Committed};
use quintet_core::hierarchy::{Act, Audience, Reader};
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::{Commit, Document, Properties, term};

use self::bounds::Texts;
use self::pending::Pending;
use self::placing::Placing;
use self::vocabulary::Vocabulary;
use super::{Said, known, nesting};
use crate::lineage::Lineage;
use crate::search::Terms;
use crate::sheet::{Node, Sheet};
use crate::tables::{Draught, Library, Tables};
use crate::{atoms, texts};

/// What one commit does, checked.
enum Step {
    Put(Draught),
    Remove { id: Id, atoms: Vec<i64> },
}

/// A step, and who may hear of it.
struct Decision {
    step: Step,
    audience: Audience,
}

/// Decides about all commits, then writes them.
pub(super) fn commit<T: Tables>(tables: &mut T, commits: &Commits, limits: &Limits) -> Result<Said, Error> {
    let numbers: Vec<Id> = commits.commits.iter().map(|_| tables.next_id()).collect();
    let decisions = decide(tables, commits, &numbers, limits)?;
    let mut bodies = Vec::with_capacity(decisions.len());
    for (Decision { step, audience }, (commit, _)) in decisions.into_iter().zip(&commits.commits) {
        let created = matches!(&step, Step::Put(draught) if draught.created);
        match step {
            Step::Put(draught) => tables.put_document(&draught)?,
            Step::Remove { id, atoms } => tables.remove_document(id, &atoms)?,
        }
        bodies.push(Body::Committed(Committed { subject: commit.subject.clone(), created, audience }));
    }
    let commits = commits.commits.iter().map(|(commit, _)| Arc::clone(commit)).collect();
    Ok(Said { commits, ..bodies.into() })
}

fn decide<T: Tables>(tables: &T, commits: &Commits, numbers: &[Id], limits: &Limits) -> Result<Vec<Decision>, Error> {
    let mut pending = Pending::new(tables);
    let mut decisions = Vec::with_capacity(numbers.len());
    for ((commit, expect), number) in commits.commits.iter().zip(numbers) {
        if !pending.is_first(&commit.signature) || tables.has_commit(&commit.signature)? {
            return Err(known());
        }
        let before = pending.find(commit.subject.as_str())?;
        check_expected(expect, before.as_ref(), commit)?;
        let judge = Judge { library: &pending, commits, commit, limits };
        let decision = match before {
            Some(sheet) if commit.destroy => judge.destroy(&sheet)?,
            Some(sheet) => judge.change(sheet)?,
            None if commit.destroy => return Err(no_document(commit)),
            None if tables.has_chat_at(commit.subject.as_str())? => return Err(taken(commit)),
            None => judge.create(*number)?,
        };
        match &decision.step {
            Step::Put(draught) => pending.put(&draught.sheet),
            Step::Remove { id, .. } => pending.remove(*id, &commit.subject),
        }
        decisions.push(decision);
    }
    Ok(decisions)
}

fn check_expected(expect: &Expect, before: Option<&Sheet>, commit: &Commit) -> Result<(), Error> {
    let last = before.and_then(|sheet| sheet.document.text(term::LAST_COMMIT));
    let is_as_expected = match expect {
        Expect::Anything => true,
        Expect::Last(None) => before.is_none(),
        Expect::Last(Some(expected)) => last == Some(expected),
    };
    if is_as_expected {
        return Ok(());
    }
    Err(Error::new(Kind::Stale, format!("{} has changed since it was read; read it again", commit.subject)))
}

/// Decides about one commit.
struct Judge<'a, L> {
    library: &'a L,
    commits: &'a Commits,
    commit: &'a Commit,
    limits: &'a Limits,
}

impl<L: Library> Judge<'_, L> {
    fn signer(&self) -> &Reader {
        &self.commits.signer
    }

    fn create(&self, number: Id) -> Result<Decision, Error> {
        let after = self.commit.apply(Properties::new())?.ok_or_else(|| no_document(self.commit))?;
        let above = self.placing().of_new(&after)?;
        let sheet = Sheet { id: number, above, document: self.document(after) };
        self.put(sheet, &Before::default())
    }

    fn change(&self, sheet: Sheet) -> Result<Decision, Error> {
        self.check_write(&sheet)?;
        let node = Node::from(&sheet);
        let before = Before::of(&sheet.document.properties, self.commit);
        let after = self.commit.apply(sheet.document.properties)?.ok_or_else(|| no_document(self.commit))?;
        let above = self.placing().of_changed(&node, &after)?;
        self.put(Sheet { id: node.id, above, document: self.document(after) }, &before)
    }

    fn destroy(&self, sheet: &Sheet) -> Result<Decision, Error> {
        self.check_write(sheet)?;
        let lineage = Lineage::of(self.library, Node::from(sheet), self.limits)?;
        let step = Step::Remove { id: sheet.id, atoms: atoms::of(&sheet.document.properties) };
        Ok(Decision { step, audience: lineage.audience() })
    }

    fn check_write(&self, sheet: &Sheet) -> Result<(), Error> {
        rights::check_write(self.library, self.signer(), sheet, self.limits)
    }

    fn placing(&self) -> Placing<'_, L> {
        let Self { library, commits, commit, limits } = *self;
        Placing { library, signer: &commits.signer, drives: commits.drives, commit, limits }
    }

    fn document(&self, properties: Properties) -> Document {
        Document { subject: self.commit.subject.clone(), properties }
    }

    /// Checks what a document is to become.
    fn put(&self, sheet: Sheet, before: &Before) -> Result<Decision, Error> {
        let properties = &sheet.document.properties;
        self.check_class(properties)?;
        nesting::check(self.commit)?;
        Vocabulary::new(self.library, self.commit.subject.origin(), self.limits).check(self.commit, properties)?;
        let Texts { all: text, heading } = bounds::check(properties, self.limits)?;
        let (gone, come) = atoms::difference(&before.atoms, &atoms::of(properties));
        let created = !before.is_there;
        let has_other_words = created || before.has_words || touches_words(properties, self.commit);
        let terms = has_other_words.then(|| Terms::of_all(texts::of(properties)));
        let audience = Lineage::of(self.library, Node::from(&sheet), self.limits)?.audience();
        let draught = Draught { sheet: Arc::new(sheet), text, heading, created, gone, come, terms };
        Ok(Decision { step: Step::Put(draught), audience })
    }

    fn check_class(&self, properties: &Properties) -> Result<(), Error> {
        if is_a(properties, term::COMMIT) {
            return Err(Error::bad_message(
                "A resource of class Commit is made by posting that commit, not by another one",
            ));
        }
        if is_a(properties, term::INVITE) {
            let target = properties.get(term::INVITE_TARGET).and_then(serde_json::Value::as_str).unwrap_or_default();
            rights::check(self.library, self.signer(), Act::Write, target, self.limits)?;
        }
        Ok(())
    }
}

/// What the writer needs to know of a document as it was.
#[derive(Default)]
struct Before {
    is_there: bool,
    atoms: Vec<i64>,
    /// Whether there were words in what the commit touches.
    has_words: bool,
}

impl Before {
    fn of(properties: &Properties, commit: &Commit) -> Self {
        let has_words = touches_words(properties, commit);
        Self { is_there: true, atoms: atoms::of(properties), has_words }
    }
}

fn touches_words(properties: &Properties, commit: &Commit) -> bool {
    let touched = commit.touched().chain(commit.remove.iter().map(String::as_str));
    touched.filter_map(|property| properties.get(property)).any(texts::has_any)
}

fn no_document(commit: &Commit) -> Error {
    Error::not_found(format!("there is no {} to destroy", commit.subject))
}

fn taken(commit: &Commit) -> Error {
    Error::conflict(format!("{} is a message; choose another subject", commit.subject))
}
