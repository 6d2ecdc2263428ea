//! The bundled vocabulary of Atomic Data: what is known of properties, classes and datatypes without asking anybody.
//!
//! Pure data. A property or class that is not bundled may be a document of this house: [`Property::read`] and [`Class::read`] understand those.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod bundle;
mod class;
mod datatype;
mod property;

use quintet_core::Document;

use self::bundle::BUNDLE;
pub use self::class::Class;
pub use self::datatype::Datatype;
pub use self::property::Property;

/// The bundled document with this URL: a property, class, datatype or the public agent.
pub fn document(url: &str) -> Option<&'static Document> {
    let documents = documents();
    let found = documents.binary_search_by(|document| document.subject.as_str().cmp(url));
    found.ok().map(|at| &documents[at])
}

/// Every bundled document, by URL.
pub fn documents() -> &'static [Document] {
    &BUNDLE.documents
}

/// The bundled property with this URL.
pub fn property(url: &str) -> Option<&'static Property> {
    BUNDLE.properties.get(url)
}

/// The bundled class with this URL.
pub fn class(url: &str) -> Option<&'static Class> {
    BUNDLE.classes.get(url)
}
