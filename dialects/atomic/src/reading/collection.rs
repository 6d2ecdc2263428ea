//! Collections: what a query found, page by page (atomic-data.md, section 15.1).

use quintet_core::document::{Page, Query};
use quintet_core::{Answer, Call, Document, Error, term};
use serde_json::{Map, Value, json};

use super::endpoint::ENDPOINTS;
use super::{Asked, Reading, parameters, unexpected};

/// How many members a page has where nothing is said.
const PAGE: u64 = 30;

/// The collections of a house, by name, each with its class after `https://atomicdata.dev/` (section 14). Commits are no documents here:
/// they are listed for one resource only.
const COLLECTIONS: &[(&str, &str)] = &[
    ("agents", "classes/Agent"),
    ("articles", "classes/Article"),
    ("atoms", "classes/Atom"),
    ("chatrooms", "classes/ChatRoom"),
    ("classes", "classes/Class"),
    ("collections", "classes/Collection"),
    ("datatypes", "classes/Datatype"),
    ("date-formats", "classes/DateFormat"),
    ("documents", "classes/Document"),
    ("drives", "classes/Drive"),
    ("endpoints", "classes/Endpoint"),
    ("files", "classes/File"),
    ("float-range-propertys", "classes/FloatRangeProperty"),
    ("formatted-dates", "classes/FormattedDate"),
    ("formatted-numbers", "classes/FormattedNumber"),
    ("importers", "classes/Importer"),
    ("invites", "classes/Invite"),
    ("messages", "classes/Message"),
    ("number-formats", "classes/NumberFormat"),
    ("ontologys", "class/ontology"),
    ("paragraphs", "classes/elements/Paragraph"),
    ("properties", "classes/Property"),
    ("range-propertys", "classes/RangeProperty"),
    ("redirects", "classes/Redirect"),
    ("select-propertys", "classes/SelectProperty"),
    ("tables", "classes/Table"),
    ("tags", "classes/Tag"),
];

/// What stands on one page of a collection.
#[derive(Default)]
pub(super) struct Listing<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) property: Option<&'a str>,
    pub(super) value: Option<&'a str>,
    /// As it was answered; a size or number that is not given is the usual one.
    pub(super) page: Page,
    /// On all pages.
    pub(super) total: u64,
    /// URLs or whole objects.
    pub(super) members: Vec<Value>,
}

impl Listing<'_> {
    /// As a resource. `BadMessage` for a page behind the last one.
    pub(super) fn resource(self, url: &str) -> Result<Value, Error> {
        let (size, number) = (self.page.size.unwrap_or(PAGE).max(1), self.page.number.unwrap_or(0));
        let pages = self.total.div_ceil(size);
        if number > 0 && number >= pages {
            return Err(Error::bad_message(format!(
                "there is no page {number}: pages are counted from 0 and there are {pages}"
            )));
        }
        let mut resource = Map::new();
        resource.insert("@id".into(), url.into());
        resource.insert(term::IS_A.into(), json!([term::COLLECTION]));
        let mut texts = |property: &str, text: Option<&str>| {
            text.map(|text| resource.insert(property.into(), text.into()));
        };
        texts(term::NAME, self.name);
        texts(term::COLLECTION_PROPERTY, self.property);
        texts(term::COLLECTION_VALUE, self.value);
        texts(term::COLLECTION_SORT_BY, self.page.sort_by.as_deref());
        if self.page.descending == Some(true) {
            resource.insert(term::COLLECTION_SORT_DESC.into(), true.into());
        }
        resource.insert(term::COLLECTION_MEMBERS.into(), Value::Array(self.members));
        resource.insert(term::COLLECTION_TOTAL_MEMBERS.into(), self.total.into());
        resource.insert(term::COLLECTION_TOTAL_PAGES.into(), pages.into());
        resource.insert(term::COLLECTION_CURRENT_PAGE.into(), number.into());
        resource.insert(term::COLLECTION_PAGE_SIZE.into(), size.into());
        Ok(Value::Object(resource))
    }
}

/// `/query?…`.
pub(super) fn query(asked: &Asked<'_>) -> Result<Reading, Error> {
    asked.parameters.only(&parameters::COLLECTION)?;
    let property = asked.parameters.address("property");
    let value = asked.parameters.text("value").map(str::to_owned);
    ask(asked, None, property, value)
}

/// A collection that each house has: at `/<name>` or `/collections/<name>`. `None` where there is none of that name.
pub(super) fn listing(asked: &Asked<'_>) -> Option<Result<Reading, Error>> {
    let name = asked.path.strip_prefix("/collections/").or_else(|| asked.path.strip_prefix('/'))?;
    let (name, class) = COLLECTIONS.iter().find(|(known, _)| *known == name)?;
    Some(asked.parameters.only(&parameters::COLLECTION).and_then(|()| match *name {
        "collections" => known(asked, name, collections(asked)),
        "endpoints" => known(asked, name, endpoints(asked)),
        _ => of_class(asked, name, class),
    }))
}

/// The members of a class; `property` and `value` replace that.
fn of_class(asked: &Asked<'_>, name: &'static str, class: &str) -> Result<Reading, Error> {
    match asked.parameters.address("property") {
        Some(property) => ask(asked, Some(name), Some(property), asked.parameters.text("value").map(str::to_owned)),
        None => ask(asked, Some(name), Some(term::IS_A.to_owned()), Some(url_of(class))),
    }
}

fn ask(
    asked: &Asked<'_>,
    name: Option<&'static str>,
    property: Option<String>,
    value: Option<String>,
) -> Result<Reading, Error> {
    let mut page = asked.parameters.page()?;
    // "The real server sends objects" where nothing is said.
    let nested = *page.nested.get_or_insert(true);
    let url = asked.url.to_owned();
    let query = Query { property: property.clone(), value: value.clone(), page };
    let told = move |answer| match answer {
        Answer::Found(found) => {
            let member = |document: &Document| if nested { document.json() } else { document.subject.as_str().into() };
            let members = found.members.iter().map(member).collect();
            let (property, value) = (property.as_deref(), value.as_deref());
            Listing { name, property, value, page: found.page, total: found.total, members }.resource(&url)
        }
        other => Err(unexpected(&other)),
    };
    Ok(Reading::Ask(Box::new(Call::Query(query)), Box::new(told)))
}

/// What is not stored anywhere, on one page.
fn known(asked: &Asked<'_>, name: &str, all: Vec<Value>) -> Result<Reading, Error> {
    let page = asked.parameters.page()?;
    let nested = page.nested.unwrap_or(true);
    let member = |resource: Value| if nested { resource } else { resource["@id"].clone() };
    let total = all.len() as u64;
    let page = Page { size: Some(total), number: page.number, ..Page::default() };
    let members = all.into_iter().map(member).collect();
    let listing = Listing { name: Some(name), page, total, members, ..Listing::default() };
    Ok(Reading::Known(listing.resource(asked.url)?))
}

fn endpoints(asked: &Asked<'_>) -> Vec<Value> {
    let resource =
        |endpoint: &super::Endpoint| endpoint.resource(&format!("{}{}", asked.origin.0, endpoint.path), asked.origin);
    ENDPOINTS.iter().map(resource).collect()
}

fn collections(asked: &Asked<'_>) -> Vec<Value> {
    let resource = |(name, class): &(&str, &str)| {
        json!({
            "@id": format!("{}/{name}", asked.origin.0),
            term::IS_A: [term::COLLECTION],
            term::NAME: name,
            term::COLLECTION_PROPERTY: term::IS_A,
            term::COLLECTION_VALUE: url_of(class),
            // Without its members.
            term::INCOMPLETE: true,
        })
    };
    COLLECTIONS.iter().map(resource).collect()
}

fn url_of(class: &str) -> String {
    format!("https://atomicdata.dev/{class}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collection_is_of_a_bundled_class() {
        for (name, class) in COLLECTIONS {
            assert!(quintet_vocabulary::document(&url_of(class)).is_some(), "{name}");
        }
    }

    #[test]
    fn pages_are_counted() {
        let listing = |total, size, number| {
            let page = Page { size, number, ..Page::default() };
            let resource = Listing { page, total, ..Listing::default() }.resource("http://a.example/query").ok()?;
            Some((resource[term::COLLECTION_TOTAL_PAGES].as_u64()?, resource[term::COLLECTION_PAGE_SIZE].as_u64()?))
        };
        for (total, size, number, expected) in [
            (0, None, None, Some((0, 30))),
            (0, None, Some(0), Some((0, 30))),
            (0, None, Some(1), None),
            (5, Some(2), Some(2), Some((3, 2))),
            (5, Some(2), Some(3), None),
            (4, Some(2), Some(2), None),
            (u64::MAX, Some(u64::MAX), Some(0), Some((1, u64::MAX))),
        ] {
            assert_eq!(listing(total, size, number), expected, "{total} {size:?} {number:?}");
        }
    }
}
