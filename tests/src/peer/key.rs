//! Keys and signatures (versia.md, sections 1.2 and 1.6).

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// What stands before the 32 bytes of a public key, in hexadecimal `302a300506032b6570032100`.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key pair.
#[derive(Clone)]
pub struct Key(SigningKey);

/// The three values of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Base64 of the signature.
    pub signature: String,
    /// Unix seconds.
    pub signed_at: String,
    /// The signer.
    pub signed_by: String,
}

/// What time it is, in Unix seconds.
pub(crate) fn now() -> i64 {
    quintet::system_clock()().seconds()
}

impl Key {
    /// The key of this name: the same name, the same key.
    pub fn named(name: &str) -> Self {
        Self(SigningKey::from_bytes(&Sha256::digest(name).into()))
    }

    /// Its public half, as it is published.
    pub fn public(&self) -> String {
        STANDARD.encode([&SPKI[..], self.0.verifying_key().as_bytes()].concat())
    }

    /// Signs in the name of somebody.
    pub fn stamp(&self, signed_by: &str, method: &str, path: &str, body: &str, at: i64) -> Stamp {
        let signed_at = at.to_string();
        let signature = self.0.sign(text(method, path, &signed_at, body).as_bytes());
        let signature = STANDARD.encode(signature.to_bytes());
        Stamp { signature, signed_at, signed_by: signed_by.to_owned() }
    }
}

impl Stamp {
    /// As HTTP headers.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("versia-signature", self.signature.clone()),
            ("versia-signed-at", self.signed_at.clone()),
            ("versia-signed-by", self.signed_by.clone()),
        ]
    }

    /// The media type of the signer's version (section 3.1).
    pub fn media(&self) -> &'static str {
        let is_old = self.signed_by.contains("://") || self.signed_by.starts_with("instance ");
        if is_old { "application/json; charset=utf-8" } else { "application/vnd.versia+json; charset=utf-8" }
    }

    /// Whether it holds, for a key as it is published.
    pub fn check(&self, public: &str, method: &str, path: &str, body: &str) -> Result<()> {
        let der = STANDARD.decode(public)?;
        ensure!(der.len() == 44 && der.starts_with(&SPKI), "not a public key: {public}");
        let key = VerifyingKey::from_bytes(der.last_chunk().context("44 bytes have 32 at their end")?)?;
        let signature = Signature::from_slice(&STANDARD.decode(&self.signature)?)?;
        key.verify_strict(text(method, path, &self.signed_at, body).as_bytes(), &signature)
            .with_context(|| format!("the signature of {} for {method} {path} does not hold", self.signed_by))?;
        let age = now() - self.signed_at.parse::<i64>()?;
        ensure!(age.abs() <= 300, "signed {age} s ago");
        Ok(())
    }
}

fn text(method: &str, path: &str, signed_at: &str, body: &str) -> String {
    format!("{method} {path} {signed_at} {}", STANDARD.encode(Sha256::digest(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_for_what_it_is_on_and_nothing_else() {
        let (key, other) = (Key::named("a"), Key::named("b"));
        let stamp = key.stamp("a.example", "post", "/inbox", "{}", now());
        assert!(stamp.check(&key.public(), "post", "/inbox", "{}").is_ok());
        for (key, method, path, body) in [
            (&other, "post", "/inbox", "{}"),
            (&key, "get", "/inbox", "{}"),
            (&key, "post", "/", "{}"),
            (&key, "post", "/inbox", ""),
        ] {
            assert!(stamp.check(&key.public(), method, path, body).is_err(), "{method} {path} {body}");
        }
        let old = key.stamp("a.example", "post", "/inbox", "{}", now() - 302);
        assert!(old.check(&key.public(), "post", "/inbox", "{}").is_err());
    }

    #[test]
    fn the_worked_example_of_the_page_holds() {
        let text = text("get", "/.versia/v0.6/entities/User/1", "1766221200", "");
        let digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(text, format!("get /.versia/v0.6/entities/User/1 1766221200 {digest}"));
        let seed: Vec<u8> = (1..=32).collect();
        let key = Key(SigningKey::from_bytes(seed.first_chunk().unwrap()));
        assert_eq!(key.public(), "MCowBQYDK2VwAyEAebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=");
        let stamp = key.stamp("bob.example", "get", "/.versia/v0.6/entities/User/1", "", 1_766_221_200);
        let expected = "+bjSSCYcisj8vn0XlaIhJF0XGbkNlE3KD2gT+I57u7pBMGrhlwgqzUIzz0O5e0z4aIfTFR45GP7vAxagddm0AQ==";
        assert_eq!(stamp.signature, expected);
    }
}
