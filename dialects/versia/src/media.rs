//! Media types: what documents and entities are, and are asked for as (versia.md, sections 3.1 and 3.2).

/// What plain documents of 0.5 are asked for as.
pub(crate) const JSON: &str = "application/json";
/// What 0.6 is asked for as; whoever asks for it speaks 0.6.
pub(crate) const VERSIA: &str = "application/vnd.versia+json";
/// What is sent in 0.5.
pub(crate) const JSON_TEXT: &str = "application/json; charset=utf-8";
/// What is sent in 0.6.
pub(crate) const VERSIA_TEXT: &str = "application/vnd.versia+json; charset=utf-8";
/// What `WebFinger` answers with (RFC 7033, section 10.2).
pub(crate) const JRD: &str = "application/jrd+json";
/// What `WebFinger` is asked for.
pub(crate) const JRD_OR_JSON: &str = "application/jrd+json, application/json";
