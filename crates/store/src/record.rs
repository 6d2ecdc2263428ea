//! Records: how the words of the house are written down as JSON.
//!
//! The words themselves know no JSON, so that what is on disk changes only on purpose, here. A reader passes over fields that it
//! does not know; a field that is added later needs a default, or a migration.

mod address;
mod event;
mod federation;
mod people;
mod right;
mod room;

use quintet_core::id::Id;
use quintet_core::identity::Author;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::tables::{Broken, Kept};

pub(crate) use self::address::host;

/// What can be written down as JSON, and read back.
pub(crate) trait Record: Sized {
    /// As JSON.
    fn text(&self) -> Kept<String>;

    /// From JSON.
    fn parse(text: &str) -> Kept<Self>;
}

/// Writes `$word` down by its `$record`, which converts to and fro.
macro_rules! recorded {
    ($word:ty as $record:ty) => {
        impl $crate::record::Record for $word {
            fn text(&self) -> $crate::tables::Kept<String> {
                $crate::record::to_text(&<$record>::from(self))
            }

            fn parse(text: &str) -> $crate::tables::Kept<Self> {
                Ok($crate::record::from_text::<$record>(text)?.into())
            }
        }
    };
}
use recorded;

fn to_text(record: &impl Serialize) -> Kept<String> {
    serde_json::to_string(record).map_err(Broken::new)
}

fn from_text<'a, T: Deserialize<'a>>(text: &'a str) -> Kept<T> {
    serde_json::from_str(text).map_err(Broken::new)
}

/// An id as a JSON number, or an SQL integer.
#[derive(Clone, Copy)]
pub(crate) struct Number(pub(crate) Id);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.get())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = u64::deserialize(deserializer)?;
        Id::new(value).map(Self).ok_or_else(|| D::Error::custom(format!("{value} is no id")))
    }
}

/// Whose something is.
#[derive(Serialize, Deserialize)]
struct AuthorRecord {
    id: Number,
    #[serde(default)]
    name: std::sync::Arc<str>,
}

impl From<&Author> for AuthorRecord {
    fn from(author: &Author) -> Self {
        Self { id: Number(author.id), name: author.name.clone() }
    }
}

impl From<AuthorRecord> for Author {
    fn from(record: AuthorRecord) -> Self {
        Self { id: record.id.0, name: record.name }
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::room::Room;

    use super::*;

    #[test]
    fn what_a_newer_house_added_is_passed_over() {
        let text = r#"{"id":4096,"name":"general","created_at":7,"created_by":4097,"colour":"red","ordinality":3}"#;
        let room = Room::parse(text).unwrap();
        assert_eq!((room.name.as_str(), room.ordinality, room.parent), ("general", 3, None));
    }

    #[test]
    fn an_id_too_large_is_damage() {
        let text = r#"{"id":9007199254740992,"name":"general","created_at":7,"created_by":4097}"#;
        assert!(Room::parse(text).is_err());
    }
}
