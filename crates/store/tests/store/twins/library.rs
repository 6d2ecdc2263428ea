//! What anybody sees of documents.

use std::sync::Arc;

use quintet_core::document::{Page, Query, Search};
use quintet_core::hierarchy::Act;
use quintet_core::{Commit, Id, term};
use quintet_store::Rooms;

use super::deeds::{path, pen_of};
use crate::house::House;
use crate::pen::{Pen, at, property, url};

/// All that anybody can see of documents, as text.
pub(super) async fn seen(house: &House, commits: &[Arc<Commit>]) -> Vec<String> {
    let store = &house.store;
    let mut seen = vec![format!("{:?}", store.export(Id::HOUSE, 50).await.unwrap())];
    for subject in (0..7).map(|place| at(&path(place))) {
        seen.push(format!("{subject} {:?}", store.document(&subject).await.unwrap()));
        seen.push(format!("{:?}", store.history(&subject.topic(), 1, 50).await.unwrap()));
        seen.push(format!("{:?}", store.head(&subject.topic()).await.unwrap()));
        seen.push(format!("{:?}", store.chat_at(&subject).await.unwrap()));
    }
    for commit in commits {
        seen.push(format!("{:?}", store.commit(&commit.signature).await.unwrap()));
    }
    for Pen { reader, .. } in (0..5).map(pen_of) {
        for query in queries() {
            seen.push(format!("{reader:?} {query:?} {:?}", store.documents(&query, &reader).await.unwrap()));
        }
        for search in searches() {
            seen.push(format!("{search:?} {:?}", store.search(&search, &reader, Rooms::All).await.unwrap()));
        }
        for place in 0..7 {
            let may = store.may(&reader, Act::Append, &at(&path(place))).await.unwrap();
            seen.push(format!("{reader:?} {place} {may}"));
        }
    }
    seen
}

fn queries() -> Vec<Query> {
    let by_b = Page { sort_by: Some(property("b")), descending: Some(true), size: Some(3), ..Page::default() };
    let wanted = [
        (None, None),
        (Some(property("a")), None),
        (Some(property("a")), Some("1".to_owned())),
        (Some(property("b")), Some("pears".to_owned())),
        (Some(term::PARENT.to_owned()), Some(url("/doc/2"))),
        (None, Some(url("/doc/3"))),
    ];
    let pages = [Page::default(), by_b];
    let queries = pages
        .into_iter()
        .flat_map(|page| wanted.clone().map(|(property, value)| Query { property, value, page: page.clone() }));
    queries.collect()
}

fn searches() -> Vec<Search> {
    let all = Search { limit: 9, ..Search::default() };
    let mut searches: Vec<_> =
        ["apple", "late app", "pie run", "?", ""].map(|words| Search { words: words.into(), ..all.clone() }).into();
    searches.push(Search { parents: vec![at("/doc/2"), at("")], ..all.clone() });
    searches.push(Search { filters: vec![(property("a"), "1".into())], words: "apple".into(), ..all });
    searches
}
