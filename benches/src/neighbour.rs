//! A neighbour: the other server of a federation bench. It tells who it is, and signs what it says.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::handshake::{MAX_HEAD, head_end};

/// How long a server that asks may take for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// What stands before the 32 bytes of an Ed25519 key (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A server of one user, and its keys.
#[derive(Debug)]
pub(crate) struct Neighbour {
    key: SigningKey,
    host: String,
    /// The number of its first note: those of one run are not those of another.
    first: u64,
}

/// A message, ready to be sent over a socket or posted.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) signature: String,
    pub(crate) signed_at: String,
    pub(crate) signed_by: String,
    pub(crate) entity: String,
}

impl Neighbour {
    /// Moves in: its documents are served by a thread of its own, which ends with the process.
    pub(crate) fn new() -> Result<Arc<Self>, Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Error::system("make a key")(std::io::Error::other(error)))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::system("listen as a neighbour"))?;
        let address = listener.local_addr().map_err(Error::system("listen as a neighbour"))?;
        // As many digits as the ids of a Quintet have.
        let first = 600_000_000_000_000 + u64::from(u32::from_be_bytes([seed[0], seed[1], seed[2], seed[3]])) * 10_000;
        let key = SigningKey::from_bytes(&Sha256::digest(seed).into());
        let neighbour = Arc::new(Self { key, host: address.to_string(), first });
        let serving = Arc::clone(&neighbour);
        thread::spawn(move || listener.incoming().flatten().for_each(|peer| serving.answer(peer)));
        Ok(neighbour)
    }

    fn user(&self) -> String {
        format!("http://{}/users/1", self.host)
    }

    /// Answers one request. Whoever leaves early is let go.
    fn answer(&self, mut peer: TcpStream) {
        let _ = peer.set_read_timeout(Some(PATIENCE));
        let mut head = Vec::new();
        let mut buffer = [0; 2048];
        while head_end(&head).is_none() && head.len() < MAX_HEAD {
            match peer.read(&mut buffer) {
                Ok(count @ 1..) => head.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&head);
        let document = match head.split(' ').nth(1) {
            Some("/.well-known/versia") => Some(self.metadata()),
            Some("/users/1") => Some(self.profile()),
            _ => None,
        };
        let (status, body) = document.map_or((404, "{}".to_owned()), |document| (200, document.to_string()));
        let length = body.len();
        let _ = write!(
            peer,
            "HTTP/1.1 {status} X\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    }

    fn public_key(&self) -> String {
        STANDARD.encode([&SPKI[..], self.key.verifying_key().as_bytes()].concat())
    }

    /// What it says of itself (versia.md, section 4.3).
    fn metadata(&self) -> Value {
        json!({
            "type": "InstanceMetadata", "name": "bench", "host": self.host, "created_at": "2026-01-01T00:00:00Z",
            "software": {"name": "bench", "version": "1.0.0"},
            "compatibility": {"versions": ["0.5.0"], "extensions": []},
            "public_key": {"algorithm": "ed25519", "key": self.public_key()},
            "shared_inbox": format!("http://{}/inbox", self.host),
        })
    }

    /// What it says of its user.
    fn profile(&self) -> Value {
        let user = self.user();
        let list = |name: &str| format!("{user}/{name}");
        json!({
            "type": "User", "id": "1", "uri": user, "username": "bench", "created_at": "2026-01-01T00:00:00Z",
            "public_key": {"actor": user, "algorithm": "ed25519", "key": self.public_key()},
            "inbox": list("inbox"),
            "collections": {
                "outbox": list("outbox"), "followers": list("followers"), "following": list("following"), "featured": list("featured")
            },
        })
    }

    /// A note of its user, of about 600 bytes, as it is posted to a shared inbox at `/inbox`.
    pub(crate) fn note(&self, number: u64) -> Letter {
        let id = self.first + number;
        let uri = format!("http://{}/notes/{id}", self.host);
        let text = format!("bench {number:010} {:.<100}", "");
        let entity = json!({
            "author": self.user(),
            "collections": {"quotes": format!("{uri}/quotes"), "replies": format!("{uri}/replies")},
            "content": {"text/plain": {"content": text, "remote": false}},
            "created_at": "2026-01-01T00:00:00Z", "group": "public", "id": id.to_string(), "type": "Note", "uri": uri,
        });
        self.sign("post", "/inbox", &self.user(), entity.to_string())
    }

    /// Its part of the handshake, in answer to the other side's.
    pub(crate) fn hello(&self, path: &str, to: &str, nonce: &str) -> Letter {
        let entity = json!({
            "answer": nonce, "author": null, "created_at": "2026-01-01T00:00:00Z", "host": self.host, "max_in_flight": 64,
            "nonce": "AQIDBAUGBwgJCgsMDQ4PEA", "to": to, "type": "pub.versia:websockets/Hello",
        });
        self.sign("get", path, &format!("instance {}", self.host), entity.to_string())
    }

    /// Signs (versia.md, section 1.2).
    fn sign(&self, method: &str, path: &str, signed_by: &str, entity: String) -> Letter {
        let signed_at = now().to_string();
        let digest = STANDARD.encode(Sha256::digest(&entity));
        let text = format!("{method} {path} {signed_at} {digest}");
        let signature = STANDARD.encode(self.key.sign(text.as_bytes()).to_bytes());
        Letter { signature, signed_at, signed_by: signed_by.to_owned(), entity }
    }
}

impl Letter {
    /// As a message of a socket.
    pub(crate) fn frame(&self) -> String {
        json!({"signature": self.signature, "signed_at": self.signed_at, "signed_by": self.signed_by, "entity": self.entity}).to_string()
    }

    /// As an HTTP request.
    pub(crate) fn request(&self, host: &str) -> String {
        let Self { signature, signed_at, signed_by, entity } = self;
        format!(
            "POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\nVersia-Signature: {signature}\r\n\
             Versia-Signed-At: {signed_at}\r\nVersia-Signed-By: {signed_by}\r\nContent-Length: {}\r\n\r\n{entity}",
            entity.len()
        )
    }
}

/// Unix seconds: what is signed must be signed now.
#[allow(clippy::disallowed_methods, reason = "a signature is of the time at which it is made")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http;

    #[test]
    fn a_neighbour_tells_who_it_is() {
        let neighbour = Neighbour::new().unwrap();
        let address = neighbour.host.parse().unwrap();
        let ask = |what: &str| http::call((address, &*neighbour.host), what, None, "");
        assert_eq!(ask("GET /.well-known/versia").unwrap()["host"], *neighbour.host);
        assert_eq!(ask("GET /users/1").unwrap()["public_key"]["key"], neighbour.public_key());
        assert!(ask("GET /users/2").is_err());
    }

    #[test]
    fn notes_are_signed_and_differ() {
        let neighbour = Neighbour::new().unwrap();
        let (one, other) = (neighbour.note(1), neighbour.note(2));
        assert_ne!(one.signature, other.signature);
        assert_eq!(one.signature.len(), 88);
        assert!((400..700).contains(&one.entity.len()), "{}", one.entity.len());
        let read: Value = serde_json::from_str(&one.frame()).unwrap();
        assert_eq!(read["entity"], one.entity);
    }
}
