//! Sections: tables of the configuration, each key with its doc and default.

use super::Config;
use super::setting::Value;

/// A table of the configuration file, which sets something in a `T`.
pub(super) struct Section<T = Config> {
    /// Its name; empty for the keys outside of any table.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) doc: &'static str,
    /// Its keys.
    pub(super) keys: Vec<Key<T>>,
}

/// Puts a value in its place, or says what is wrong with it.
type Set<T> = Box<dyn Fn(&mut T, &Value) -> Result<(), String>>;

/// Tells the value in force.
type Show<T> = Box<dyn Fn(&T) -> String>;

/// A key of a [`Section`].
pub(super) struct Key<T = Config> {
    /// Its name, within the section.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) doc: &'static str,
    /// The value where nothing is configured, as TOML.
    pub(super) default: String,
    /// Sets it.
    pub(super) set: Set<T>,
    /// The value in force as TOML, with secrets covered.
    pub(super) show: Show<T>,
}

impl<T: 'static> Key<T> {
    /// The same key of the whole configuration, in which what it sets something in is at `of`, and at `of_mut`.
    pub(super) fn within(self, of: fn(&Config) -> &T, of_mut: fn(&mut Config) -> &mut T) -> Key {
        let Self { name, doc, default, set, show } = self;
        let set: Set<Config> = Box::new(move |whole, value| set(of_mut(whole), value));
        Key { name, doc, default, set, show: Box::new(move |whole| show(of(whole))) }
    }
}

impl<T> Section<T> {
    /// A key's full name, as in `limits.queue_bytes`.
    pub(super) fn path(&self, key: &Key<T>) -> String {
        if self.name.is_empty() { key.name.to_owned() } else { format!("{}.{}", self.name, key.name) }
    }

    /// The environment variable that sets a key.
    pub(super) fn variable(&self, key: &Key<T>) -> String {
        format!("QUINTET_{}", self.path(key).replace('.', "_").to_uppercase())
    }
}

/// Defines a section: its struct, its defaults and its table of keys, from one text. One that says where in the configuration it is stands there
/// once; the others stand in a list.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $struct:ident in $name:literal, at $field:ident {
            $($keys:tt)+
        }
    ) => {
        section! {
            $(#[doc = $about])+
            $struct in $name {
                $($keys)+
            }
        }

        impl $struct {
            /// Its place in the whole configuration.
            pub(super) fn section() -> $crate::config::section::Section {
                let $crate::config::section::Section { name, doc, keys } = Self::table();
                let keys = keys.into_iter().map(|key| key.within(|config| &config.$field, |config| &mut config.$field));
                $crate::config::section::Section { name, doc, keys: keys.collect() }
            }
        }
    };
    (
        $(#[doc = $about:literal])+
        $struct:ident in $name:literal {
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
            pub(super) fn table() -> $crate::config::section::Section<Self> {
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
                        set: Box::new(|table: &mut Self, value| {
                            table.$key = Setting::read(value)?;
                            Ok(())
                        }),
                        show: Box::new(|table: &Self| table.$key.shown()),
                    }),+],
                }
            }
        }
    };
}
