//! What is in force: the whole configuration, to be looked at.

use std::fmt::Write as _;

use super::{Config, sections};

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
    text
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
    fn it_reads_as_a_configuration() {
        assert!(in_force(&Config::default()).parse::<toml::Table>().is_ok());
    }
}
