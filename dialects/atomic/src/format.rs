//! Formats: one resource, as different clients want to read it (atomic-data.md, section 8.1).

mod html;
mod linked;
mod names;
mod negotiation;
mod plain;
mod triples;

use quintet_core::Document;
use serde_json::Value;

use self::names::Names;
pub(crate) use self::negotiation::{chosen, without_extension};

/// How a resource is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Keys are property URLs.
    JsonAd,
    /// Keys are short names.
    Json,
    /// The same, with a context that explains them.
    JsonLd,
    /// N-Triples, which every reader of Turtle understands.
    Turtle,
    /// N-Triples.
    NTriples,
    /// A page for people.
    Html,
}

impl Format {
    /// Its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::JsonAd => "application/ad+json",
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::Turtle => "text/turtle",
            Self::NTriples => "application/n-triples",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// What stands in the head of an answer beside it.
    pub(crate) fn headers(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Html => vec![("content-security-policy", PAGE_POLICY.to_owned())],
            _ => Vec::new(),
        }
    }

    /// Whether documents of this house that explain properties are of use ([`quintet_core::document::Described::terms`]).
    pub(crate) fn wants_terms(self) -> bool {
        self != Self::JsonAd
    }

    /// Writes a JSON-AD object; `terms` are property documents of this house.
    pub(crate) fn print(self, resource: &Value, terms: &[Document]) -> String {
        let names = || Names::of(resource, terms);
        match self {
            Self::JsonAd => resource.to_string(),
            Self::Json => plain::print(resource, &names()).to_string(),
            Self::JsonLd => linked::print(resource, &names()).to_string(),
            Self::Turtle | Self::NTriples => triples::print(resource, &names()),
            Self::Html => html::print(resource, &names()),
        }
    }
}

/// What a page of ours may do: look as it does.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether an object is a map of properties: else its keys are data (a table of counts, say).
fn is_resource(object: &serde_json::Map<String, Value>) -> bool {
    object.keys().all(|key| key == "@id" || is_url(key))
}

/// Whether a text is meant as a URL.
fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

#[cfg(test)]
mod tests;
