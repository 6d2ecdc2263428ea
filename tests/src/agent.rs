//! Agents: holders of keys that the server has never seen, who sign commits and proofs themselves.

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use quintet_core::canonical::canonical_object;
use quintet_core::commit::Commit;
use quintet_core::{AgentKey, Origin, Timestamp, term};
use serde_json::{Map, Value, json};

/// A key pair, and where it is known.
#[derive(Clone)]
pub struct Agent {
    key: SigningKey,
    origin: Origin,
}

/// A signed text, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The whole as JSON.
    pub json: String,
    /// Base64.
    pub signature: String,
    /// When, in milliseconds.
    pub at: i64,
}

impl Agent {
    /// The agent of this name: the same name, the same key. Of a name, 32 bytes count.
    pub fn named(name: &str, origin: &Origin) -> Self {
        let mut seed = [0; 32];
        seed.iter_mut().zip(name.bytes()).for_each(|(place, byte)| *place = byte);
        Self { key: SigningKey::from_bytes(&seed), origin: origin.clone() }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.public().subject(&self.origin).as_str().to_owned()
    }

    /// Its public key.
    pub fn public(&self) -> AgentKey {
        AgentKey(self.key.verifying_key().to_bytes())
    }

    /// Signs a commit. Its members are given by their short names; signer, class and time are added where they are not given.
    pub fn commit(&self, json: &str, now: Timestamp) -> Result<Signed> {
        let Value::Object(given) = serde_json::from_str(json).context("what is to be signed is JSON")? else {
            bail!("what is to be signed is an object");
        };
        let mut members: Map<String, Value> = given.into_iter().map(|(key, value)| (property(&key), value)).collect();
        let at = members.entry(term::CREATED_AT).or_insert(now.millis().into()).as_i64().unwrap_or_default();
        members.entry(term::SIGNER).or_insert_with(|| self.url().into());
        members.entry(term::IS_A).or_insert_with(|| json!([term::COMMIT]));
        let signature = self.sign(&canonical_object(&members));
        members.insert(term::SIGNATURE.to_owned(), signature.as_str().into());
        Ok(Signed { json: Value::Object(members).to_string(), signature, at })
    }

    /// Signs an authentication resource for a URL.
    pub fn prove(&self, url: &str, now: Timestamp) -> Signed {
        let at = now.millis();
        let signature = self.sign(&format!("{url} {at}"));
        let json = json!({
            "https://atomicdata.dev/properties/auth/agent": self.url(),
            "https://atomicdata.dev/properties/auth/requestedSubject": url,
            "https://atomicdata.dev/properties/auth/publicKey": self.public().base64(),
            "https://atomicdata.dev/properties/auth/timestamp": at,
            "https://atomicdata.dev/properties/auth/signature": signature,
        });
        Signed { json: json.to_string(), signature, at }
    }

    /// The headers of a signed request to a path.
    pub fn headers(&self, path: &str, now: Timestamp) -> Vec<(&'static str, String)> {
        let path = if path == "/" { "" } else { path };
        let proof = self.prove(&format!("{}{path}", self.origin.0), now);
        vec![
            ("x-atomic-agent", self.url()),
            ("x-atomic-public-key", self.public().base64()),
            ("x-atomic-signature", proof.signature),
            ("x-atomic-timestamp", proof.at.to_string()),
        ]
    }

    /// The URL of a commit that it signed.
    pub fn commit_url(&self, signed: &Signed) -> String {
        Commit::url(&self.origin, &signed.signature)
    }

    fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.key.sign(text.as_bytes()).to_bytes())
    }
}

/// `set` is `https://atomicdata.dev/properties/set`; a URL, or `@id`, is itself.
fn property(key: &str) -> String {
    if key.contains(':') || key.starts_with('@') {
        return key.to_owned();
    }
    format!("https://atomicdata.dev/properties/{key}")
}

#[cfg(test)]
mod tests {
    use quintet_core::commit::Unverified;

    use super::*;

    #[test]
    fn what_an_agent_signs_can_be_read_and_verified() {
        let origin = Origin("http://a.example".into());
        let agent = Agent::named("ann", &origin);
        let json =
            r#"{"subject":"http://a.example/x","set":{"https://p.example/y":[]},"remove":["https://p.example/z"]}"#;
        let signed = agent.commit(json, Timestamp::from_millis(7)).unwrap();
        let read = Unverified::parse(&signed.json, &origin).unwrap();
        assert!(agent.key.verifying_key().verify_strict(read.signed.as_bytes(), &read.signature.into()).is_ok());
        assert_eq!((&*read.commit.signer, read.commit.id()), (agent.url().as_str(), agent.commit_url(&signed)));
        assert_ne!(agent.url(), Agent::named("bob", &origin).url());
    }
}
