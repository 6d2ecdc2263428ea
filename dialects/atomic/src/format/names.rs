//! Names: what is known of the properties that one resource uses.

use std::collections::HashMap;

use quintet_core::Document;
use quintet_vocabulary::{Datatype, Property};
use serde_json::{Value, json};

use super::is_url;

/// The properties of a resource and of all that is nested in it.
pub(super) struct Names {
    /// In the order in which they appear.
    order: Vec<String>,
    known: HashMap<String, Named>,
}

/// A property that is known.
struct Named {
    /// `None` where it would not be clear.
    shortname: Option<String>,
    datatype: Datatype,
}

impl Names {
    /// Gathers the properties; those that are not bundled may be explained by `terms`.
    pub(super) fn of(resource: &Value, terms: &[Document]) -> Self {
        let mut names = Self { order: Vec::new(), known: HashMap::new() };
        let local: HashMap<String, Property> =
            terms.iter().filter_map(Property::read).map(|property| (property.url.clone(), property)).collect();
        names.gather(resource, &local);
        names.keep_clear_ones();
        names
    }

    /// The short name of a property; `None` for one that is not known, or where two have the same.
    pub(super) fn shortname(&self, property: &str) -> Option<&str> {
        self.known.get(property)?.shortname.as_deref()
    }

    /// The key of a property where short names are keys.
    pub(super) fn key<'a>(&'a self, property: &'a str) -> &'a str {
        self.shortname(property).unwrap_or(property)
    }

    /// The datatype of a property, if it is known.
    pub(super) fn datatype(&self, property: &str) -> Option<Datatype> {
        self.known.get(property).map(|named| named.datatype)
    }

    /// The known properties, in the order in which they appear.
    pub(super) fn properties(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    fn gather(&mut self, value: &Value, local: &HashMap<String, Property>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.gather(item, local)),
            Value::Object(object) => {
                for (property, value) in object {
                    self.learn(property, local);
                    self.gather(value, local);
                }
            }
            _ => {}
        }
    }

    fn learn(&mut self, property: &str, local: &HashMap<String, Property>) {
        if !is_url(property) || self.known.contains_key(property) {
            return;
        }
        let Some(found) = quintet_vocabulary::property(property).or_else(|| local.get(property)) else { return };
        // Whatever a document calls itself, no key can be taken for one of JSON-LD's own.
        let is_slug = Datatype::Slug.check(&json!(found.shortname)).is_ok();
        let shortname = is_slug.then(|| found.shortname.clone());
        self.order.push(property.to_owned());
        self.known.insert(property.to_owned(), Named { shortname, datatype: found.datatype });
    }

    /// Where two properties share a short name, both keep their URLs.
    fn keep_clear_ones(&mut self) {
        let mut uses: HashMap<String, usize> = HashMap::new();
        for shortname in self.known.values().filter_map(|named| named.shortname.clone()) {
            *uses.entry(shortname).or_default() += 1;
        }
        for named in self.known.values_mut() {
            named.shortname.take_if(|shortname| uses[shortname.as_str()] > 1);
        }
    }
}
