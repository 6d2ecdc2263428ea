//! Sections: tables of the configuration, each key with its doc and default.

use super::Config;
use super::setting::Value;

/// A table of the configuration file.
pub(super) struct Section {
    /// Its name; empty for the keys outside of any table.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) doc: &'static str,
    /// Its keys.
    pub(super) keys: Vec<Key>,
}

/// Puts a value in its place, or says what is wrong with it.
type Set = Box<dyn Fn(&mut Config, &Value) -> Result<(), String>>;

/// Tells the value in force.
type Show = Box<dyn Fn(&Config) -> String>;

/// A key of a [`Section`].
pub(super) struct Key {
    /// Its name, within the section.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) doc: &'static str,
    /// The value where nothing is configured, as TOML.
    pub(super) default: String,
    /// Sets it.
    pub(super) set: Set,
    /// The value in force as TOML, with secrets covered.
    pub(super) show: Show,
}

impl Section {
    /// A key's full name, as in `limits.queue_bytes`.
    pub(super) fn path(&self, key: &Key) -> String {
        if self.name.is_empty() { key.name.to_owned() } else { format!("{}.{}", self.name, key.name) }
    }

    /// The environment variable that sets a key.
    pub(super) fn variable(&self, key: &Key) -> String {
        format!("QUINTET_{}", self.path(key).replace('.', "_").to_uppercase())
    }
}

/// Defines a section: its struct, its defaults and its table of keys, from one text.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $struct:ident in $name:literal, at $field:ident {
            $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $struct {
            $($(#[doc = $doc])+ pub $key: $type,)+
        }

        impl Default for $struct {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $struct {
            /// The table of its keys.
            pub(super) fn section() -> $crate::config::section::Section {
                use $crate::config::section::{Key, Section};
                use $crate::config::setting::Setting;
                let defaults = Self::default();
                Section {
                    name: $name,
                    doc: concat!($($about, "\n"),+),
                    keys: vec![$(Key {
                        name: stringify!($key),
                        doc: concat!($($doc, "\n"),+),
                        default: defaults.$key.literal(),
                        set: Box::new(|config, value| {
                            config.$field.$key = Setting::read(value)?;
                            Ok(())
                        }),
                        show: Box::new(|config| config.$field.$key.shown()),
                    }),+],
                }
            }
        }
    };
}
