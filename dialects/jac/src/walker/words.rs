//! What is said to a walker beside its context.

use std::collections::BTreeMap;

use quintet_core::Id;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{WEBSOCKET, Walker};
use crate::address::root_id;

/// The room's own words to whoever runs a walker ([`quintet_core::procedure::Invocation::extra`]).
#[derive(Debug, Default, Serialize)]
pub(crate) struct Words {
    method: String,
    /// Where it enters; `None` for the root.
    node: Option<String>,
    /// As whom it runs; `None` for the user who calls, whom a request's token tells the hall alone.
    root: Option<String>,
    /// Fields from the query: a text, or a list of them where it is given several times.
    query: BTreeMap<String, Texts>,
    /// Fields from the path.
    path: BTreeMap<String, String>,
}

/// One text, or several.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Words {
    /// A walker event of a user's socket.
    pub(crate) fn over_socket(walker: &Walker, user: Id, node: Option<String>) -> Self {
        let user = if walker.needs_user() { user } else { Id::PUBLIC };
        Self { method: WEBSOCKET.into(), node, root: Some(root_id(user)), ..Self::default() }
    }

    /// A request with this method.
    pub(crate) fn over_http(walker: &Walker, method: &str, node: Option<String>) -> Self {
        let root = (!walker.needs_user()).then(|| root_id(Id::PUBLIC));
        Self { method: method.to_ascii_lowercase(), node, root, ..Self::default() }
    }

    /// With what stands in the path.
    #[must_use]
    pub(crate) fn with_path(mut self, variables: Vec<(String, String)>) -> Self {
        self.path = variables.into_iter().collect();
        self
    }

    /// With a field of the query, once more.
    pub(crate) fn add_query(&mut self, field: &str, text: String) {
        match self.query.get_mut(field) {
            None => drop(self.query.insert(field.to_owned(), Texts::One(text))),
            Some(Texts::Many(texts)) => texts.push(text),
            Some(one) => {
                let Texts::One(first) = std::mem::replace(one, Texts::Many(Vec::new())) else { return };
                *one = Texts::Many(vec![first, text]);
            }
        }
    }

    /// As JSON.
    pub(crate) fn json(&self) -> Box<RawValue> {
        serde_json::value::to_raw_value(self).expect("texts in maps with text keys are JSON")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::walker;
    use super::*;

    #[test]
    fn words_are_written() {
        let mine = walker("w", &json!({}));
        let open = walker("w", &json!({"auth": false}));
        let ann = Id::new(4097).unwrap();
        let public = "n::000000000000000000000001";
        let mut words =
            Words::over_http(&mine, "GET", Some("n:A:01".into())).with_path(vec![("x".into(), "1/2".into())]);
        for (field, text) in [("a", "1"), ("b", "x"), ("b", "y"), ("b", "z")] {
            words.add_query(field, text.into());
        }
        for (words, wanted) in [
            (
                Words::over_socket(&mine, ann, None),
                json!({"method": "websocket", "node": null, "root": "n::000000000000000000001001", "query": {}, "path": {}}),
            ),
            (
                Words::over_socket(&open, ann, Some("n".into())),
                json!({"method": "websocket", "node": "n", "root": public, "query": {}, "path": {}}),
            ),
            (
                words,
                json!({"method": "get", "node": "n:A:01", "root": null, "query": {"a": "1", "b": ["x", "y", "z"]}, "path": {"x": "1/2"}}),
            ),
            (
                Words::over_http(&open, "POST", None),
                json!({"method": "post", "node": null, "root": public, "query": {}, "path": {}}),
            ),
        ] {
            assert_eq!(words.json().get(), wanted.to_string());
        }
    }
}
