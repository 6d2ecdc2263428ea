//! Walkers: procedures that are called in the manner of Jac, as whoever runs them describes them.

pub(crate) mod failure;
mod found;
mod kept;
mod routes;
mod template;
mod words;

use std::sync::Arc;

use quintet_core::procedure::Procedure;
use serde_json::{Map, Value};

pub(crate) use failure::Failure;
pub(crate) use found::{Found, find};
pub(crate) use routes::{Match, Routes, ways};
pub(crate) use template::{Filled, Template};
pub(crate) use words::Words;

/// The kind of [`quintet_core::procedure::Interface`] that makes a procedure a walker.
pub(crate) const KIND: &str = "walker";

/// The method by which a walker is called over the socket; all others are HTTP's.
pub(crate) const WEBSOCKET: &str = "websocket";

/// A procedure with the interface of a walker. Its `__specs__` have the original's defaults where they say nothing, or nonsense.
#[derive(Clone, Debug)]
pub(crate) struct Walker {
    procedure: Arc<Procedure>,
    spec: Arc<Value>,
}

/// From where the value of a field comes in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The path.
    Path,
    /// The query.
    Query,
    /// The body.
    Body,
}

/// One of the two paths of a walker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Without a node: it enters at the caller's root.
    Root,
    /// With the node where it enters.
    Node,
}

impl Walker {
    /// This procedure as a walker, if it is one that is exposed.
    pub(crate) fn of(procedure: &Arc<Procedure>) -> Option<Self> {
        let interface = procedure.offer.interface.as_ref().filter(|interface| &*interface.kind == KIND)?;
        Some(Self { procedure: Arc::clone(procedure), spec: Arc::clone(&interface.spec) })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.procedure.offer.name
    }

    fn says(&self, key: &str, otherwise: bool) -> bool {
        self.spec.get(key).and_then(Value::as_bool).unwrap_or(otherwise)
    }

    /// Is it exposed nowhere?
    pub(crate) fn is_private(&self) -> bool {
        self.says("private", false)
    }

    /// Is it for users only? Otherwise it runs as the public root, whoever calls.
    pub(crate) fn needs_user(&self) -> bool {
        self.says("auth", true)
    }

    /// The methods by which it can be called, in any case.
    fn methods(&self) -> impl Iterator<Item = &str> {
        let listed = if self.is_private() { Some(&[][..]) } else { self.listed("methods") };
        listed.into_iter().flatten().filter_map(Value::as_str).chain(listed.is_none().then_some("post"))
    }

    fn listed(&self, key: &str) -> Option<&[Value]> {
        self.spec.get(key).and_then(Value::as_array).map(Vec::as_slice)
    }

    /// Whether it can be called by this method, given in any case.
    pub(crate) fn takes(&self, method: &str) -> bool {
        self.methods().any(|taken| taken.eq_ignore_ascii_case(method))
    }

    /// The HTTP methods by which it can be called, in capitals.
    pub(crate) fn http_methods(&self) -> Vec<String> {
        let over_http = |method: &&str| !method.eq_ignore_ascii_case(WEBSOCKET);
        self.methods().filter(over_http).map(str::to_ascii_uppercase).collect()
    }

    /// Whether it has a path of this kind (`entry_type`).
    pub(crate) fn enters_at(&self, entry: Entry) -> bool {
        let other = match entry {
            Entry::Root => "node",
            Entry::Node => "root",
        };
        let said = self.spec.get("entry_type").and_then(Value::as_str).unwrap_or("BOTH");
        !said.eq_ignore_ascii_case(other)
    }

    /// Its path as it is specified: empty, relative or absolute.
    fn path(&self) -> &str {
        self.spec.get("path").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether its paths are outside of `/walker/`.
    pub(crate) fn is_absolute(&self) -> bool {
        self.path().starts_with('/')
    }

    /// The path by which it enters there (the rule of 0.2.11: a leading `/` makes it absolute).
    pub(crate) fn template(&self, entry: Entry) -> Template {
        let node = entry == Entry::Node;
        match self.path() {
            "" => Template::new(&["walker", self.name()], None, node),
            path => match path.strip_prefix('/') {
                Some(path) => Template::new(&[], Some(path), node),
                None => Template::new(&["walker", self.name()], Some(path), node),
            },
        }
    }

    /// Its fields with what is known of each; `None` where whoever runs it says nothing of them.
    pub(crate) fn fields(&self) -> Option<&Map<String, Value>> {
        self.spec.get("fields").and_then(Value::as_object)
    }

    /// From where a field comes in requests to this path; `None` where callers may not set it.
    pub(crate) fn place(&self, template: &Template, field: &str) -> Option<Place> {
        let listed = |key| {
            let all = self.spec.get(key).is_some_and(|one| one == "*");
            all || self.listed(key).unwrap_or_default().iter().any(|item| item == field || item == "*")
        };
        if listed("excluded") {
            return None;
        }
        Some(match () {
            () if template.variables().any(|name| name == field) => Place::Path,
            () if listed("as_query") => Place::Query,
            () => Place::Body,
        })
    }

    /// The fields that come from there in requests to this path.
    pub(crate) fn fields_from(&self, template: &Template, place: Place) -> impl Iterator<Item = (&String, &Value)> {
        let fields = self.fields().into_iter().flatten();
        fields.filter(move |(name, _)| self.place(template, name) == Some(place))
    }

    /// How it dresses in the interface description (`openapi`).
    pub(crate) fn dress(&self, key: &str) -> Option<&Value> {
        self.spec.get("openapi")?.get(key).filter(|value| !value.is_null())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use quintet_core::procedure::{Catalogue, Interface, Offer, Owner};
    use serde_json::json;

    use super::*;

    /// A catalogue of walkers with these specs, and of procedures without one.
    pub(crate) struct Shelf {
        pub(crate) procedures: Vec<Arc<Procedure>>,
        pub(crate) revision: Option<u64>,
    }

    impl Shelf {
        pub(crate) fn of(specs: &[(&str, Value)], plain: &[&str]) -> Self {
            let walkers = specs.iter().map(|(name, spec)| procedure(name, Some(spec)));
            let plain = plain.iter().map(|name| procedure(name, None));
            Self { procedures: walkers.chain(plain).collect(), revision: None }
        }
    }

    impl Catalogue for Shelf {
        fn find(&self, name: &str) -> Option<Arc<Procedure>> {
            let family = name.rsplit_once(':').map(|(beginning, _)| format!("{beginning}:*"));
            let answers = |own: &str| own == name || Some(own) == family.as_deref();
            self.procedures.iter().find(|procedure| answers(&procedure.offer.name)).cloned()
        }

        fn with_interface(&self, kind: &str) -> Vec<Arc<Procedure>> {
            let of_kind = |procedure: &&Arc<Procedure>| {
                procedure.offer.interface.as_ref().is_some_and(|interface| &*interface.kind == kind)
            };
            self.procedures.iter().filter(of_kind).cloned().collect()
        }

        fn revision(&self) -> Option<u64> {
            self.revision
        }
    }

    pub(crate) fn procedure(name: &str, spec: Option<&Value>) -> Arc<Procedure> {
        let mut offer = Offer::new(name);
        offer.interface = spec.map(|spec| Interface { kind: KIND.into(), spec: Arc::new(spec.clone()) });
        Arc::new(Procedure { offer, owner: Owner::Worker("jac".into()) })
    }

    pub(crate) fn walker(name: &str, spec: &Value) -> Walker {
        Walker::of(&procedure(name, Some(spec))).unwrap()
    }

    #[test]
    fn specs_have_the_originals_defaults() {
        for spec in [json!({}), json!(null), json!({"methods": 5, "auth": "x", "private": null, "entry_type": "?"})] {
            let walker = walker("w", &spec);
            assert!(walker.takes("post") && walker.takes("POST") && !walker.takes(WEBSOCKET) && !walker.takes("get"));
            assert!(walker.needs_user() && !walker.is_private() && !walker.is_absolute());
            assert!(walker.enters_at(Entry::Root) && walker.enters_at(Entry::Node));
            assert_eq!(walker.template(Entry::Node).path(), "/walker/w/{node}");
        }
        assert!(Walker::of(&procedure("w", None)).is_none());
    }

    #[test]
    fn a_private_walker_takes_nothing() {
        let walker = walker("w", &json!({"private": true, "methods": ["post", "websocket"]}));
        assert!(!walker.takes("post") && !walker.takes(WEBSOCKET) && walker.http_methods().is_empty());
    }

    #[test]
    fn the_entry_type_decides_which_paths_there_are() {
        for (said, root, node) in [("root", true, false), ("NODE", false, true), ("Both", true, true)] {
            let walker = walker("w", &json!({"entry_type": said}));
            assert_eq!((walker.enters_at(Entry::Root), walker.enters_at(Entry::Node)), (root, node), "{said}");
        }
    }

    #[test]
    fn fields_have_their_place() {
        let fields = json!({"a": {}, "b": {}, "c": {}, "x": {}});
        for (spec, wanted) in [
            (json!({}), "b b b b"),
            (json!({"as_query": ["b"]}), "b q b b"),
            (json!({"as_query": "*", "excluded": ["c"]}), "q q - q"),
            (json!({"as_query": ["*"], "path": "{x}"}), "q q q p"),
            (json!({"path": "/y/{x}", "excluded": ["a"]}), "- b b p"),
            (json!({"path": "{x}", "excluded": "*"}), "- - - -"),
        ] {
            let mut spec = spec;
            spec["fields"] = fields.clone();
            let walker = walker("w", &spec);
            let template = walker.template(Entry::Root);
            let places: Vec<_> = ["a", "b", "c", "x"]
                .map(|field| match walker.place(&template, field) {
                    Some(Place::Path) => "p",
                    Some(Place::Query) => "q",
                    Some(Place::Body) => "b",
                    None => "-",
                })
                .into();
            assert_eq!(places.join(" "), wanted, "{spec}");
        }
    }
}
