//! Search terms: the stems of a text's words, the same for every store.
//!
//! Words are runs of letters and digits, in lower case, cut to their English stems (Snowball's English stemmer).

use std::cell::RefCell;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

/// The stems of a text, in its order: letters and digits only, each followed by a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms(String);

impl Terms {
    /// The terms of a text.
    pub(crate) fn of(text: &str) -> Self {
        Self::of_words(words(text))
    }

    /// The terms of a search, of which the first `limit` words count; `None` where it is blank and so no condition.
    ///
    /// A search without letters or digits has no terms, and matches nothing.
    pub(crate) fn of_search(search: &str, limit: usize) -> Option<Self> {
        if search.trim().is_empty() { None } else { Some(Self::of_words(words(search).take(limit))) }
    }

    /// The terms of several texts, one after the other.
    pub(crate) fn of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of_words(texts.into_iter().flat_map(words))
    }

    fn of_words<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        STEMMER.with_borrow_mut(|stemmer| {
            let mut terms = String::new();
            for word in words {
                stemmer.push_stem(word, &mut terms);
                terms.push(' ');
            }
            Self(terms)
        })
    }

    /// All terms as one text, as an index takes them.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Each term.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split_terminator(' ')
    }

    /// Whether a text with these terms is found by a search for `wanted`.
    pub(crate) fn has_any(&self, wanted: &Self) -> bool {
        self.iter().any(|term| wanted.iter().any(|other| other == term))
    }
}

/// A word of a search for documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The stem that is looked for.
    pub(crate) stem: String,
    /// The beginning that is looked for too, in lower case: the last word of a search may be unfinished.
    pub(crate) beginning: Option<String>,
}

impl Word {
    /// The words of a search, of which the first `limit` count, each stem once; `None` where it is blank and so no condition.
    pub(crate) fn all_of(search: &str, limit: usize) -> Option<Vec<Self>> {
        let terms = Terms::of_search(search, limit)?;
        let mut all: Vec<Self> = Vec::new();
        for stem in terms.iter() {
            if all.iter().all(|word| word.stem != stem) {
                all.push(Self { stem: stem.to_owned(), beginning: None });
            }
        }
        let last = terms.iter().last();
        if let Some(word) = all.iter_mut().find(|word| last == Some(word.stem.as_str())) {
            word.beginning = words(search).take(limit).last().map(str::to_lowercase);
        }
        Some(all)
    }

    /// Whether a text with these terms has it.
    pub(crate) fn is_in(&self, terms: &Terms) -> bool {
        let begins = |term: &str| self.beginning.as_deref().is_some_and(|beginning| term.starts_with(beginning));
        terms.iter().any(|term| term == self.stem || begins(term))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

thread_local! {
    static STEMMER: RefCell<Remembering> = RefCell::new(Remembering::new());
}

/// Words whose stems each thread remembers; beyond it, all are forgotten.
const WORDS_REMEMBERED: usize = 4_096;
/// Longer words are rare, and not remembered.
const WORD_BYTES_REMEMBERED: usize = 32;

/// A stemmer that remembers: most words of a text are among a few thousand, and stemming is slower than looking up.
struct Remembering {
    stemmer: Stemmer,
    stems: HashMap<String, String>,
    /// The word in lower case; kept to spare allocations.
    lower: String,
}

impl Remembering {
    fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), stems: HashMap::new(), lower: String::new() }
    }

    fn push_stem(&mut self, word: &str, terms: &mut String) {
        self.lower.clear();
        if word.is_ascii() {
            self.lower.push_str(word);
            self.lower.make_ascii_lowercase();
        } else {
            self.lower.push_str(&word.to_lowercase());
        }
        if let Some(stem) = self.stems.get(&self.lower) {
            return terms.push_str(stem);
        }
        let stem = self.stemmer.stem(&self.lower);
        terms.push_str(&stem);
        if word.len() <= WORD_BYTES_REMEMBERED {
            if self.stems.len() >= WORDS_REMEMBERED {
                self.stems.clear();
            }
            self.stems.insert(self.lower.clone(), stem.into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_to_stems_in_lower_case() {
        for (text, expected) in [
            ("Running, runs; RUN!", "run run run "),
            ("lunch at 12:30", "lunch at 12 30 "),
            ("Größe STRASSE", "größe strass "),
            ("日本 語", "日本 語 "),
            ("🍕 --", ""),
            ("", ""),
        ] {
            assert_eq!(Terms::of(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn terms_come_one_by_one() {
        assert_eq!(Terms::of("Two words").iter().collect::<Vec<_>>(), ["two", "word"]);
        assert_eq!(Terms::of("?").iter().count(), 0);
    }

    #[test]
    fn a_blank_search_is_no_condition_and_punctuation_finds_nothing() {
        assert_eq!(Terms::of_search(" \t", 9), None);
        assert_eq!(Terms::of_search("\"*) OR", 9), Some(Terms::of("or")));
        assert_eq!(Terms::of_search("?!", 9), Some(Terms::default()));
        assert!(!Terms::of("anything ?!").has_any(&Terms::default()));
    }

    #[test]
    fn any_common_term_is_enough() {
        let text = Terms::of("running late");
        assert!(text.has_any(&Terms::of("early runs")));
        assert!(!text.has_any(&Terms::of("early la")));
    }

    #[test]
    fn remembering_changes_nothing() {
        let mut remembering = Remembering::new();
        let plain = Stemmer::create(Algorithm::English);
        for number in (0..WORDS_REMEMBERED + 9).chain(0..9) {
            let word = format!("word{number}ing");
            let mut stem = String::new();
            remembering.push_stem(&word, &mut stem);
            assert_eq!(stem, plain.stem(&word));
            assert!(remembering.stems.len() <= WORDS_REMEMBERED);
        }
    }

    #[test]
    fn the_last_word_of_a_search_may_be_unfinished() {
        let words = Word::all_of("running Lun", 9).unwrap();
        let table = [("lunch", [false, true]), ("he runs", [true, false]), ("runny", [false, false])];
        for (text, expected) in table {
            assert_eq!([0, 1].map(|at: usize| words[at].is_in(&Terms::of(text))), expected, "{text}");
        }
        assert_eq!(Word::all_of("runs Run running", 9).unwrap().len(), 1, "each stem counts once");
        assert_eq!(Word::all_of("runs late", 1).unwrap()[0].beginning.as_deref(), Some("runs"));
        assert_eq!((Word::all_of(" ", 9), Word::all_of("?!", 9)), (None, Some(Vec::new())));
    }

    #[test]
    fn only_the_first_words_of_a_search_count() {
        assert_eq!(Terms::of_search("one two three", 2), Some(Terms::of("one two")));
    }
}
