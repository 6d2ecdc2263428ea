//! Reading: what the URL of a resource asks of the hall, over HTTP and over the socket alike (atomic-data.md, section 15).

mod collection;
mod document;
mod endpoint;
mod history;
mod parameters;

use quintet_core::{Answer, Call, Error, Origin, Properties, Subject};
use serde_json::{Map, Value};

pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::parameters::Parameters;

/// How the URL of a resource is read.
pub(crate) enum Reading {
    /// What it says is known without asking.
    Known(Value),
    /// The hall is asked first.
    Ask(Box<Call>, Told),
}

/// Makes a JSON-AD object of the hall's answer. Its `@id` is the URL as it was asked for, letter by letter.
pub(crate) type Told = Box<dyn FnOnce(Answer) -> Result<Value, Error> + Send>;

/// Reads a URL: a document, an endpoint or a collection. `NotFound` for what is not of this house, `BadMessage` for wrong parameters.
///
/// Nothing is ever fetched: of what stands elsewhere, only the bundled vocabulary is known.
pub(crate) fn read(url: &str, origin: &Origin) -> Result<Reading, Error> {
    match Asked::new(url, origin) {
        Some(asked) if asked.path == PATH => asked.through(),
        Some(asked) => asked.read(),
        None => bundled(url),
    }
}

/// Where a resource is read "through the server".
pub(crate) const PATH: &str = "/path";

/// The first invite of a house.
pub(crate) const SETUP: &str = "/setup";

/// Where the bytes of files are.
pub(crate) const DOWNLOAD: &str = "/download/";

/// A URL of this house, taken apart.
struct Asked<'a> {
    /// As it was asked for.
    url: &'a str,
    origin: &'a Origin,
    /// What follows the origin, without the query; empty for the root. Not decoded.
    path: String,
    parameters: Parameters,
}

impl<'a> Asked<'a> {
    fn new(url: &'a str, origin: &'a Origin) -> Option<Self> {
        let subject = Subject::within(url, origin)?;
        let (path, query) = subject.path().split_once('?').unwrap_or((subject.path(), ""));
        let path = if path == "/" { "" } else { path };
        Some(Self { url, origin, path: path.to_owned(), parameters: Parameters::parse(query) })
    }

    fn read(&self) -> Result<Reading, Error> {
        if self.path.starts_with(DOWNLOAD) {
            return Err(Error::bad_message("a file's bytes are read over HTTP, with GET"));
        }
        match self.path.as_str() {
            "/query" if !self.parameters.is_empty() => collection::query(self),
            "/all-versions" if !self.parameters.is_empty() => history::all_versions(self),
            "/version" if !self.parameters.is_empty() => history::version(self),
            "/commits" | "/collections/commits" => history::of_subject(self),
            path => match Endpoint::at(path) {
                Some(endpoint) => Ok(Reading::Known(endpoint.resource(self.url, self.origin))),
                None => self.resource(),
            },
        }
    }

    fn resource(&self) -> Result<Reading, Error> {
        if let Some(signature) = self.path.strip_prefix("/commits/") {
            return Ok(history::commit(self.url, signature));
        }
        match collection::listing(self) {
            Some(listing) => listing,
            None => document::read(self),
        }
    }

    /// `/path?path=`: what stands at another URL, under this one.
    fn through(&self) -> Result<Reading, Error> {
        if self.parameters.is_empty() {
            return self.read();
        }
        let inner =
            self.parameters.text("path").ok_or_else(|| Error::bad_message("path says which resource to read"))?;
        let reading = match Asked::new(inner, self.origin) {
            // What leads to itself could do so without end.
            Some(asked) if asked.path == PATH => Err(Error::bad_message("a path cannot lead to another path")),
            Some(asked) => asked.read(),
            None => bundled(inner),
        };
        match reading? {
            Reading::Ask(call, _) if matches!(*call, Call::AcceptInvite { .. }) => {
                Err(Error::bad_message("an invite is accepted at its own URL"))
            }
            reading => Ok(reading.under(self.url.to_owned())),
        }
    }

    /// The subject without the query.
    fn subject(&self) -> Subject {
        Subject::at(self.origin, &self.path)
    }
}

impl Reading {
    /// The same under another URL.
    fn under(self, url: String) -> Self {
        let rename = move |mut value: Value| {
            value["@id"] = Value::String(url);
            value
        };
        match self {
            Self::Known(value) => Self::Known(rename(value)),
            Self::Ask(call, told) => Self::Ask(call, Box::new(move |answer| told(answer).map(rename))),
        }
    }
}

/// The vocabulary under its own URLs.
fn bundled(url: &str) -> Result<Reading, Error> {
    quintet_vocabulary::document(url).map(|document| Reading::Known(document.json())).ok_or_else(|| nothing_at(url))
}

/// Nothing is there.
fn nothing_at(url: &str) -> Error {
    let url: String = url.chars().take(QUOTED).collect();
    Error::not_found(format!("Failed to retrieve locally: '{url}'"))
}

/// How much of a URL an error gives back, in characters.
const QUOTED: usize = 512;

/// Properties as a JSON-AD object under a URL, `@id` first.
fn named(url: &str, properties: Properties) -> Value {
    let mut object = Map::with_capacity(properties.len() + 1);
    object.insert("@id".to_owned(), url.into());
    object.extend(properties);
    Value::Object(object)
}

/// An answer that does not fit its call is our fault.
fn unexpected(answer: &Answer) -> Error {
    Error::internal(format!("an answer that does not fit its call: {answer:?}"))
}

#[cfg(test)]
mod tests;
