//! Documents: resources with a URL subject and a map of properties (JSON-AD).

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::subject::Subject;
use crate::term;
use crate::time::Timestamp;

/// Property URL → value. Never null; a nested object with `@id` is a value like any other, and stored nowhere else.
pub type Properties = Map<String, Value>;

/// A document as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// By what it is known.
    pub subject: Subject,
    /// What is known of it, its `lastCommit` included.
    pub properties: Properties,
}

impl Document {
    /// A document of which only the subject is told, marked so that clients read it by itself.
    pub fn stub(subject: Subject) -> Self {
        Self { subject, properties: Map::from_iter([(term::INCOMPLETE.to_owned(), true.into())]) }
    }

    /// Whether it has a class.
    pub fn is_a(&self, class: &str) -> bool {
        is_a(&self.properties, class)
    }

    /// A property that is a text.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }

    /// As a JSON-AD object, `@id` first.
    pub fn json(&self) -> Value {
        let mut object = Map::with_capacity(self.properties.len() + 1);
        object.insert("@id".to_owned(), self.subject.as_str().into());
        object.extend(self.properties.iter().map(|(property, value)| (property.clone(), value.clone())));
        Value::Object(object)
    }
}

/// Whether properties name a class.
pub fn is_a(properties: &Properties, class: &str) -> bool {
    classes(properties).any(|named| named == class)
}

/// The classes that properties name.
pub fn classes(properties: &Properties) -> impl Iterator<Item = &str> {
    properties.get(term::IS_A).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Which document to read, and which part of one that is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentQuery {
    /// By what it is known, without a query.
    pub subject: Subject,
    /// Of a chat room: only messages before this moment.
    pub before: Option<Timestamp>,
    /// Of a collection: which page, and how.
    pub page: Page,
    /// Whether the answer explains the properties that are documents of this house themselves ([`Described::terms`]).
    pub described: bool,
}

/// A document, with what is needed to print it for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The document.
    pub document: Document,
    /// Property documents of this house that it uses. Bundled ones are not repeated here.
    pub terms: Vec<Document>,
}

/// Which members of a collection, in which order. `None` leaves it to the collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many on a page.
    pub size: Option<u64>,
    /// Which page, from 0.
    pub number: Option<u64>,
    /// By which property; without one, by age, the oldest first. Long texts are sorted by their beginning.
    pub sort_by: Option<String>,
    /// Largest first.
    pub descending: Option<bool>,
    /// Members as whole objects, the last of them as stubs where [`page_bytes`](crate::Limits::page_bytes) are full. Where not, what members
    /// hold but for their subjects is not to be relied on.
    pub nested: Option<bool>,
    /// The bundled vocabulary too.
    pub external: Option<bool>,
}

/// Which documents to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// That have this property.
    pub property: Option<String>,
    /// With this value, or with it among the items of an array. Without a property: with it anywhere, if it is a URL.
    pub value: Option<String>,
    /// Which of them.
    pub page: Page,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The members of the page that was asked for, in order.
    pub members: Vec<Document>,
    /// How many there are on all pages that the asker may read.
    pub total: u64,
    /// The query as it was answered, defaults filled in.
    pub page: Page,
}

/// Which documents to look for by their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Words; the last one may be unfinished. Blank finds whatever passes the rest.
    pub words: String,
    /// Below any of these, at any depth; empty for everywhere.
    pub parents: Vec<Subject>,
    /// Property and value that each must have.
    pub filters: Vec<(String, String)>,
    /// How many at the most.
    pub limit: u64,
}

/// A file to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What its owner calls it.
    pub name: String,
    /// Its media type; guessed from the name where it is not given.
    pub media_type: Option<String>,
    /// Its bytes.
    pub bytes: bytes::Bytes,
}

/// A file as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// What its owner calls it.
    pub name: Arc<str>,
    /// Its media type, as its owner says.
    pub media_type: String,
    /// Its bytes.
    pub bytes: bytes::Bytes,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_begins_with_the_subject() {
        let subject = Subject::parse("http://a.example/x").unwrap();
        let mut properties = Properties::new();
        properties.insert(term::IS_A.into(), json!([term::DRIVE]));
        let document = Document { subject, properties };
        assert!(document.is_a(term::DRIVE) && !document.is_a(term::AGENT));
        let text = document.json().to_string();
        assert!(text.starts_with(r#"{"@id":"http://a.example/x","https:"#), "{text}");
    }
}
