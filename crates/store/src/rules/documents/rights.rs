//! Who may change documents, and how it is told to who may not (atomic-data.md, section 12).

use quintet_core::error::Error;
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::limits::Limits;
use quintet_core::subject::Subject;
use quintet_core::term;

use crate::lineage::{self, Lineage};
use crate::sheet::{Node, Sheet};
use crate::tables::Library;

/// Whether somebody may do something with what is known by a URL.
pub(super) fn check<L: Library>(
    library: &L,
    reader: &Reader,
    act: Act,
    url: &str,
    limits: &Limits,
) -> Result<(), Error> {
    let subject = Subject::parse(url);
    let url = subject.as_ref().map_or(url, Subject::as_str);
    if lineage::may(library, reader, act, url, limits)? { Ok(()) } else { Err(refusal(reader, act)) }
}

/// Whether somebody may change a document, by the state before: a document without a parent belongs to those of the root drive, too.
pub(super) fn check_write<L: Library>(
    library: &L,
    reader: &Reader,
    sheet: &Sheet,
    limits: &Limits,
) -> Result<(), Error> {
    if Lineage::of(library, Node::from(sheet), limits)?.lets_first(reader, Act::Write) {
        return Ok(());
    }
    let is_top = !sheet.document.properties.contains_key(term::PARENT);
    let root = sheet.document.subject.origin();
    if is_top && lineage::may(library, reader, Act::Write, &root.0, limits)? {
        return Ok(());
    }
    Err(refusal(reader, Act::Write))
}

/// Whether somebody may create below a document, by its lineage and nothing that stands in the new one.
pub(super) fn check_append(reader: &Reader, parent: &Lineage) -> Result<(), Error> {
    if parent.lets(reader, Act::Append) || parent.lets(reader, Act::Write) {
        return Ok(());
    }
    Err(refusal(reader, Act::Append))
}

/// What is told to who has no right; clients know it by these words.
fn refusal(reader: &Reader, act: Act) -> Error {
    match (&reader.agent, act) {
        (Some(agent), _) => Error::forbidden(format!(
            "No {} right has been found for {agent} in this resource or its parents",
            act.property()
        )),
        (None, Act::Read) => nobody("readable"),
        (None, Act::Write) => nobody("editable"),
        (None, Act::Append) => nobody("appendable"),
    }
}

fn nobody(what: &str) -> Error {
    Error::unauthenticated(format!("This resource is not publicly {what}. Try signing in"))
}
