//! Ids on the wire.

use quintet_core::Id;
use quintet_core::id::NotAnId;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// "JSON **numbers** (never strings), positive, unique over all kinds". Whole ones only, below 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Id);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.get())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Id::new(u64::deserialize(deserializer)?).map(Self).ok_or_else(|| D::Error::custom(NotAnId))
    }
}
