//! The secret of an agent, as Atomic clients pass it around.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use quintet_core::{AgentKey, Origin, Subject};
use serde_json::{Value, json};

/// A private key, and where its agent is. Never shown by `Debug`.
pub(crate) struct Secret {
    subject: Subject,
    key: SigningKey,
}

impl Secret {
    /// A fresh agent of a server. Nobody knows it yet.
    pub(crate) fn make_up(origin: &Origin) -> Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context("the system gives no randomness")?;
        let key = SigningKey::from_bytes(&seed);
        Ok(Self { subject: agent(&key).subject(origin), key })
    }

    /// From the URL of an agent and its private key in base64.
    pub(crate) fn new(subject: &str, private_key: &str) -> Result<Self> {
        let subject = Subject::parse(subject).context("the subject of the agent is no URL")?;
        let seed = STANDARD.decode(private_key).ok().and_then(|bytes| bytes.try_into().ok());
        let seed: [u8; 32] = seed.context("the private key is not 32 bytes in base64")?;
        Ok(Self { subject, key: SigningKey::from_bytes(&seed) })
    }

    /// Reads what [`Secret::text`] gives, and what clients make: base64 of JSON with at least `privateKey` and `subject`
    /// (atomic-data.md, section 11). A public key in it must fit.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let json = STANDARD.decode(text.trim()).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let json = json.context("this is no agent secret: expected base64 of a JSON object")?;
        let member = |name: &str| json[name].as_str().with_context(|| format!("the secret has no {name}"));
        let secret = Self::new(member("subject")?, member("privateKey")?)?;
        let told = json.get("publicKey").and_then(Value::as_str);
        ensure!(
            told.is_none_or(|told| told == secret.public_key()),
            "the two keys of the secret do not belong together"
        );
        Ok(secret)
    }

    /// The URL of the agent.
    pub(crate) fn subject(&self) -> &str {
        self.subject.as_str()
    }

    /// The public key in base64.
    pub(crate) fn public_key(&self) -> String {
        agent(&self.key).base64()
    }

    /// Whether the URL of the agent names its key, as all do that sign here.
    pub(crate) fn is_self_certifying(&self) -> bool {
        AgentKey::of_path(self.subject.path()) == Some(agent(&self.key))
    }

    /// The whole secret in one line, as clients read and write it.
    pub(crate) fn text(&self) -> String {
        let json = json!({
            "client": {},
            "subject": self.subject(),
            "privateKey": STANDARD.encode(self.key.to_bytes()),
            "publicKey": self.public_key(),
        });
        STANDARD.encode(json.to_string())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, …)", self.subject)
    }
}

fn agent(key: &SigningKey) -> AgentKey {
    AgentKey(key.verifying_key().to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of atomic-data.md, section 10.6.
    const TEXT: &str = "eyJjbGllbnQiOnt9LCJzdWJqZWN0IjoiaHR0cDovL2xvY2FsaG9zdDo5ODgzL2FnZW50cy9BNkVIdi9QT0VMNGRjTjBZNTB2\
                        QW1XZmsxakNicFExZkhkeUdaQkpWTWJnPSIsInByaXZhdGVLZXkiOiJBQUVDQXdRRkJnY0lDUW9MREEwT0R4QVJFaE1VRlJZ\
                        WEdCa2FHeHdkSGg4PSIsInB1YmxpY0tleSI6IkE2RUh2L1BPRUw0ZGNOMFk1MHZBbVdmazFqQ2JwUTFmSGR5R1pCSlZNYmc9\
                        In0=";
    const SUBJECT: &str = "http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

    #[test]
    fn the_vector_is_read_and_written() {
        let secret = Secret::parse(TEXT).unwrap();
        assert_eq!(secret.subject(), SUBJECT);
        assert_eq!(secret.public_key(), "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
        assert!(secret.is_self_certifying());
        assert_eq!(secret.text(), TEXT);
        assert_eq!(Secret::parse(&format!("{TEXT}\n")).unwrap().text(), TEXT);
    }

    #[test]
    fn what_is_no_secret_is_told_apart() {
        let own = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let table = [
            (json!({ "subject": SUBJECT, "privateKey": own }), None),
            (json!({ "subject": SUBJECT }), Some("has no privateKey")),
            (json!({ "privateKey": own }), Some("has no subject")),
            (json!({ "subject": "x", "privateKey": own }), Some("no URL")),
            (json!({ "subject": SUBJECT, "privateKey": "AAEC" }), Some("32 bytes")),
            (json!({ "subject": SUBJECT, "privateKey": own, "publicKey": own }), Some("do not belong together")),
        ];
        for (json, complaint) in table {
            let error = Secret::parse(&STANDARD.encode(json.to_string())).err().map(|error| error.to_string());
            let fits = complaint.is_none_or(|part| error.as_deref().is_some_and(|error| error.contains(part)));
            assert!(fits && error.is_some() == complaint.is_some(), "{json}: {error:?}");
        }
        assert!(Secret::parse("hunter2").unwrap_err().to_string().contains("no agent secret"));
    }

    #[test]
    fn made_up_ones_differ_and_do_not_show() {
        let origin = Origin("https://a.example".to_owned());
        let (one, other) = (Secret::make_up(&origin).unwrap(), Secret::make_up(&origin).unwrap());
        assert_ne!(one.text(), other.text());
        assert!(one.is_self_certifying() && one.subject().starts_with("https://a.example/agents/"));
        assert!(!format!("{one:?}").contains(&STANDARD.encode(one.key.to_bytes())));
    }
}
