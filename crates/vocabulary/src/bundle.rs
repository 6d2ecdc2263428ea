//! The bundle: `vocabulary.json`, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use quintet_core::document::Properties;
use quintet_core::{Document, Subject};
use serde_json::Value;

use crate::{Class, Property};

/// All that is bundled (atomic-data.md, section 14). Short names and datatypes are the originals', descriptions our own.
pub(crate) static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| Bundle::read(include_str!("vocabulary.json")));

/// Documents, and what they mean.
pub(crate) struct Bundle {
    /// By URL.
    pub(crate) documents: Vec<Document>,
    pub(crate) properties: HashMap<String, Property>,
    pub(crate) classes: HashMap<String, Class>,
}

impl Bundle {
    fn read(json: &str) -> Self {
        let objects: Vec<Properties> =
            serde_json::from_str(json).expect("the bundled vocabulary is an array of objects");
        let mut documents: Vec<_> = objects.into_iter().map(document).collect();
        documents.sort_by(|one, other| one.subject.cmp(&other.subject));
        let properties = documents.iter().filter_map(Property::read);
        let classes = documents.iter().filter_map(Class::read);
        Self {
            properties: properties.map(|property| (property.url.clone(), property)).collect(),
            classes: classes.map(|class| (class.url.clone(), class)).collect(),
            documents,
        }
    }
}

fn document(mut properties: Properties) -> Document {
    let url = properties.shift_remove("@id");
    let subject = url.as_ref().and_then(Value::as_str).and_then(Subject::parse);
    Document { subject: subject.expect("every bundled object has a URL as its @id"), properties }
}

#[cfg(test)]
mod tests {
    use quintet_core::term;

    use super::*;
    use crate::{Datatype, class, documents, property};

    /// The terms of `core` that are properties or classes, from its source: it keeps no list of them.
    fn terms(kind: &str) -> Vec<String> {
        let source = include_str!("../../core/src/term.rs");
        let quoted = source.lines().filter_map(|line| line.split_once(" = \"")?.1.strip_suffix("\";"));
        quoted.filter(|path| path.starts_with(kind)).map(|path| format!("https://atomicdata.dev/{path}")).collect()
    }

    /// Section 14 lists 101 properties, and 9 more that clients use; `reactions` and `madeByHouse` are ours, and so is the class Error.
    #[test]
    fn nothing_is_forgotten() {
        assert_eq!(BUNDLE.properties.len(), 101 + 9 + 2);
        assert_eq!(BUNDLE.classes.len(), 28 + 1);
        let datatypes = documents().iter().filter(|document| document.is_a("https://atomicdata.dev/classes/Datatype"));
        assert_eq!(datatypes.count(), 11);
        assert_eq!(documents().len(), 112 + 29 + 11 + 1, "the last one is the public agent");
        assert!(crate::document(term::PUBLIC_AGENT).is_some());
        assert!(crate::document("https://atomicdata.dev/properties/nothing").is_none());
    }

    #[test]
    fn the_houses_own_terms_are_bundled() {
        let (properties, classes) = (terms("properties/"), terms("classes/"));
        assert!(properties.len() > 60 && classes.len() > 12, "the source of the terms is read");
        for url in properties {
            assert!(property(&url).is_some(), "{url}");
        }
        for url in classes {
            assert!(class(&url).is_some(), "{url}");
        }
    }

    #[test]
    fn the_bundle_obeys_itself() {
        let mut urls: Vec<_> = documents().iter().map(|document| document.subject.as_str()).collect();
        urls.dedup();
        assert_eq!(urls.len(), documents().len(), "no URL twice");
        for document in documents() {
            for (url, value) in &document.properties {
                property(url).unwrap_or_else(|| panic!("{url} is not bundled")).check(value).unwrap();
            }
            let classes = quintet_core::document::classes(&document.properties).filter_map(class);
            let mut required = classes.flat_map(|class| &class.requires);
            let complete = required.all(|property| document.properties.contains_key(property));
            // Everybody has no key.
            assert_eq!(!complete, document.subject.as_str() == term::PUBLIC_AGENT, "{}", document.subject);
        }
    }

    #[test]
    fn what_the_bundle_names_is_in_it() {
        for class in BUNDLE.classes.values() {
            for url in class.requires.iter().chain(&class.recommends) {
                assert!(property(url).is_some(), "{} names {url}", class.url);
            }
        }
        for document in documents() {
            assert!(document.text(term::CLASSTYPE).is_none_or(|url| class(url).is_some()), "{}", document.subject);
        }
    }

    #[test]
    fn rights_are_arrays() {
        for url in [term::READ, term::WRITE, term::APPEND] {
            assert_eq!(property(url).unwrap().datatype, Datatype::ResourceArray, "{url}");
        }
    }

    /// Plain JSON has short names as keys: they must be slugs, and those of one document's kind apart.
    #[test]
    fn short_names_are_slugs() {
        for property in BUNDLE.properties.values() {
            Datatype::Slug.check(&property.shortname.as_str().into()).unwrap();
        }
        let message = class(term::MESSAGE).unwrap();
        assert_eq!(message.requires, [term::DESCRIPTION, term::PARENT]);
        assert_eq!(property("https://atomicdata.dev/properties/search/query").unwrap().shortname, "q");
        assert_eq!(property(term::DOWNLOAD_URL).unwrap().shortname, "download-url");
        assert_eq!(class(term::CHAT_ROOM).unwrap().shortname, "chatroom");
    }
}
