//! What the vocabulary says of a document: datatypes and required properties. Nothing is ever fetched.

use std::collections::BTreeSet;

use quintet_core::document::classes;
use quintet_core::error::Error;
use quintet_core::limits::{self, Limits};
use quintet_core::{Commit, Document, Origin, Properties, Subject};
use quintet_vocabulary::{Class, Property};
use serde_json::Value;

use crate::tables::Library;

/// The bundled terms, and those that are documents of this house.
pub(super) struct Vocabulary<'a, L> {
    library: &'a L,
    origin: Origin,
    limits: &'a Limits,
    /// How many documents of this house were looked for.
    sought: u64,
}

impl<'a, L: Library> Vocabulary<'a, L> {
    /// Nothing was looked up yet.
    pub(super) fn new(library: &'a L, origin: Origin, limits: &'a Limits) -> Self {
        Self { library, origin, limits, sought: 0 }
    }

    /// Checks what a commit makes of a document: the values that it touches, and the properties that its classes require.
    pub(super) fn check(mut self, commit: &Commit, result: &Properties) -> Result<(), Error> {
        let properties: BTreeSet<_> = commit.touched().collect();
        for property in properties {
            if let Some(value) = result.get(property) {
                self.check_value(property, value)?;
            }
        }
        let classes: BTreeSet<_> = classes(result).collect();
        classes.into_iter().try_for_each(|class| self.check_class(class, result))
    }

    fn check_value(&mut self, property: &str, value: &Value) -> Result<(), Error> {
        let checked = match quintet_vocabulary::property(property) {
            Some(bundled) => bundled.check(value),
            None => match self.local(property)?.as_ref().and_then(Property::read) {
                Some(local) => local.check(value),
                None if is_url(property) => Ok(()),
                None => Err(format!("{property} is no property: properties are http or https URLs")),
            },
        };
        checked.map_err(Error::bad_message)
    }

    fn check_class(&mut self, url: &str, result: &Properties) -> Result<(), Error> {
        if let Some(bundled) = quintet_vocabulary::class(url) {
            return check_requirements(bundled, result);
        }
        let local = self.local(url)?.as_ref().and_then(Class::read);
        local.map_or(Ok(()), |local| check_requirements(&local, result))
    }

    /// The document of this house that may be a term. Looking for it is the writer's time, found or not, so there are bounds.
    fn local(&mut self, url: &str) -> Result<Option<Document>, Error> {
        if !Subject::parse(url).is_some_and(|subject| subject.is_within(&self.origin)) {
            return Ok(None);
        }
        self.sought += 1;
        if self.sought > self.limits.document_terms {
            return Err(Error::too_large(format!(
                "more than {} properties and classes of the document have URLs of this house; use fewer",
                self.limits.document_terms
            )));
        }
        let found = self.library.find_small(url, limits::size(self.limits.term_bytes))?;
        Ok(found.map(|sheet| sheet.document))
    }
}

fn check_requirements(class: &Class, result: &Properties) -> Result<(), Error> {
    match class.requires.iter().find(|property| !result.contains_key(*property)) {
        None => Ok(()),
        Some(missing) => {
            Err(Error::bad_message(format!("Property {missing} missing. Is required in class {}", class.url)))
        }
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}
