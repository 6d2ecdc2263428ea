//! What is in force: the whole configuration, to be looked at.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{Config, Procedure, sections};

/// All keys with their values, as a configuration file would have them; secrets are covered.
pub fn in_force(config: &Config) -> String {
    let mut text = String::new();
    for section in sections() {
        // Writing to a String cannot fail.
        if !section.name.is_empty() {
            let _ = writeln!(text, "\n[{}]", section.name);
        }
        for key in &section.keys {
            let _ = writeln!(text, "{} = {}", key.name, (key.show)(config));
        }
    }
    let listed = Procedure::table();
    for procedure in &config.procedures {
        let _ = writeln!(text, "\n[[{}]]", listed.name);
        for key in &listed.keys {
            let _ = writeln!(text, "{} = {}", key.name, (key.show)(procedure));
        }
    }
    text
}

/// The same as JSON: an object, with one inside for each table, and a list of the procedures; secrets are covered.
pub fn in_force_json(config: &Config) -> Value {
    let mut tables = Map::new();
    for section in sections() {
        let keys = section.keys.iter().map(|key| (key.name.to_owned(), json(&(key.show)(config))));
        if section.name.is_empty() {
            tables.extend(keys);
        } else {
            tables.insert(section.name.to_owned(), keys.collect());
        }
    }
    let listed = Procedure::table();
    let table = |procedure| -> Map<_, _> {
        listed.keys.iter().map(|key| (key.name.to_owned(), json(&(key.show)(procedure)))).collect()
    };
    let procedures: Vec<_> = config.procedures.iter().map(table).collect();
    tables.insert(listed.name.to_owned(), procedures.into());
    tables.into()
}

/// A TOML literal as JSON. Numbers first: those of TOML are smaller than ours.
fn json(literal: &str) -> Value {
    if let Ok(number) = literal.parse::<u64>() {
        return number.into();
    }
    let value = literal.parse::<toml::Value>().ok();
    value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use quintet_core::identity::Secret;

    use super::*;

    #[test]
    fn values_are_shown_and_secrets_are_not() {
        let mut config = Config::default();
        config.house.threads = 3;
        config.limits.rooms = 7;
        config.admin.password = Some(Secret::new("hunter2"));
        config.api.keys = vec![Secret::new("0123456789abcdef"); 2];
        let text = in_force(&config);
        for line in ["threads = 3", "[limits]", "rooms = 7", "password = \"(set)\"", "keys = [\"(set)\", \"(set)\"]"] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        assert!(!text.contains("hunter2") && !text.contains("0123"));
    }

    #[test]
    fn as_json_it_says_the_same() {
        let mut config = Config::default();
        config.api.keys = vec![Secret::new("0123456789abcdef")];
        config.limits.rooms = u64::MAX;
        let json = in_force_json(&config);
        assert_eq!(json["listen"], "127.0.0.1:8080");
        assert_eq!(json["api"], serde_json::json!({"keys": ["(set)"]}));
        assert_eq!((&json["limits"]["rooms"], &json["rooms"]["public_read"]), (&u64::MAX.into(), &false.into()));
        assert!(!json.to_string().contains("null"), "{json}");
    }

    #[test]
    fn it_reads_as_a_configuration() {
        assert!(in_force(&Config::default()).parse::<toml::Table>().is_ok());
    }
}
