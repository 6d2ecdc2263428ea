//! Settings: how one value is read from a file, a variable or a flag, and shown in the example.

use std::path::PathBuf;

use quintet_core::identity::Secret;

/// A value as it was found.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// From a variable or a flag: a text that may stand for anything.
    Loose(String),
    /// A TOML string.
    Text(String),
    /// A TOML integer.
    Number(u64),
    /// A TOML boolean.
    Switch(bool),
    /// A TOML array of strings.
    List(Vec<String>),
    /// Something that no setting takes; its TOML type.
    Other(&'static str),
}

impl Value {
    /// What this is, for a complaint. Never the value itself: it may be a secret.
    fn kind(&self) -> &'static str {
        match self {
            Self::Loose(_) | Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Switch(_) => "true or false",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }

    fn expected(&self, what: &str) -> String {
        format!("expected {what}, not {}", self.kind())
    }

    /// The text that this is.
    pub(super) fn text(&self, what: &str) -> Result<&str, String> {
        match self {
            Self::Loose(text) | Self::Text(text) => Ok(text),
            other => Err(other.expected(what)),
        }
    }
}

/// A type that a key can have.
pub(super) trait Setting: Sized {
    /// Reads it, or says what is wrong.
    fn read(value: &Value) -> Result<Self, String>;

    /// As TOML.
    fn literal(&self) -> String;

    /// As TOML, to be looked at: of a secret, only that it is set.
    fn shown(&self) -> String {
        self.literal()
    }
}

/// A TOML string, quoted.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Setting for u64 {
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Number(number) => Ok(*number),
            Value::Loose(text) => {
                text.trim().replace('_', "").parse().map_err(|_| "expected a whole number, 0 or more".to_owned())
            }
            other => Err(other.expected("a whole number, 0 or more")),
        }
    }

    fn literal(&self) -> String {
        self.to_string()
    }
}

impl Setting for bool {
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Switch(switch) => Ok(*switch),
            Value::Loose(text) => text.trim().parse().map_err(|_| "expected true or false".to_owned()),
            other => Err(other.expected("true or false")),
        }
    }

    fn literal(&self) -> String {
        self.to_string()
    }
}

impl Setting for PathBuf {
    fn read(value: &Value) -> Result<Self, String> {
        match value.text("a path")? {
            "" => Err("expected a path, not an empty text".to_owned()),
            path => Ok(Self::from(path)),
        }
    }

    fn literal(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Setting for Secret {
    fn read(value: &Value) -> Result<Self, String> {
        value.text("a text").map(Self::new)
    }

    fn literal(&self) -> String {
        quoted(self.expose())
    }

    fn shown(&self) -> String {
        quoted("(set)")
    }
}

impl Setting for String {
    fn read(value: &Value) -> Result<Self, String> {
        value.text("a text").map(str::to_owned)
    }

    fn literal(&self) -> String {
        quoted(self)
    }
}

/// An empty text means: not set.
impl<T: Setting> Setting for Option<T> {
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Loose(text) | Value::Text(text) if text.is_empty() => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn literal(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), T::literal)
    }

    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), T::shown)
    }
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    let items: Vec<_> = items.iter().map(write).collect();
    format!("[{}]", items.join(", "))
}

/// In a variable or flag: separated by commas.
impl<T: Setting> Setting for Vec<T> {
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::List(items) => items.iter().map(|item| T::read(&Value::Text(item.clone()))).collect(),
            Value::Loose(text) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(|item| T::read(&Value::Text(item.to_owned()))).collect()
            }
            other => Err(other.expected("a list of texts")),
        }
    }

    fn literal(&self) -> String {
        list(self, T::literal)
    }

    fn shown(&self) -> String {
        list(self, T::shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_may_stand_for_anything_but_a_file_is_typed() {
        let loose = |text: &str| Value::Loose(text.to_owned());
        assert_eq!(u64::read(&loose("1_000")), Ok(1000));
        assert_eq!(bool::read(&loose("true")), Ok(true));
        assert_eq!(Vec::<String>::read(&loose("a, b,")), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(Option::<String>::read(&loose("")), Ok(None));
        let text = Value::Text("1000".to_owned());
        assert_eq!(u64::read(&text), Err("expected a whole number, 0 or more, not a text".to_owned()));
        assert_eq!(bool::read(&Value::Number(1)), Err("expected true or false, not a number".to_owned()));
        assert!(u64::read(&loose("-1")).is_err());
    }

    #[test]
    fn complaints_do_not_show_the_value() {
        let complaint = u64::read(&Value::Text("hunter2".to_owned())).unwrap_err();
        assert!(!complaint.contains("hunter2"));
    }
}
