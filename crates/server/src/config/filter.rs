//! What is logged, by severity.

use tracing_subscriber::EnvFilter;

use super::setting::{Setting, Value, quoted};

/// A severity, or a list of them by part of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// For the log's machinery.
    pub fn compile(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl Setting for Filter {
    fn read(value: &Value) -> Result<Self, String> {
        const EXPECTED: &str = "error, warn, info, debug or trace, or a list such as \"info,quintet_server=debug\"";
        let text = value.text(EXPECTED)?;
        // A bare word is taken for the name of a part, which nobody means who writes `level = "verbose"`.
        let bare = text.split(',').filter(|part| !part.contains('='));
        let known = |word: &str| word.trim().parse::<tracing::level_filters::LevelFilter>().is_ok();
        if text.is_empty() || !bare.into_iter().all(known) || EnvFilter::try_new(text).is_err() {
            return Err(format!("expected {EXPECTED}"));
        }
        Ok(Self(text.to_owned()))
    }

    fn literal(&self) -> String {
        quoted(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_severities_are_taken() {
        for (text, good) in
            [("info", true), ("info,quintet_server=debug", true), ("verbose", false), ("", false), ("x=loud", false)]
        {
            assert_eq!(Filter::read(&Value::Text(text.to_owned())).is_ok(), good, "{text}");
        }
    }
}
