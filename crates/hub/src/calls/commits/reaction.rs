//! Reactions as a property of a message: an object, reaction → count.

use std::collections::BTreeSet;

use quintet_core::Error;
use quintet_core::chat::Reactions;
use serde_json::{Map, Value};

/// Which reaction of its own a signer adds (`true`) or takes back, by the object that it puts in place of what was there.
///
/// `true` adds and `false` takes back; a count that is larger than before adds, one that is smaller, or gone, takes back. So
/// `{"👍": true}` and the object as it was read with one count raised are the same. Exactly one reaction changes with a commit.
pub(super) fn wanted(value: Option<&Value>, before: &Reactions) -> Result<(String, bool), Error> {
    let none = Map::new();
    let after = match value {
        None => &none,
        Some(Value::Object(after)) => after,
        Some(_) => return Err(Error::bad_message("reactions are an object, reaction to count")),
    };
    let count = |reaction: &str| before.iter().find(|(known, _)| known == reaction).map_or(0, |(_, count)| *count);
    // Who says true or false speaks of that reaction only.
    let whole = !after.values().any(Value::is_boolean);
    let gone = before.iter().map(|(reaction, _)| reaction.as_str()).filter(|_| whole);
    let reactions: BTreeSet<&str> = after.keys().map(String::as_str).chain(gone).collect();
    let changes = reactions.into_iter().filter_map(|reaction| {
        let adding = adds(after.get(reaction), count(reaction))?;
        Some((reaction.to_owned(), adding))
    });
    let changes: Vec<_> = changes.take(2).collect();
    <[_; 1]>::try_from(changes)
        .map(|[change]| change)
        .map_err(|_| Error::bad_message("a commit adds one reaction of its signer, or takes one back"))
}

/// Adds, takes back, or leaves as it is.
fn adds(after: Option<&Value>, before: u64) -> Option<bool> {
    match after {
        Some(Value::Bool(adding)) => Some(*adding),
        Some(after) => after.as_u64().filter(|after| *after != before).map(|after| after > before),
        None => (before > 0).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_reaction_comes_or_goes() {
        let before = vec![("👍".to_owned(), 2), ("a".to_owned(), 1)];
        let table = [
            (json!({ "b": true }), Some(("b", true))),
            (json!({ "👍": true }), Some(("👍", true))),
            (json!({ "👍": false }), Some(("👍", false))),
            (json!({ "👍": 3, "a": 1 }), Some(("👍", true))),
            (json!({ "👍": 1, "a": 1 }), Some(("👍", false))),
            (json!({ "👍": 2, "a": 1, "b": 1 }), Some(("b", true))),
            (json!({ "👍": 2 }), Some(("a", false))),
            (json!({ "👍": 2, "a": 1 }), None),
            (json!({ "👍": 3, "a": 2 }), None),
            (json!({ "b": true, "c": true }), None),
            (json!({}), None),
            (json!({ "👍": "x", "a": 1 }), None),
            (json!([]), None),
        ];
        for (value, expected) in table {
            let found = wanted(Some(&value), &before).ok();
            assert_eq!(found, expected.map(|(reaction, adding)| (reaction.to_owned(), adding)), "{value}");
        }
        assert_eq!(wanted(None, &vec![("a".to_owned(), 1)]).unwrap(), ("a".to_owned(), false));
    }
}
