//! Calls of procedures. Ours: Concord has none.

use std::fmt;

use quintet_core::error;
use quintet_core::procedure::NAME_BYTES;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Any JSON value, handed on as it was written. Nested as deep as [`Value`] may be, so that whoever reads it can.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Payload(pub(crate) Box<RawValue>);

impl Payload {
    pub(crate) fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str::<Value>(raw.get()).map_err(D::Error::custom)?;
        Ok(Self(raw))
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

/// The name of a procedure, as far as it may be repeated to who sent it; whether there is one the hall knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.is_empty() || name.len() > NAME_BYTES {
            return Err(D::Error::custom(format_args!("must have 1 to {NAME_BYTES} bytes")));
        }
        Ok(Self(name))
    }
}

/// `procedure_called`: `name`; `payload`, any value, null where it is absent; `ref`, any value, which the answer repeats.
#[derive(Debug, Deserialize)]
pub(crate) struct Called {
    pub(crate) name: Name,
    pub(crate) payload: Option<Payload>,
    #[serde(rename = "ref")]
    pub(crate) reference: Option<Payload>,
}

/// What is wrong with one field of a payload.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    field: String,
    error: String,
}

impl From<&error::FieldError> for FieldError {
    fn from(error: &error::FieldError) -> Self {
        Self { field: error.field.clone(), error: error.error.clone() }
    }
}
