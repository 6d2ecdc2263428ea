//! Who signs: an agent with a drive of its own, and the commits that it makes there.

use ed25519_dalek::{Signer as _, SigningKey};
use memchr::memmem::Finder;
use quintet_core::commit::{Unsigned, Unverified};
use quintet_core::{AgentKey, Commit, Origin, Subject, Timestamp, term};
use serde_json::{Value, json};

use crate::Error;
use crate::exchange::number_after;

/// When the first commit was signed, as it says: long ago, so that no clock matters. Each later one says a millisecond more.
const BEGINNING: i64 = 1_700_000_000_000;
/// What stands before the writer and the number in a commit.
const MARKER: &[u8] = b"bench ";

/// A key, and the drive that it alone may write to. Everybody may read it.
#[derive(Debug)]
pub(crate) struct Scribe {
    key: SigningKey,
    origin: Origin,
    agent: Subject,
    drive: Subject,
    writer: usize,
}

/// What is signed, who signed it, and the signature.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) key: [u8; 32],
    pub(crate) text: String,
    pub(crate) signature: [u8; 64],
}

impl Scribe {
    /// A fresh agent. `run` tells the runs on one server apart.
    pub(crate) fn new(origin: &str, run: &str, writer: usize) -> Result<Self, Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Error::system("make a key")(std::io::Error::other(error)))?;
        let key = SigningKey::from_bytes(&seed);
        let origin = Origin(origin.to_owned());
        let agent = AgentKey(key.verifying_key().to_bytes()).subject(&origin);
        let drive = Subject::at(&origin, &format!("/bench{run}w{writer}"));
        Ok(Self { key, origin, agent, drive, writer })
    }

    /// Which of the writers it is.
    pub(crate) fn number(&self) -> u64 {
        self.writer as u64
    }

    /// What its commits change.
    pub(crate) fn drive(&self) -> &Subject {
        &self.drive
    }

    /// The commit that makes its drive.
    pub(crate) fn founding(&self) -> String {
        let mut unsigned = Unsigned::new(self.drive.clone());
        let mut set = |property: &str, value: Value| unsigned.set.insert(property.to_owned(), value);
        set(term::IS_A, json!([term::DRIVE]));
        set(term::NAME, format!("bench {}", self.writer).into());
        set(term::READ, json!([term::PUBLIC_AGENT]));
        set(term::WRITE, json!([self.agent.as_str()]));
        self.sign(unsigned, 0).json.to_string()
    }

    /// Its commit of this number: it replaces a text of 100 characters.
    pub(crate) fn commit(&self, number: u64) -> String {
        self.sign(self.edit(number), number + 1).json.to_string()
    }

    /// The same, taken apart.
    pub(crate) fn signed(&self, number: u64) -> Signed {
        let json = self.commit(number);
        let read = Unverified::parse(&json, &self.origin).expect("what is signed here can be read here");
        Signed { key: self.key.verifying_key().to_bytes(), text: read.signed, signature: read.signature }
    }

    fn edit(&self, number: u64) -> Unsigned {
        let mut unsigned = Unsigned::new(self.drive.clone());
        let text = format!("bench {:04} {number:010} {:.<78}", self.writer, "");
        unsigned.set.insert(term::DESCRIPTION.to_owned(), text.into());
        unsigned
    }

    fn sign(&self, unsigned: Unsigned, after: u64) -> Commit {
        let at = Timestamp::from_millis(BEGINNING.saturating_add_unsigned(after));
        unsigned.sign(self.agent.as_str(), at, |text| self.key.sign(text).to_bytes())
    }
}

/// Finds the numbers in what is answered and heard.
pub(crate) struct Reader(Finder<'static>);

impl Reader {
    /// Ready to read.
    pub(crate) fn new() -> Self {
        Self(Finder::new(MARKER))
    }

    /// The writer and the number of a commit; `None` where it is none of these.
    #[inline]
    pub(crate) fn read(&self, message: &[u8]) -> Option<(u64, u64)> {
        let text = &message[self.0.find(message)? + MARKER.len()..];
        Some((number_after(text, b"")?, number_after(text.get(5..)?, b"")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_signed_and_numbered() {
        let scribe = Scribe::new("http://a.example", "x", 7).unwrap();
        let json = scribe.commit(345);
        assert_eq!(Reader::new().read(json.as_bytes()), Some((7, 345)));
        let read = Unverified::parse(&json, &scribe.origin).unwrap();
        assert_eq!(read.commit.subject.as_str(), "http://a.example/benchxw7");
        assert_eq!(AgentKey::within(&read.commit.signer, &scribe.origin).unwrap().0, scribe.signed(345).key);
        assert_eq!(read.commit.set[term::DESCRIPTION].as_str().map(str::len), Some(100));
        assert_ne!(scribe.commit(346), json);
    }

    #[test]
    fn a_drive_is_its_own() {
        let scribe = Scribe::new("http://a.example", "x", 7).unwrap();
        let read = Unverified::parse(&scribe.founding(), &scribe.origin).unwrap();
        assert_eq!(read.commit.set[term::IS_A], json!([term::DRIVE]));
        assert_eq!(read.commit.set[term::WRITE], json!([&*read.commit.signer]));
        assert_eq!(Reader::new().read(b"COMMIT {\"x\":\"bench 0\"}"), None);
    }
}
