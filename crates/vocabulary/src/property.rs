//! Properties: what their values may be.

use quintet_core::{Document, term};
use serde_json::Value;

use crate::Datatype;
use crate::class::urls;

/// What is known of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its URL.
    pub url: String,
    /// Its short name: the key in plain JSON.
    pub shortname: String,
    /// What its values are.
    pub datatype: Datatype,
    /// The only values that it takes; empty where it takes any.
    pub allows_only: Vec<String>,
}

impl Property {
    /// What a document says of a property; `None` if it is of no property.
    pub fn read(document: &Document) -> Option<Self> {
        document.is_a(term::PROPERTY).then(|| Self {
            url: document.subject.as_str().to_owned(),
            shortname: shortname(document),
            datatype: document.text(term::DATATYPE).map_or(Datatype::Unchecked, Datatype::of_url),
            allows_only: urls(document, term::ALLOWS_ONLY),
        })
    }

    /// Why it does not take a value, in a sentence for the peer that names the property.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let checked = self.datatype.check(value).and_then(|()| self.check_choice(value));
        checked.map_err(|why| format!("Property {} does not take this value: {why}", self.url))
    }

    /// Of an array, each item must be one of the values that are allowed.
    fn check_choice(&self, value: &Value) -> Result<(), String> {
        if self.allows_only.is_empty() {
            return Ok(());
        }
        let chosen = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let wrong = || format!("it must be one of {}", self.allows_only.join(", "));
        chosen.iter().all(|item| self.allows(item)).then_some(()).ok_or_else(wrong)
    }

    /// A nested resource stands for its URL.
    fn allows(&self, item: &Value) -> bool {
        let url = item.as_str().or_else(|| item.get("@id")?.as_str());
        url.is_some_and(|url| self.allows_only.iter().any(|allowed| allowed == url))
    }
}

/// What a document calls itself in short; the end of its URL, where it does not say.
pub(crate) fn shortname(document: &Document) -> String {
    let end = || document.subject.as_str().rsplit('/').next().unwrap_or_default();
    document.text(term::SHORTNAME).unwrap_or_else(end).to_owned()
}

#[cfg(test)]
mod tests {
    use quintet_core::Subject;
    use serde_json::json;

    use super::*;

    fn document(properties: Value) -> Document {
        let Value::Object(properties) = properties else { unreachable!("tests give objects") };
        Document { subject: Subject::parse("http://a.example/terms/state").unwrap(), properties }
    }

    #[test]
    fn a_property_may_be_a_document_of_the_house() {
        let state = json!({ term::IS_A: [term::PROPERTY], term::DATATYPE: "https://atomicdata.dev/datatypes/slug" });
        let expected = Property {
            url: "http://a.example/terms/state".into(),
            shortname: "state".into(),
            datatype: Datatype::Slug,
            allows_only: vec![],
        };
        assert_eq!(Property::read(&document(state)), Some(expected));
        assert_eq!(Property::read(&document(json!({ term::IS_A: [term::CLASS] }))), None);
        let unknown = json!({ term::IS_A: [term::PROPERTY], term::DATATYPE: "http://a.example/colour" });
        assert_eq!(Property::read(&document(unknown)).unwrap().datatype, Datatype::Unchecked);
    }

    #[test]
    fn only_what_is_allowed_may_be_chosen() {
        let (open, closed) = ("http://a.example/open", "http://a.example/closed");
        let property = |datatype: &str| {
            let state =
                json!({ term::IS_A: [term::PROPERTY], term::DATATYPE: datatype, term::ALLOWS_ONLY: [open, closed] });
            Property::read(&document(state)).unwrap()
        };
        let one = property("https://atomicdata.dev/datatypes/atomicURL");
        assert_eq!(one.check(&json!(open)), Ok(()));
        assert_eq!(one.check(&json!({ "@id": closed })), Ok(()));
        assert!(one.check(&json!({ term::NAME: "x" })).is_err());
        let many = property("https://atomicdata.dev/datatypes/resourceArray");
        assert_eq!(many.check(&json!([])), Ok(()));
        assert_eq!(many.check(&json!([closed, open])), Ok(()));
        let why = many.check(&json!([closed, "http://a.example/ajar"])).unwrap_err();
        assert!(why.contains("http://a.example/terms/state") && why.contains(closed), "{why}");
    }

    #[test]
    fn a_refusal_names_the_property() {
        let max = crate::property("https://atomicdata.dev/properties/max").unwrap();
        let why = max.check(&json!("7")).unwrap_err();
        let expected = "Property https://atomicdata.dev/properties/max does not take this value: \
                        a string where an integer of 64 bits is expected";
        assert_eq!(why, expected);
    }
}
