//! Commits: signed changes to one document.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::canonical::canonical_object;
use crate::dialect::Origin;
use crate::document::Properties;
use crate::error::Error;
use crate::subject::Subject;
use crate::term;
use crate::time::Timestamp;

/// A signed change to one document (atomic-data.md, section 9). Its signature is its identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// What it changes.
    pub subject: Subject,
    /// The URL of the agent that signed it.
    pub signer: Arc<str>,
    /// When, as the signer says.
    pub created_at: Timestamp,
    /// Properties to replace.
    pub set: Properties,
    /// Properties to append to; each value is an array.
    pub push: Properties,
    /// Properties to delete.
    pub remove: Vec<String>,
    /// Whether it deletes the document.
    pub destroy: bool,
    /// The last commit that the author had seen; kept for the record, not checked.
    pub previous: Option<String>,
    /// Base64 of the Ed25519 signature: 88 characters.
    pub signature: Arc<str>,
    /// The whole as JSON-AD, with `@id`: what is stored, answered and heard.
    pub json: Arc<str>,
}

/// A commit whose signature was not checked yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unverified {
    /// What it says.
    pub commit: Arc<Commit>,
    /// The canonical text that its signature must be over.
    pub signed: String,
    /// The signature.
    pub signature: [u8; 64],
}

/// A change that is to be signed here.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsigned {
    /// What it changes.
    pub subject: Subject,
    /// Properties to replace.
    pub set: Properties,
    /// Properties to append to.
    pub push: Properties,
    /// Properties to delete.
    pub remove: Vec<String>,
    /// Whether it deletes the document.
    pub destroy: bool,
}

impl Unverified {
    /// Whether it says that the house made it: see [`term::MADE_BY_HOUSE`].
    pub fn is_made_by_house(&self) -> bool {
        // Hardly any text has these words in it; one that has is looked at more closely.
        self.signed.contains(term::MADE_BY_HOUSE)
            && serde_json::from_str::<Map<String, Value>>(&self.signed)
                .is_ok_and(|members| members.contains_key(term::MADE_BY_HOUSE))
    }

    /// Reads a posted commit. `@id` is ignored, unknown members are kept and signed with the rest.
    ///
    /// `BadMessage` for what is no commit, or a subject that is not strictly within `origin` or has a query.
    pub fn parse(text: &str, origin: &Origin) -> Result<Self, Error> {
        let body: Value = serde_json::from_str(text)
            .map_err(|error| Error::bad_message(format!("Error parsing JSON-AD: {error}")))?;
        let Value::Object(mut members) = body else {
            return Err(Error::bad_message("Error parsing JSON-AD: a commit is one JSON object"));
        };
        members.shift_remove("@id");
        no_nulls(&members)?;
        let signature_text = take_text(&members, term::SIGNATURE, "signature")?;
        let signature = STANDARD.decode(&signature_text).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        let signature = signature
            .filter(|bytes| STANDARD.encode(bytes) == signature_text)
            .ok_or_else(|| Error::bad_message("the signature of a commit is 64 bytes in padded base64"))?;
        let signed = canonical_object(&signed_part(&members));
        let commit = Arc::new(Commit::read(&members, &signature_text, origin)?);
        Ok(Self { commit, signed, signature })
    }
}

impl Unsigned {
    /// Nothing to change yet.
    pub fn new(subject: Subject) -> Self {
        Self { subject, set: Map::new(), push: Map::new(), remove: Vec::new(), destroy: false }
    }

    /// Has it signed: `sign` makes the signature over the canonical text. The same words at the same time give the same commit.
    pub fn sign(self, signer: &str, at: Timestamp, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Commit {
        self.sign_members(Map::new(), signer, at, sign)
    }

    /// As [`Unsigned::sign`], marked as made by the house in the signer's name: see [`term::MADE_BY_HOUSE`].
    pub fn sign_for(self, signer: &str, at: Timestamp, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Commit {
        let mark = Map::from_iter([(term::MADE_BY_HOUSE.to_owned(), true.into())]);
        self.sign_members(mark, signer, at, sign)
    }

    fn sign_members(
        self,
        mut members: Map<String, Value>,
        signer: &str,
        at: Timestamp,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Commit {
        members.insert(term::CREATED_AT.into(), at.millis().into());
        if self.destroy {
            members.insert(term::DESTROY.into(), true.into());
        }
        members.insert(term::IS_A.into(), json!([term::COMMIT]));
        if !self.push.is_empty() {
            members.insert(term::PUSH.into(), Value::Object(self.push.clone()));
        }
        if !self.remove.is_empty() {
            members.insert(term::REMOVE.into(), json!(self.remove));
        }
        if !self.set.is_empty() {
            members.insert(term::SET.into(), Value::Object(self.set.clone()));
        }
        members.insert(term::SIGNER.into(), signer.into());
        members.insert(term::SUBJECT.into(), self.subject.as_str().into());
        let signature = STANDARD.encode(sign(canonical_object(&members).as_bytes()));
        members.insert(term::SIGNATURE.into(), signature.as_str().into());
        let json = stored(&self.subject.origin(), &members, &signature);
        Commit {
            subject: self.subject,
            signer: signer.into(),
            created_at: at,
            set: self.set,
            push: self.push,
            remove: self.remove,
            destroy: self.destroy,
            previous: None,
            signature: signature.into(),
            json: json.into(),
        }
    }
}

impl Commit {
    /// The URL of the commit with this signature: `<origin>/commits/<signature>`, the base64 unescaped.
    pub fn url(origin: &Origin, signature: &str) -> String {
        format!("{}/commits/{signature}", origin.0)
    }

    /// Its own URL.
    pub fn id(&self) -> String {
        Self::url(&self.subject.origin(), &self.signature)
    }

    /// Reads back what [`Commit::json`] holds.
    pub fn parse_stored(json: &str) -> Result<Self, Error> {
        let mut members: Map<String, Value> = serde_json::from_str(json).map_err(Error::internal)?;
        members.shift_remove("@id");
        let subject = take_text(&members, term::SUBJECT, "subject")?;
        let subject = Subject::parse(&subject).ok_or_else(|| Error::internal("a stored commit has no subject"))?;
        let signature = take_text(&members, term::SIGNATURE, "signature")?;
        Self::read(&members, &signature, &subject.origin())
    }

    fn read(members: &Map<String, Value>, signature: &str, origin: &Origin) -> Result<Self, Error> {
        let subject = read_subject(members, origin)?;
        let created_at = members.get(term::CREATED_AT).and_then(Value::as_i64);
        let created_at =
            created_at.ok_or_else(|| Error::bad_message("No createdAt field in Commit, in milliseconds."))?;
        if !crate::document::is_a(members, term::COMMIT) {
            return Err(Error::bad_message(format!("isA of a commit must be [\"{}\"]", term::COMMIT)));
        }
        let push = read_object(members, term::PUSH, "push")?;
        if push.values().any(|items| !items.is_array()) {
            return Err(Error::bad_message("push of a commit takes an array for each property"));
        }
        Ok(Self {
            signer: take_text(members, term::SIGNER, "signer")?.into(),
            created_at: Timestamp::from_millis(created_at),
            set: read_object(members, term::SET, "set")?,
            push,
            remove: read_remove(members)?,
            destroy: read_destroy(members)?,
            previous: members.get(term::PREVIOUS_COMMIT).and_then(Value::as_str).map(str::to_owned),
            signature: signature.into(),
            json: stored(origin, members, signature).into(),
            subject,
        })
    }

    /// What becomes of a document: `remove`, then `set`, then `push`; `destroy` wins. `None` when it is gone.
    ///
    /// `BadMessage` where something is to be pushed to what is no array.
    pub fn apply(&self, mut state: Properties) -> Result<Option<Properties>, Error> {
        if self.destroy {
            return Ok(None);
        }
        for property in &self.remove {
            state.shift_remove(property);
        }
        for (property, value) in &self.set {
            state.insert(property.clone(), value.clone());
        }
        for (property, items) in &self.push {
            let held = state.entry(property.clone()).or_insert_with(|| Value::Array(Vec::new()));
            let (Value::Array(held), Value::Array(items)) = (held, items) else {
                return Err(Error::bad_message(format!("{property}: Wrong datatype when pushing to array")));
            };
            held.extend_from_slice(items);
        }
        state.insert(term::LAST_COMMIT.into(), self.id().into());
        Ok(Some(state))
    }

    /// The properties that it touches, and that are still there afterwards.
    pub fn touched(&self) -> impl Iterator<Item = &str> {
        self.set.keys().chain(self.push.keys()).map(String::as_str)
    }
}

/// What is signed: all but the signature and `@id`, without what is empty at the top (section 9.2; an empty `set` stays where it was sent).
fn signed_part(members: &Map<String, Value>) -> Map<String, Value> {
    let is_signed = |(property, value): &(&String, &Value)| match property.as_str() {
        term::SIGNATURE | "@id" => false,
        term::REMOVE => value.as_array().is_none_or(|items| !items.is_empty()),
        term::PUSH => value.as_object().is_none_or(|items| !items.is_empty()),
        term::DESTROY => *value != &Value::Bool(false),
        _ => true,
    };
    members.iter().filter(is_signed).map(|(property, value)| (property.clone(), value.clone())).collect()
}

/// The commit as a resource of its own.
fn stored(origin: &Origin, members: &Map<String, Value>, signature: &str) -> String {
    let mut object = Map::with_capacity(members.len() + 1);
    object.insert("@id".to_owned(), Commit::url(origin, signature).into());
    object.extend(members.iter().map(|(property, value)| (property.clone(), value.clone())));
    Value::Object(object).to_string()
}

fn read_subject(members: &Map<String, Value>, origin: &Origin) -> Result<Subject, Error> {
    let text = take_text(members, term::SUBJECT, "subject")?;
    let subject = Subject::parse(&text).filter(|subject| subject.is_within(origin)).ok_or_else(|| {
        Error::bad_message("Subject of commit should be sent to other domain - this store can not own this resource.")
    })?;
    if subject.path().contains(['?', '#']) {
        return Err(Error::bad_message("Subject URL cannot have query parameters"));
    }
    Ok(subject)
}

fn take_text(members: &Map<String, Value>, property: &str, name: &str) -> Result<String, Error> {
    let text = members.get(property).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Error::bad_message(format!("No {name} field in Commit.")))
}

fn read_object(members: &Map<String, Value>, property: &str, name: &str) -> Result<Properties, Error> {
    match members.get(property) {
        None => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object.clone()),
        Some(_) => Err(Error::bad_message(format!("{name} of a commit must be an object"))),
    }
}

fn read_remove(members: &Map<String, Value>) -> Result<Vec<String>, Error> {
    let wrong = || Error::bad_message("remove of a commit must be an array of property URLs");
    match members.get(term::REMOVE) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn read_destroy(members: &Map<String, Value>) -> Result<bool, Error> {
    match members.get(term::DESTROY) {
        None => Ok(false),
        Some(Value::Bool(destroy)) => Ok(*destroy),
        Some(_) => Err(Error::bad_message("destroy of a commit must be true or false")),
    }
}

/// There are no nulls in JSON-AD, at any depth.
fn no_nulls(members: &Map<String, Value>) -> Result<(), Error> {
    fn holds_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(holds_null),
            Value::Object(object) => object.values().any(holds_null),
            _ => false,
        }
    }
    // The innermost name that can be told: a null in `set` belongs to a property of the document.
    let nested = members.values().filter_map(Value::as_object).flatten();
    match nested.chain(members).find(|(_, value)| holds_null(value)) {
        Some((property, _)) => Err(Error::bad_message(format!(
            "Error parsing JSON-AD with property {property}. Null not allowed in JSON-AD"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
