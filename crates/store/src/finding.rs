//! Finding documents by their properties, for somebody who may read only some of them; the same for every store.

use std::cmp::Ordering;
use std::collections::HashMap;

use quintet_core::Fill;
use quintet_core::document::{Document, Found, Page, Properties, Query};
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::id::Id;
use quintet_core::limits::{self, Limits};
use quintet_core::subject::Subject;
use quintet_core::term;
use serde_json::{Number, Value};

use crate::atoms;
use crate::lineage::Lineage;
use crate::sheet::{Sheet, is_agent, lets};
use crate::tables::{Index, Kept, Library};

/// Members on a page where nobody says how many.
const PAGE_SIZE: u64 = 30;

/// How much of a text is kept to sort by: all that pass a query are sorted at once.
const SORT_BYTES: usize = 256;

/// The documents that pass a query, as much of them as a reader may read; `None` where there are too many to look at.
pub(crate) fn documents<I: Index>(index: &I, query: &Query, reader: &Reader, limits: &Limits) -> Kept<Option<Found>> {
    let Some(candidates) = candidates(index, query, limits)? else { return Ok(None) };
    let page = applied(&query.page, limits);
    let descending = page.descending == Some(true);
    let mut sight = Sight::new(index, reader, limits);
    let mut rows = Vec::new();
    for id in candidates {
        let Some(sheet) = index.sheet(id)? else { continue };
        let properties = &sheet.document.properties;
        if atoms::has(properties, query.property.as_deref(), query.value.as_deref()) && sight.reaches(&sheet)? {
            let key = page.sort_by.as_ref().map_or(Key::Missing, |property| Key::of(properties, property, id));
            rows.push(Entry { key, id, subject: sheet.document.subject });
        }
    }
    let by_age = page.sort_by.is_none();
    rows.sort_unstable_by(|one, other| one.compare(other, by_age, descending));
    let total = rows.len() as u64;
    Ok(Some(Found { members: members(index, &rows, &page, limits)?, total, page }))
}

/// Documents that may pass, by age; `None` where there are too many.
fn candidates<I: Index>(index: &I, query: &Query, limits: &Limits) -> Kept<Option<Vec<Id>>> {
    let bound = limits::size(limits.query_documents);
    let enough = bound.saturating_add(1);
    let found = match atoms::wanted(query.property.as_deref(), query.value.as_deref()) {
        None => index.newest_documents(enough)?,
        Some(atoms) => match atoms.first() {
            Some(atom) => index.with_atom(*atom, enough)?,
            None => Vec::new(),
        },
    };
    Ok((found.len() <= bound).then_some(found))
}

/// A page as it is answered.
fn applied(page: &Page, limits: &Limits) -> Page {
    Page {
        size: Some(page.size.unwrap_or(PAGE_SIZE).min(limits.page_members)),
        number: Some(page.number.unwrap_or(0)),
        descending: Some(page.descending.unwrap_or(false)),
        ..page.clone()
    }
}

/// The documents of a page: whole ones until its bytes are full, then stubs. Where no whole ones are asked for, with what they are sorted by only.
fn members<I: Index>(index: &I, rows: &[Entry], page: &Page, limits: &Limits) -> Kept<Vec<Document>> {
    let size = page.size.unwrap_or(PAGE_SIZE);
    let skipped = size.saturating_mul(page.number.unwrap_or(0));
    let rows = rows.iter().skip(limits::size(skipped)).take(limits::size(size));
    if page.nested == Some(false) {
        return Ok(rows.map(|row| row.slim(page.sort_by.as_deref())).collect());
    }
    let mut fill = Fill::new(limits.page_bytes);
    let mut members = Vec::new();
    for row in rows {
        if fill.is_full() {
            members.push(Document::stub(row.subject.clone()));
        } else if let Some(sheet) = index.sheet(row.id)? {
            let fits = fill.takes(&sheet.document.properties);
            members.push(if fits { sheet.document } else { Document::stub(row.subject.clone()) });
        }
    }
    Ok(members)
}

/// What is remembered of a document while others are looked at.
struct Entry {
    key: Key,
    id: Id,
    subject: Subject,
}

impl Entry {
    /// The document with nothing but what it is sorted by.
    fn slim(&self, sort_by: Option<&str>) -> Document {
        let value = sort_by.and_then(|property| Some((property.to_owned(), self.key.value()?)));
        Document { subject: self.subject.clone(), properties: value.into_iter().collect() }
    }

    fn compare(&self, other: &Self, by_age: bool, descending: bool) -> Ordering {
        let turned = |order: Ordering| if descending { order.reverse() } else { order };
        if by_age {
            return turned(self.id.cmp(&other.id));
        }
        match (&self.key, &other.key) {
            // What has no value comes last, whichever way round.
            (Key::Missing, Key::Missing) => Ordering::Equal,
            (Key::Missing, _) => Ordering::Greater,
            (_, Key::Missing) => Ordering::Less,
            (one, other) => turned(one.compare(other)),
        }
        .then_with(|| self.subject.cmp(&other.subject))
    }
}

/// What a document is sorted by.
enum Key {
    Number(Number, f64),
    /// A document that does not say when it was made: its number knows, and the time in it, in milliseconds.
    Made(Id, f64),
    Text(String),
    Missing,
}

impl Key {
    fn of(properties: &Properties, property: &str, id: Id) -> Self {
        match properties.get(property) {
            None if property == term::CREATED_AT => {
                Self::Made(id, Value::from(id.made_at().millis()).as_f64().unwrap_or_default())
            }
            None => Self::Missing,
            Some(Value::Number(number)) => Self::Number(number.clone(), number.as_f64().unwrap_or_default()),
            Some(Value::String(text)) => Self::Text(beginning(text)),
            Some(other) => Self::Text(beginning(&other.to_string())),
        }
    }

    /// What the document says of it itself.
    fn value(&self) -> Option<Value> {
        match self {
            Self::Number(number, _) => Some(Value::Number(number.clone())),
            Self::Text(text) => Some(text.as_str().into()),
            Self::Made(..) | Self::Missing => None,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(_, one), Self::Number(_, other)) => one.total_cmp(other),
            (Self::Made(one, _), Self::Made(other, _)) => one.cmp(other),
            (Self::Number(_, one), Self::Made(_, other)) => one.total_cmp(other).then(Ordering::Less),
            (Self::Made(_, one), Self::Number(_, other)) => one.total_cmp(other).then(Ordering::Greater),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(..) | Self::Made(..), _) => Ordering::Less,
            (_, Self::Number(..) | Self::Made(..)) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }
}

/// As much of a text as is sorted by.
fn beginning(text: &str) -> String {
    text[..text.floor_char_boundary(SORT_BYTES)].to_owned()
}

/// What a reader may read of many documents: what stands above them is asked once for each parent.
pub(crate) struct Sight<'a, L> {
    library: &'a L,
    reader: &'a Reader,
    limits: &'a Limits,
    /// Whether those below a document inherit the right to be read.
    parents: HashMap<Id, bool>,
}

impl<'a, L: Library> Sight<'a, L> {
    /// Nothing was asked yet.
    pub(crate) fn new(library: &'a L, reader: &'a Reader, limits: &'a Limits) -> Self {
        Self { library, reader, limits, parents: HashMap::new() }
    }

    /// Whether the reader may read a document.
    pub(crate) fn reaches(&mut self, sheet: &Sheet) -> Kept<bool> {
        let Sheet { document: Document { subject, properties }, above, .. } = sheet;
        if self.reader.root || is_agent(subject) || lets(subject, properties, self.reader, Act::Read) {
            return Ok(true);
        }
        let Some(above) = *above else { return Ok(false) };
        if let Some(known) = self.parents.get(&above) {
            return Ok(*known);
        }
        let lets = Lineage::from(self.library, Some(above), self.limits)?.lets(self.reader, Act::Read);
        self.parents.insert(above, lets);
        Ok(lets)
    }
}
