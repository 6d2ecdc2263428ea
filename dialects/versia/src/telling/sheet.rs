//! Sheets: entities being written.

use quintet_core::Timestamp;
use quintet_core::canonical::canonical_object;
use quintet_core::federation::{Form, Own, Tale, Target, Telling};
use serde_json::{Map, Value, json};

use crate::house::House;
use crate::{moment, naming};

/// An entity being written.
pub(super) struct Sheet<'a> {
    house: &'a House,
    kind: &'static str,
    form: Form,
    members: Map<String, Value>,
}

impl<'a> Sheet<'a> {
    /// One that can be asked for again.
    pub(super) fn thing(house: &'a House, kind: &'static str, own: &Own, at: Timestamp, form: Form) -> Option<Self> {
        let mut sheet = Self::begin(house, kind, at, form);
        sheet.set("id", naming::id(own)?);
        if form == Form::Uri {
            sheet.target("uri", &Target::Own(own.clone()))?;
        }
        Some(sheet)
    }

    /// One that cannot: in 0.5 the event's number names it.
    pub(super) fn order(house: &'a House, kind: &'static str, tale: &Tale<'_>, form: Form) -> Self {
        let mut sheet = Self::begin(house, kind, tale.at, form);
        if form == Form::Uri {
            sheet.set("id", tale.id.to_string());
        }
        sheet
    }

    fn begin(house: &'a House, kind: &'static str, at: Timestamp, form: Form) -> Self {
        let mut sheet = Self { house, kind, form, members: Map::new() };
        sheet.set("type", kind);
        sheet.set("created_at", moment::spell(at));
        sheet.unset(&["extensions"]);
        sheet
    }

    pub(super) fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.members.insert(member.to_owned(), value.into());
    }

    pub(super) fn null(&mut self, member: &str) {
        self.set(member, Value::Null);
    }

    /// What there is not: null in 0.6, nothing in 0.5 (versia.md, section 3.1).
    pub(super) fn unset(&mut self, members: &[&str]) {
        if self.form == Form::Reference {
            for member in members {
                self.null(member);
            }
        }
    }

    /// Points at something; `None` where that has no name in this form.
    pub(super) fn target(&mut self, member: &str, target: &Target) -> Option<()> {
        self.set(member, naming::spelled(self.house, self.form, target)?);
        Some(())
    }

    /// Points at something, where there is something that has a name in this form.
    pub(super) fn maybe_target(&mut self, member: &str, target: Option<&Target>) {
        match target.and_then(|target| naming::spelled(self.house, self.form, target)) {
            Some(text) => self.set(member, text),
            None => self.unset(&[member]),
        }
    }

    /// Plain text as content.
    pub(super) fn plain(&mut self, member: &str, text: Option<&str>) {
        match text {
            Some(text) => self.set(member, json!({ "text/plain": { "content": line_ends(text), "remote": false } })),
            None => self.unset(&[member]),
        }
    }

    /// Written out, for somebody of ours to sign: in 0.6 always the house.
    pub(super) fn signed(self, by: Own) -> Telling {
        let signer = match (by, self.form) {
            (Own::User(user), Form::Uri) => Own::User(user),
            _ => Own::House,
        };
        Telling { kind: self.kind, signer, form: self.form, text: canonical_object(&self.members) }
    }
}

/// Lines end with `\n` (versia.md, section 4.7).
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
