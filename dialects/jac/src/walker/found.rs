//! Finding what a name means: a walker, or another procedure.

use std::sync::Arc;

use quintet_core::procedure::{Catalogue, Procedure};

use super::Walker;

/// What answers to a name.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A walker, with all its own rules.
    Walker(Walker),
    /// Another procedure, and the name by which to call it: its own may be that of a family.
    Procedure(Arc<str>, Arc<Procedure>),
}

/// The procedures of the house that may be called under a walker's name (bridge.md, section 3).
const ALIASES: [(&str, &str); 7] = [
    ("chat_send", "chat:send"),
    ("chat_edit", "chat:edit"),
    ("chat_delete", "chat:delete"),
    ("chat_react", "chat:react"),
    ("chat_typing", "chat:typing"),
    ("chat_history", "chat:history"),
    ("presence_get", "presence:get"),
];

/// Who answers to a name: whoever has registered it goes before the house's own walkers.
pub(crate) fn find(catalogue: &dyn Catalogue, name: &str) -> Option<Found> {
    let called = |name: &str| catalogue.find(name).map(|procedure| (Arc::from(name), procedure));
    let own = || ALIASES.iter().find(|(alias, _)| *alias == name).and_then(|(_, own)| called(own));
    let (name, procedure) = called(name).or_else(own)?;
    Some(Walker::of(&procedure).map_or(Found::Procedure(name, procedure), Found::Walker))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::Shelf;
    use super::*;

    fn found(shelf: &Shelf, name: &str) -> Option<String> {
        Some(match find(shelf, name)? {
            Found::Walker(walker) => format!("walker {}", walker.name()),
            Found::Procedure(name, procedure) => format!("{name} of {}", procedure.offer.name),
        })
    }

    #[test]
    fn names_are_found() {
        let shelf =
            Shelf::of(&[("roll", json!({})), ("chat_edit", json!({}))], &["add", "chat:send", "chat:edit", "pay:*"]);
        for (name, wanted) in [
            ("roll", Some("walker roll")),
            ("add", Some("add of add")),
            ("chat:send", Some("chat:send of chat:send")),
            ("chat_send", Some("chat:send of chat:send")),
            ("pay:now", Some("pay:now of pay:*")),
            ("chat_edit", Some("walker chat_edit")),
            ("chat_delete", None),
            ("", None),
        ] {
            assert_eq!(found(&shelf, name).as_deref(), wanted, "{name}");
        }
    }
}
