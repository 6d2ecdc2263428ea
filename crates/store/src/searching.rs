//! Searching documents and chats by their words, for somebody who may read only some of them; the same for every store.

use std::collections::{BTreeSet, HashMap, HashSet};

use quintet_core::Fill;
use quintet_core::chat::Chat;
use quintet_core::document::Search;
use quintet_core::hierarchy::Reader;
use quintet_core::id::Id;
use quintet_core::limits::{self, Limits};
use quintet_core::subject::Subject;
use quintet_core::term;

use crate::finding::Sight;
use crate::lineage::Lineage;
use crate::search::Word;
use crate::sheet::Sheet;
use crate::tables::{Index, Kept};
use crate::{Hit, Rooms, atoms};

/// What a search finds: first what has most of its words, then what is newest. It ends where a page is full.
pub(crate) fn search<I: Index>(
    index: &I,
    search: &Search,
    reader: &Reader,
    rooms: &Rooms,
    limits: &Limits,
) -> Kept<Vec<Hit>> {
    let wanted = limits::size(search.limit.min(limits.search_results));
    let below = Below::new(&search.parents);
    let mut sight = Sight::new(index, reader, limits);
    let (mut hits, mut fill) = (Vec::new(), Fill::new(limits.page_bytes));
    for id in candidates(index, search, limits)? {
        if hits.len() >= wanted || fill.is_full() {
            break;
        }
        if let Some(sheet) = index.sheet(id)? {
            let has = |(property, value): &(String, String)| {
                atoms::has(&sheet.document.properties, Some(property), Some(value))
            };
            if search.filters.iter().all(has)
                && below.holds(index, &sheet, limits)?
                && sight.reaches(&sheet)?
                && fill.takes(&sheet.document.properties)
            {
                hits.push(Hit::Document(sheet.document));
            }
        } else if let Some(chat) = index.chat_of(id)?
            && is_visible(&chat, rooms)
            && search.filters.iter().all(|filter| is_message(&chat, filter))
            && below.holds_chat(index, &chat)?
            && fill.takes(&chat.content)
        {
            hits.push(Hit::Chat(chat));
        }
    }
    Ok(hits)
}

/// Documents and chats that may pass, the best first. Where a word is in more than [`Limits::query_documents`], older ones are not looked at.
fn candidates<I: Index>(index: &I, search: &Search, limits: &Limits) -> Kept<Vec<Id>> {
    let bound = limits::size(limits.query_documents);
    let Some(words) = Word::all_of(&search.words, limits::size(limits.search_words)) else {
        return without_words(index, search, bound);
    };
    let mut scores: HashMap<Id, usize> = HashMap::new();
    for word in &words {
        for id in index.with_word(word, bound)? {
            *scores.entry(id).or_default() += 1;
        }
    }
    let mut ranked: Vec<_> = scores.into_iter().map(|(id, score)| (score, id)).collect();
    ranked.sort_unstable_by(|one, other| other.cmp(one));
    Ok(ranked.into_iter().map(|(_, id)| id).collect())
}

/// The newest first, by the first filter where there is one.
fn without_words<I: Index>(index: &I, search: &Search, bound: usize) -> Kept<Vec<Id>> {
    let mut found: BTreeSet<Id> = index.newest_chats(bound)?.into_iter().collect();
    let filter = search.filters.first().and_then(|(property, value)| atoms::wanted(Some(property), Some(value)));
    found.extend(match filter.as_deref() {
        Some([atom, ..]) => index.with_atom(*atom, bound)?,
        _ => index.newest_documents(bound)?,
    });
    Ok(found.into_iter().rev().collect())
}

fn is_visible(chat: &Chat, rooms: &Rooms) -> bool {
    match rooms {
        Rooms::All => true,
        Rooms::Except(hidden) => !hidden.contains(&chat.room),
    }
}

/// Whether a chat has a property as the message that it is shown as: its class, its parent, or what it says.
fn is_message(chat: &Chat, (property, value): &(String, String)) -> bool {
    match property.as_str() {
        term::IS_A => value == term::MESSAGE,
        term::DESCRIPTION => *value == chat.content,
        term::PARENT => Subject::parse(value).and_then(|parent| room_at(&parent)) == Some(chat.room),
        _ => false,
    }
}

/// The number of the room that is shown at a subject.
fn room_at(subject: &Subject) -> Option<Id> {
    subject.path().strip_prefix("/room/")?.parse().ok()
}

/// Below what the hits must stand.
struct Below<'a> {
    subjects: HashSet<&'a Subject>,
    rooms: HashSet<Id>,
    /// Rooms stand below the root.
    is_root: bool,
}

impl<'a> Below<'a> {
    fn new(parents: &'a [Subject]) -> Self {
        Self {
            subjects: parents.iter().collect(),
            rooms: parents.iter().filter_map(room_at).collect(),
            is_root: parents.iter().any(|parent| parent.path().is_empty()),
        }
    }

    fn holds<I: Index>(&self, index: &I, sheet: &Sheet, limits: &Limits) -> Kept<bool> {
        if self.subjects.is_empty() {
            return Ok(true);
        }
        let lineage = Lineage::from(index, sheet.above, limits)?;
        Ok(lineage.nodes().iter().any(|node| self.subjects.contains(&node.subject)))
    }

    fn holds_chat<I: Index>(&self, index: &I, chat: &Chat) -> Kept<bool> {
        if self.subjects.is_empty() || self.is_root {
            return Ok(true);
        }
        let mut next = Some(chat.room).filter(|_| !self.rooms.is_empty());
        while let Some(room) = next {
            if self.rooms.contains(&room) {
                return Ok(true);
            }
            next = index.room_above(room)?;
        }
        Ok(false)
    }
}
