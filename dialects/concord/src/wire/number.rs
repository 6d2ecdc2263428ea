//! Ids on the wire.

use std::fmt;

use quintet_core::Id;
use serde::de::{Error, Unexpected, Visitor};
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
        deserializer.deserialize_u64(Reading)
    }
}

/// Says in the protocol's words what an id is, where the parser would say `u64`.
struct Reading;

impl Visitor<'_> for Reading {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id, a whole number from 0 to {},", Id::MAX)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Id::new(value).map(Number).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }
}
