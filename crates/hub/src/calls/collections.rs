//! Collections: what is found by its properties (atomic-data.md, section 15.1).

use std::collections::HashSet;

use quintet_core::document::{Found, Page, Query};
use quintet_core::{Answer, Document, Error, Fill, Kind, Subject, limits, term};
use serde_json::Value;

use super::asker::Asker;
use super::order::{has, sort};
use crate::place::Place;

/// Members on a page where nobody says how many.
const PAGE_DEFAULT: u64 = 30;

impl Asker<'_> {
    pub(super) async fn query(&self, query: Query) -> Result<Answer, Error> {
        Ok(Answer::Found(Box::new(self.find(query).await?)))
    }

    /// A document of class `Collection` with its members: what it says itself decides, but for what `page` says.
    pub(super) async fn with_members(&self, mut collection: Document, page: &Page) -> Result<Document, Error> {
        let found = self.find(described(&collection, page)).await?;
        let size = found.page.size.unwrap_or(PAGE_DEFAULT);
        let members = found.members.iter().map(|member| match found.page.nested {
            Some(true) => member.json(),
            _ => member.subject.as_str().into(),
        });
        let computed: [(&str, Value); 5] = [
            (term::COLLECTION_MEMBERS, members.collect()),
            (term::COLLECTION_TOTAL_MEMBERS, found.total.into()),
            (term::COLLECTION_TOTAL_PAGES, found.total.div_ceil(size).into()),
            (term::COLLECTION_CURRENT_PAGE, found.page.number.unwrap_or_default().into()),
            (term::COLLECTION_PAGE_SIZE, size.into()),
        ];
        let computed = computed.map(|(property, value)| (property.to_owned(), value));
        collection.properties.extend(computed);
        Ok(collection)
    }

    /// What passes a query and may be read: stored documents, portraits, and the bundled vocabulary where it is asked for.
    ///
    /// `TooMany` where too many documents pass; `BadMessage` for a page beyond the last.
    async fn find(&self, query: Query) -> Result<Found, Error> {
        let query = Query { page: self.bounded(query.page), ..query };
        let others = self.others(&query).await?;
        let mut found = if others.is_empty() {
            self.hub.store.documents(&query, &self.reader()).await?
        } else {
            self.united(&query, others).await?
        };
        let (size, number) = (query.page.size.unwrap_or(PAGE_DEFAULT), query.page.number.unwrap_or_default());
        if number > 0 && number.saturating_mul(size) >= found.total {
            let last = found.total.div_ceil(size).saturating_sub(1);
            return Err(Error::bad_message(format!("Page number out of bounds, got {number}, max {last}")));
        }
        let members = found.members.into_iter().map(|member| self.listed(member)).collect();
        found.members = self.dated_members(members).await?;
        found.page = query.page;
        Ok(found)
    }

    /// The page with its defaults filled in, within the bounds.
    fn bounded(&self, page: Page) -> Page {
        Page {
            size: Some(page.size.unwrap_or(PAGE_DEFAULT).clamp(1, self.hub.limits.page_members.max(1))),
            number: Some(page.number.unwrap_or_default()),
            descending: Some(page.descending.unwrap_or_default()),
            nested: Some(page.nested.unwrap_or_default()),
            external: Some(page.external.unwrap_or_default()),
            sort_by: page.sort_by,
        }
    }

    /// Stored documents and others as one list, of which a page is taken. Only what is on the page is read whole.
    async fn united(&self, query: &Query, others: Vec<Document>) -> Result<Found, Error> {
        let mut members = self.all_stored(query).await?;
        let stored: HashSet<_> = members.iter().map(|member| member.subject.clone()).collect();
        members.extend(others.into_iter().filter(|other| !stored.contains(&other.subject)));
        if let Some(property) = &query.page.sort_by {
            sort(&mut members, property, query.page.descending == Some(true));
        } else if query.page.descending == Some(true) {
            members.reverse();
        }
        let total = members.len() as u64;
        let size = query.page.size.unwrap_or(PAGE_DEFAULT);
        let before = limits::size(query.page.number.unwrap_or_default().saturating_mul(size));
        let mut members: Vec<_> = members.into_iter().skip(before).take(limits::size(size)).collect();
        if query.page.nested == Some(true) {
            members = self.filled(members, &stored).await?;
        }
        Ok(Found { members, total, page: query.page.clone() })
    }

    /// All stored documents that pass, with nothing but what they are sorted by.
    async fn all_stored(&self, query: &Query) -> Result<Vec<Document>, Error> {
        let (mut members, size) = (Vec::new(), self.hub.limits.page_members.max(1));
        let sort_by = query.page.sort_by.clone();
        let mut page = Page { size: Some(size), sort_by, nested: Some(false), ..Page::default() };
        for number in 0.. {
            page.number = Some(number);
            let part = Query { page: page.clone(), ..query.clone() };
            let found = self.hub.store.documents(&part, &self.reader()).await?;
            let last = found.members.is_empty() || (number + 1).saturating_mul(size) >= found.total;
            members.extend(found.members);
            if last {
                break;
            }
        }
        Ok(members)
    }

    /// The members of a page, whole until its bytes are full, then as stubs; so is what may not be read any more.
    async fn filled(&self, members: Vec<Document>, stored: &HashSet<Subject>) -> Result<Vec<Document>, Error> {
        let mut fill = Fill::new(self.hub.limits.page_bytes);
        let mut whole = Vec::with_capacity(members.len());
        for member in members {
            let subject = member.subject.clone();
            let read = match stored.contains(&subject) {
                _ if fill.is_full() => None,
                true => self.readable_document(&subject).await?,
                false => Some(member),
            };
            let fitting = read.filter(|document| fill.takes(&document.properties));
            whole.push(fitting.unwrap_or_else(|| Document::stub(subject)));
        }
        Ok(whole)
    }

    /// Stored documents that pass a query, for a part of another document: nothing, where there are too many to look at.
    pub(super) async fn found(&self, query: &Query) -> Result<Found, Error> {
        match self.hub.store.documents(query, &self.reader()).await {
            Err(error) if error.kind() == Kind::TooMany => Ok(Found::default()),
            found => found,
        }
    }

    /// What passes a query and is no stored document.
    async fn others(&self, query: &Query) -> Result<Vec<Document>, Error> {
        let mut others = self.portraits(query).await?;
        if query.page.external == Some(true) {
            let bundled = quintet_vocabulary::documents().iter();
            others.extend(bundled.filter(|document| has(&document.properties, query)).cloned());
        }
        Ok(others)
    }

    /// A document as one of many: agents with what the house knows of them, and what is computed only where a document is read by itself marked
    /// as missing, so that clients read it before use.
    pub(super) fn listed(&self, mut document: Document) -> Document {
        if let Place::Agent(key) = Place::of(&document.subject) {
            return self.hub.painter().agent(key, Some(document));
        }
        if [term::CHAT_ROOM, term::COLLECTION, term::DRIVE].into_iter().any(|class| document.is_a(class)) {
            document.properties.insert(term::INCOMPLETE.into(), true.into());
        }
        document
    }
}

/// The query that a collection makes.
fn described(collection: &Document, page: &Page) -> Query {
    let property = |name: &str| collection.properties.get(name);
    let text = |name| collection.text(name).map(str::to_owned);
    let number = |name| property(name).and_then(Value::as_u64);
    let flag = |name| property(name).and_then(Value::as_bool);
    Query {
        property: text(term::COLLECTION_PROPERTY),
        value: text(term::COLLECTION_VALUE),
        page: Page {
            size: page.size.or_else(|| number(term::COLLECTION_PAGE_SIZE)),
            number: page.number.or_else(|| number(term::COLLECTION_CURRENT_PAGE)),
            sort_by: page.sort_by.clone().or_else(|| text(term::COLLECTION_SORT_BY)),
            descending: page.descending.or_else(|| flag(term::COLLECTION_SORT_DESC)),
            nested: page.nested.or_else(|| flag(term::COLLECTION_INCLUDE_NESTED)),
            external: page.external.or_else(|| flag(term::COLLECTION_INCLUDE_EXTERNAL)),
        },
    }
}
