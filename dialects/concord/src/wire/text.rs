//! Texts that must say something.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A text that is not empty: "**Take:** 400 for missing, null or empty".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled(pub(crate) String);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Err(D::Error::custom("must not be empty")) } else { Ok(Self(text)) }
    }
}
