//! `[limits]`: every bound there is, from the table of the house.

use quintet_core::Limits;

use super::Config;
use super::section::{Key, Section};
use super::setting::Setting as _;

/// The bounds that may be zero: a time of none means at once. Every other would close the house.
const MAY_BE_ZERO: [&str; 3] = ["presence_delay_ms", "chat_clock_skew_seconds", "drain_seconds"];

/// The table of its keys.
pub(super) fn section() -> Section {
    let key = |bound: &quintet_core::limits::Bound| {
        let name = bound.name;
        Key {
            name,
            doc: bound.doc,
            default: bound.default.to_string(),
            set: Box::new(move |config: &mut Config, value| {
                let value = u64::read(value)?;
                if value == 0 && !MAY_BE_ZERO.contains(&name) {
                    return Err("expected a whole number, 1 or more".to_owned());
                }
                config.limits.set(name, value);
                Ok(())
            }),
            show: Box::new(move |config: &Config| {
                let value = config.limits.values().find(|(known, _)| *known == name);
                value.map_or_else(String::new, |(_, value)| value.to_string())
            }),
        }
    };
    Section {
        name: "limits",
        doc: "Every bound there is. The unit is in the name's last word.\n",
        keys: Limits::TABLE.iter().map(key).collect(),
    }
}
