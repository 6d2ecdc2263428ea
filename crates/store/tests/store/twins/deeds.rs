//! Random deeds: what commits of anybody do to a few documents.

use proptest::prelude::*;
use quintet_core::term;
use serde_json::{Value, json};

use crate::pen::{Edit, Pen, edit, property, url};

/// What a commit does to the document at a path.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    MakeDrive(u8),
    MakeBelow(usize),
    Set(usize, Value),
    Push(usize, Value),
    Remove(usize),
    Let(&'static str, u8),
    Destroy,
}

/// Paths of documents; among them the root and an agent's own.
pub(super) fn path(place: usize) -> String {
    match place % 7 {
        0 => String::new(),
        1 => Pen::of(1).url().replace("http://a.example", ""),
        other => format!("/doc/{other}"),
    }
}

/// Properties that deeds touch.
fn touched(place: usize) -> String {
    [property("a"), property("b"), term::PARENT.to_owned(), term::IS_A.to_owned()][place % 4].clone()
}

impl Deed {
    /// The commit that does it.
    pub(super) fn edit(self, place: usize) -> Edit {
        let edit = edit(&path(place));
        match self {
            Self::MakeDrive(pen) => {
                edit.set(term::IS_A, json!([term::DRIVE])).lets(term::WRITE, &[&pen_of(pen)]).set(term::NAME, "Apples")
            }
            Self::MakeBelow(parent) => edit.set(term::PARENT, url(&path(parent))).set(term::NAME, "runs late"),
            Self::Set(property, value) => edit.set(&touched(property), value),
            Self::Push(property, value) => edit.push(&touched(property), json!([value])),
            Self::Remove(property) => edit.remove(&touched(property)),
            Self::Let(right, pen) => edit.lets(right, &[&pen_of(pen)]),
            Self::Destroy => edit.destroy(),
        }
    }
}

/// The root, the public, or an agent; the last may make no drives.
pub(super) fn pen_of(number: u8) -> Pen {
    match number {
        0 => Pen::root(),
        4 => Pen::nobody(),
        3 => Pen { drives: false, ..Pen::of(3) },
        other => Pen::of(other),
    }
}

/// Any deed.
pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let value = || {
        let url = (0_usize..7).prop_map(|place| json!(url(&path(place))));
        prop_oneof![Just(json!(1)), Just(json!("apple pie")), Just(json!(true)), Just(json!(["2", "pears"])), url]
    };
    let right = prop::sample::select(vec![term::READ, term::WRITE, term::APPEND]);
    prop_oneof![
        4 => (0_u8..5).prop_map(Deed::MakeDrive),
        6 => (0_usize..7).prop_map(Deed::MakeBelow),
        4 => (0_usize..4, value()).prop_map(|(property, value)| Deed::Set(property, value)),
        3 => (0_usize..4, value()).prop_map(|(property, value)| Deed::Push(property, value)),
        1 => (0_usize..4).prop_map(Deed::Remove),
        3 => (right, 0_u8..5).prop_map(|(right, pen)| Deed::Let(right, pen)),
        2 => Just(Deed::Destroy),
    ]
}
