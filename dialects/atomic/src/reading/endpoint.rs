//! Endpoints: the resources that say what can be asked for, and with which parameters.

use quintet_core::{Origin, term};
use serde_json::{Value, json};

/// A place that takes parameters.
pub(crate) struct Endpoint {
    /// Where it stands.
    pub(crate) path: &'static str,
    description: &'static str,
    /// The properties whose short names are the parameters, after `https://atomicdata.dev/properties/`.
    parameters: &'static [&'static str],
}

/// Where properties stand.
const PROPERTIES: &str = "https://atomicdata.dev/properties/";

/// Every endpoint there is.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/all-versions",
        description: "The commits of `subject`, oldest first, as a collection.",
        parameters: &["subject"],
    },
    Endpoint {
        path: "/commit",
        description: "Takes a signed commit by POST, and answers with it as it is stored.",
        parameters: &[],
    },
    Endpoint {
        path: "/download",
        description: "The bytes of an uploaded file, at /download/files/…; `w` makes an image that many pixels wide at the most.",
        parameters: &[],
    },
    Endpoint {
        path: "/path",
        description: "The resource whose URL is `path`, read through this server.",
        parameters: &["path"],
    },
    Endpoint {
        path: "/query",
        description: "The resources whose `property` is `value`, page by page, as a collection.",
        parameters: COLLECTION,
    },
    Endpoint {
        path: "/search",
        description: "Full-text search, over HTTP: `q`, `limit`, `include`, `parents`, `filters`.",
        parameters: &["search/query", "search/limit", "search/property"],
    },
    Endpoint {
        path: "/upload",
        description: "Takes files by POST as multipart/form-data, and keeps them below `parent`.",
        parameters: &["parent"],
    },
    Endpoint {
        path: "/version",
        description: "A resource as it was after the commit whose URL is `commit`.",
        parameters: &[],
    },
];

const COLLECTION: &[&str] = &[
    "collection/property",
    "collection/value",
    "collection/pageSize",
    "collection/currentPage",
    "collection/sortBy",
    "collection/sortDesc",
    "collection/includeNested",
    "collection/includeExternal",
];

impl Endpoint {
    /// The endpoint at this path.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        ENDPOINTS.iter().find(|endpoint| endpoint.path == path)
    }

    /// Its resource, under the URL as it was asked for.
    pub(crate) fn resource(&self, url: &str, origin: &Origin) -> Value {
        let parameters: Vec<_> = self.parameters.iter().map(|name| format!("{PROPERTIES}{name}")).collect();
        json!({
            "@id": url,
            term::IS_A: [term::ENDPOINT],
            term::SHORTNAME: &self.path[1..],
            term::DESCRIPTION: self.description,
            term::PARENT: origin.0,
            term::ENDPOINT_PARAMETERS: parameters,
        })
    }

    /// Its resource with what it found.
    pub(crate) fn found(&self, url: &str, origin: &Origin, results: Vec<Value>) -> Value {
        let mut resource = self.resource(url, origin);
        resource[term::ENDPOINT_RESULTS] = Value::Array(results);
        resource
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_a_bundled_property() {
        let names = ENDPOINTS.iter().flat_map(|endpoint| endpoint.parameters);
        for name in names {
            assert!(quintet_vocabulary::property(&format!("{PROPERTIES}{name}")).is_some(), "{name}");
        }
    }

    #[test]
    fn an_endpoint_describes_itself() {
        let origin = Origin("http://a.example".into());
        let endpoint = Endpoint::at("/all-versions").unwrap();
        assert_eq!(
            endpoint.resource("http://a.example/all-versions", &origin),
            json!({
                "@id": "http://a.example/all-versions",
                term::IS_A: [term::ENDPOINT],
                term::SHORTNAME: "all-versions",
                term::DESCRIPTION: "The commits of `subject`, oldest first, as a collection.",
                term::PARENT: "http://a.example",
                term::ENDPOINT_PARAMETERS: [term::SUBJECT],
            })
        );
        assert!(Endpoint::at("/nothing").is_none());
    }
}
