//! Times on the wire.

use std::fmt;

use quintet_core::Timestamp;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A time that a client gives: "integers, milliseconds since the Unix epoch". Whole ones only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Reading)
    }
}

/// Says in the protocol's words what a time is, where the parser would say `i64`.
struct Reading;

impl Visitor<'_> for Reading {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time, a whole number of milliseconds since 1970,")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Moment, E> {
        Ok(Moment(Timestamp::from_millis(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Moment, E> {
        let millis = i64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))?;
        self.visit_i64(millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_times() {
        for millis in [0, -1, 1_760_000_000_000, i64::MIN, i64::MAX] {
            let read: Moment = serde_json::from_str(&millis.to_string()).unwrap();
            assert_eq!(read.0.millis(), millis);
        }
        for text in ["9223372036854775808", "1.0", "1e3", "\"1\"", "null", "true"] {
            let error = serde_json::from_str::<Moment>(text).unwrap_err().to_string();
            assert!(
                error.contains("expected a time, a whole number of milliseconds since 1970, at"),
                "{text}: {error}"
            );
        }
    }
}
