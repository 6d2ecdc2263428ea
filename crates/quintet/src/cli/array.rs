//! A JSON array that is read one item at a time.

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use anyhow::{Context as _, Result};
use serde::de::{DeserializeOwned, Deserializer as _, Error as _, SeqAccess, Visitor};

/// Hands each item of the array to `take`. The first error ends it, be it of the text or of `take`.
pub(crate) fn read<T: DeserializeOwned>(from: impl Read, mut take: impl FnMut(T) -> Result<()>) -> Result<()> {
    let mut refusal = None;
    let mut reader = serde_json::Deserializer::from_reader(from);
    let items = Items { take: &mut take, refusal: &mut refusal, item: PhantomData };
    let read = reader.deserialize_seq(items).and_then(|()| reader.end());
    match refusal {
        Some(refusal) => Err(refusal),
        None => read.context("expected a JSON array"),
    }
}

/// Sees the items pass.
struct Items<'a, T, F> {
    take: &'a mut F,
    /// What `take` complained of: the reader can only carry texts.
    refusal: &'a mut Option<anyhow::Error>,
    item: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> Result<()>> Visitor<'de> for Items<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            if let Err(refusal) = (self.take)(item) {
                *self.refusal = Some(refusal);
                return Err(A::Error::custom("an item was refused"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> (Vec<u64>, Option<String>) {
        let mut items = Vec::new();
        let read = read(text.as_bytes(), |item| {
            anyhow::ensure!(item != 13, "no thirteen");
            items.push(item);
            Ok(())
        });
        (items, read.err().map(|error| format!("{error:#}")))
    }

    #[test]
    fn items_come_one_by_one() {
        assert_eq!(items(" [1, 2,3]\n"), (vec![1, 2, 3], None));
        assert_eq!(items("[]"), (vec![], None));
    }

    #[test]
    fn what_came_before_an_error_was_taken() {
        for (text, taken, complaint) in [
            ("[1,13,2]", 1, "no thirteen"),
            ("[1,2", 2, "EOF"),
            ("[1] x", 1, "trailing"),
            ("{}", 0, "expected an array"),
            ("", 0, "EOF"),
        ] {
            let (items, error) = items(text);
            assert_eq!(items.len(), taken, "{text}");
            assert!(error.as_deref().is_some_and(|error| error.contains(complaint)), "{text}: {error:?}");
        }
    }
}
