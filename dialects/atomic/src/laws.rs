//! Laws: what holds for every commit, whatever is in it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quintet_core::canonical::canonical;
use quintet_core::commit::Unverified;
use quintet_core::{Commit, Properties, term};
use serde_json::{Map, Value, json};

use crate::vectors::{self, origin};

/// Any JSON without nulls, which JSON-AD has not.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4).prop_map(object),
        ]
    })
}

fn object(members: BTreeMap<String, Value>) -> Value {
    Value::Object(members.into_iter().collect())
}

/// The same value with the keys of every object turned round.
fn turned(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(turned).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().rev().map(|(key, value)| (key.clone(), turned(value))).collect())
        }
        leaf => leaf.clone(),
    }
}

/// A commit with these members, which nobody signed.
fn commit(extra: Value) -> Unverified {
    let mut members = Map::new();
    members.insert(term::SUBJECT.into(), "http://localhost:9883/x".into());
    members.insert(term::SIGNER.into(), vectors::agent(1).into());
    members.insert(term::CREATED_AT.into(), 1.into());
    members.insert(term::IS_A.into(), json!([term::COMMIT]));
    members.insert(term::SIGNATURE.into(), vectors::CREATE.signature.into());
    if let Value::Object(extra) = extra {
        members.extend(extra);
    }
    Unverified::parse(&Value::Object(members).to_string(), &origin()).unwrap()
}

/// What a commit does to one property.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Set,
    Push,
    Remove,
}

fn deeds() -> impl Strategy<Value = Vec<(bool, bool, Deed)>> {
    let deed = prop_oneof![Just(Deed::Set), Just(Deed::Push), Just(Deed::Remove)];
    prop::collection::vec((any::<bool>(), any::<bool>(), deed), 0..8)
}

/// The commit of one author: of the deeds, those that are its own, each to a property of its own.
fn commit_of(author: bool, deeds: &[(bool, bool, Deed)]) -> Commit {
    let (mut set, mut push, mut remove) = (Map::new(), Map::new(), Vec::new());
    for (index, (_, _, deed)) in deeds.iter().enumerate().filter(|(_, (_, of, _))| *of == author) {
        let property = format!("http://p.example/{index}");
        match deed {
            Deed::Set => drop(set.insert(property, index.into())),
            Deed::Push => drop(push.insert(property, json!([index, "x"]))),
            Deed::Remove => remove.push(property),
        }
    }
    (*commit(json!({ term::SET: set, term::PUSH: push, term::REMOVE: remove })).commit).clone()
}

fn after(first: &Commit, second: &Commit, before: &Properties) -> Properties {
    let state = first.apply(before.clone()).unwrap().unwrap();
    let mut state = second.apply(state).unwrap().unwrap();
    state.remove(term::LAST_COMMIT);
    state
}

proptest! {
    #[test]
    fn the_canonical_form_is_its_own(value in value()) {
        let once = canonical(&value);
        let again: Value = serde_json::from_str(&once).unwrap();
        prop_assert_eq!(canonical(&again), once);
    }

    #[test]
    fn layout_and_key_order_do_not_count(value in value()) {
        let laid_out = serde_json::to_string_pretty(&turned(&value)).unwrap();
        let again: Value = serde_json::from_str(&laid_out).unwrap();
        prop_assert_eq!(canonical(&again), canonical(&value));
    }

    #[test]
    fn a_commit_is_signed_over_what_it_says(value in value()) {
        let said = json!({ term::SET: { "http://p.example/x": value } });
        let read = commit(said.clone());
        prop_assert_eq!(&commit(turned(&said)).signed, &read.signed);
        // Whoever hears it can verify it: what is stored is signed alike.
        prop_assert_eq!(Unverified::parse(&read.commit.json, &origin()).unwrap().signed, read.signed);
    }

    #[test]
    fn commits_to_different_properties_commute(deeds in deeds()) {
        let held = deeds.iter().enumerate().filter(|(_, (held, ..))| *held);
        let before: Properties = held.map(|(index, _)| (format!("http://p.example/{index}"), json!(["before"]))).collect();
        let (one, other) = (commit_of(true, &deeds), commit_of(false, &deeds));
        prop_assert_eq!(after(&one, &other, &before), after(&other, &one, &before));
    }

    #[test]
    fn pushes_of_all_writers_are_there(count in 1..20_usize) {
        let mut state = Properties::new();
        for writer in 0..count {
            let push = json!({ term::PUSH: { "http://p.example/list": [writer] } });
            state = commit(push).commit.apply(state).unwrap().unwrap();
        }
        let held: Vec<usize> = serde_json::from_value(state["http://p.example/list"].clone()).unwrap();
        prop_assert_eq!(held, (0..count).collect::<Vec<_>>());
    }
}
