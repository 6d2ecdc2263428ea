//! Keys that may be absent.

use serde::{Deserialize, Deserializer};

/// For a key that may be absent but not null: "incoming null where not allowed [...] **Take:** 400 on REST, error-or-ignore on
/// the websocket". On an `Option<Option<T>>` it tells null (`Some(None)`) from absent (`None`).
///
/// Use: `#[serde(default, deserialize_with = "present::some")]`.
pub(crate) fn some<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
