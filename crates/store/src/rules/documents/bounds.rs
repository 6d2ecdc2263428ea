//! How large a document may be.

use quintet_core::Properties;
use quintet_core::error::Error;
use quintet_core::limits::{self, Limits};
use serde_json::Value;

use crate::sheet::heading;

/// A document as it is written.
pub(super) struct Texts {
    /// Its properties as JSON.
    pub(super) all: String,
    /// Its heading as JSON.
    pub(super) heading: String,
}

/// A document's texts, if they are within the bounds.
pub(super) fn check(properties: &Properties, limits: &Limits) -> Result<Texts, Error> {
    let is_too_long = |value: &Value| value.as_array().is_some_and(|it| it.len() > limits::size(limits.document_items));
    if let Some((property, _)) = properties.iter().find(|(_, value)| is_too_long(value)) {
        return Err(Error::too_large(format!(
            "{property} would have more than {} items; take several documents",
            limits.document_items
        )));
    }
    // Whoever changes anything below has to read it.
    let heading = serde_json::to_string(&heading(properties)).map_err(Error::internal)?;
    if heading.len() > limits::size(limits.document_rights_bytes) {
        return Err(Error::too_large(format!(
            "the lists of agents would be larger than {} bytes; give rights further up, or to fewer",
            limits.document_rights_bytes
        )));
    }
    let all = serde_json::to_string(properties).map_err(Error::internal)?;
    if all.len() > limits::size(limits.document_bytes) {
        return Err(Error::too_large(format!(
            "the document would be larger than {} bytes; take several",
            limits.document_bytes
        )));
    }
    Ok(Texts { all, heading })
}
