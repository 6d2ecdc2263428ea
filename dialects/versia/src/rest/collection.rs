//! Collections: parts of lists, by page (0.5) or by offset (0.6) (versia.md, sections 3.1, 3.3 and 4.4).

use std::sync::Arc;

use quintet_core::Error;
use quintet_core::federation::desk::{Exhibit, Item, List, Shown};
use quintet_core::federation::telling::What;
use quintet_core::federation::{Form, Host, Own, Tale, Target};
use quintet_core::http::{Head, Step};
use serde::Serialize;
use serde_json::value::RawValue;

use super::entity::read_by;
use super::seal::Seal;
use super::{show, unexpected};
use crate::house::House;
use crate::{naming, telling};

/// Items of a part at the most, whoever asks for more (versia.md, section 4.4).
const PAGE: u64 = 40;

/// Shows a part of a list.
pub(super) fn get(
    house: &Arc<House>,
    host: &Host,
    head: &Head,
    form: Form,
    of: Own,
    list: List,
) -> Result<Step, Error> {
    let reader = read_by(house, head, form)?;
    let part = Part::of(head, form)?;
    let exhibit = Exhibit::Page { of: of.clone(), list, form, offset: part.offset, limit: part.limit };
    let seal = Seal::of(house, host, head, form);
    let url = format!("{}{}", naming::base(house), head.path);
    Ok(show(head, exhibit, reader, move |exhibition| {
        let Shown::Page { total, items, .. } = &exhibition.shown else { return Err(unexpected(&exhibition.shown)) };
        let items = items.iter().filter_map(|item| spelled(&seal.house, form, &of, list, item)).collect();
        let author = author(&seal.house, form, &of);
        let text = match form {
            Form::Uri => serde_json::to_string(&Page::of(author, &part, &url, *total, items)),
            Form::Reference => serde_json::to_string(&Stretch { author, items, total: *total }),
        };
        Ok(seal.response(&exhibition, &of, text.map_err(Error::internal)?))
    }))
}

/// Which part of a list is asked for.
struct Part {
    offset: u64,
    limit: u64,
}

impl Part {
    fn of(head: &Head, form: Form) -> Result<Self, Error> {
        Ok(match form {
            Form::Uri => {
                let page = number(head, "page")?.unwrap_or(1).max(1);
                Self { offset: (page - 1).saturating_mul(PAGE), limit: PAGE }
            }
            Form::Reference => Self {
                offset: number(head, "offset")?.unwrap_or(0),
                limit: number(head, "limit")?.unwrap_or(PAGE).clamp(1, PAGE),
            },
        })
    }
}

fn number(head: &Head, name: &str) -> Result<Option<u64>, Error> {
    let number = head.query_last(name).map(|text| text.parse::<u64>()).transpose();
    number.map_err(|_| Error::bad_message(format!("{name} must be a whole number")))
}

/// A `Collection` or `URICollection` of 0.5, its keys in order.
#[derive(Serialize)]
struct Page {
    author: Option<String>,
    first: String,
    items: Vec<Box<RawValue>>,
    last: String,
    next: Option<String>,
    previous: Option<String>,
    total: u64,
}

impl Page {
    fn of(author: Option<String>, part: &Part, url: &str, total: u64, items: Vec<Box<RawValue>>) -> Self {
        let at = |page: u64| format!("{url}?page={page}");
        let (page, last) = (part.offset / PAGE + 1, total.div_ceil(PAGE).max(1));
        Self {
            author,
            first: at(1),
            items,
            last: at(last),
            next: (page < last).then(|| at(page + 1)),
            // From beyond the end, one comes back to it.
            previous: (page > 1).then(|| at(last.min(page - 1))),
            total,
        }
    }
}

/// A collection of 0.6, its keys in order.
#[derive(Serialize)]
struct Stretch {
    author: Option<String>,
    items: Vec<Box<RawValue>>,
    total: u64,
}

/// Whose list it is, where that is a user: a note does not tell its author here, and a room is the house's.
fn author(house: &House, form: Form, of: &Own) -> Option<String> {
    matches!(of, Own::User(_)).then(|| naming::spell(house, form, &Target::Own(of.clone())))
}

/// One of a list: what a user says as a whole, all else by name. What has no name in this form is left out.
fn spelled(house: &House, form: Form, of: &Own, list: List, item: &Item) -> Option<Box<RawValue>> {
    let whole = matches!((of, list), (Own::User(_), List::Notes | List::Featured));
    let text = match item {
        Item::Note(note) if whole => {
            telling::tell(house, &Tale { id: note.id, at: note.created_at, what: What::Note(note) }, form)?.text
        }
        Item::Note(note) => name(house, form, &Target::Own(Own::Note(note.id)))?,
        Item::Named(target) | Item::Entity(target) => name(house, form, target)?,
    };
    RawValue::from_string(text).ok()
}

fn name(house: &House, form: Form, target: &Target) -> Option<String> {
    serde_json::to_string(&naming::spelled(house, form, target)?).ok()
}
