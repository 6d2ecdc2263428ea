//! Classes: what a document must have to be of a kind.

use quintet_core::{Document, term};
use serde_json::Value;

use crate::property::shortname;

/// What is known of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its URL.
    pub url: String,
    /// Its short name.
    pub shortname: String,
    /// The properties that its members must have.
    pub requires: Vec<String>,
    /// The properties that its members often have.
    pub recommends: Vec<String>,
}

impl Class {
    /// What a document says of a class; `None` if it is of no class.
    pub fn read(document: &Document) -> Option<Self> {
        document.is_a(term::CLASS).then(|| Self {
            url: document.subject.as_str().to_owned(),
            shortname: shortname(document),
            requires: urls(document, term::REQUIRES),
            recommends: urls(document, term::RECOMMENDS),
        })
    }
}

/// The URLs that an array of a document lists.
pub(crate) fn urls(document: &Document, property: &str) -> Vec<String> {
    let items = document.properties.get(property).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use quintet_core::Subject;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_class_may_be_a_document_of_the_house() {
        let Value::Object(properties) = json!({
            term::IS_A: [term::CLASS],
            term::SHORTNAME: "recipe",
            term::REQUIRES: [term::NAME, 7],
        }) else {
            unreachable!()
        };
        let mut document = Document { subject: Subject::parse("http://a.example/recipe").unwrap(), properties };
        let class = Class {
            url: "http://a.example/recipe".into(),
            shortname: "recipe".into(),
            requires: vec![term::NAME.into()],
            recommends: vec![],
        };
        assert_eq!(Class::read(&document), Some(class));
        document.properties.insert(term::IS_A.into(), json!([term::PROPERTY]));
        assert_eq!(Class::read(&document), None);
    }
}
