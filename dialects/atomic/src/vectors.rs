//! The test vectors of atomic-data.md, section 10, byte for byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use quintet_core::commit::Unverified;
use quintet_core::{AgentKey, Origin, Properties, term};
use serde_json::{Map, Value, json};

/// One signed text.
pub(crate) struct Vector {
    /// Which agent signed it: 1 or 2.
    pub(crate) agent: u8,
    /// What was signed.
    pub(crate) signed: &'static str,
    /// Its signature.
    pub(crate) signature: &'static str,
}

/// Agent 1 makes `/vec/one`: quotes, escapes, an emoji, an empty array.
pub(crate) const CREATE: Vector = Vector {
    agent: 1,
    signed: r#"{"https://atomicdata.dev/properties/createdAt":1700000000000,"https://atomicdata.dev/properties/isA":["https://atomicdata.dev/classes/Commit"],"https://atomicdata.dev/properties/set":{"https://atomicdata.dev/properties/description":"x","https://atomicdata.dev/properties/name":"Café \"q\" \\ / tab\t nl\n 😀 €","https://atomicdata.dev/properties/parent":"http://localhost:9883","https://atomicdata.dev/properties/tags":[]},"https://atomicdata.dev/properties/signer":"http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","https://atomicdata.dev/properties/subject":"http://localhost:9883/vec/one"}"#,
    signature: "EHAFmlmfg79vkKXjfenR5qvNQ4Uls7bT+26eHGk0f6skFacLuepcFWGcmVx66AcX6z3H3Pcbg3IdLk7WUJHRCw==",
};

/// Agent 2 changes it: set, push, remove, previousCommit, numbers.
pub(crate) const UPDATE: Vector = Vector {
    agent: 2,
    signed: r#"{"https://atomicdata.dev/properties/createdAt":1700000000001,"https://atomicdata.dev/properties/isA":["https://atomicdata.dev/classes/Commit"],"https://atomicdata.dev/properties/previousCommit":"http://localhost:9883/commits/EHAFmlmfg79vkKXjfenR5qvNQ4Uls7bT+26eHGk0f6skFacLuepcFWGcmVx66AcX6z3H3Pcbg3IdLk7WUJHRCw==","https://atomicdata.dev/properties/push":{"https://atomicdata.dev/properties/read":["http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","http://localhost:9883/agents/uvxxvq06xeS2PpyCFu5xo0quxlci7tvKcotOmzzM45Y="]},"https://atomicdata.dev/properties/remove":["https://atomicdata.dev/properties/description"],"https://atomicdata.dev/properties/set":{"https://atomicdata.dev/properties/isLocked":false,"https://atomicdata.dev/properties/max":-7,"https://atomicdata.dev/properties/maxFloat":1e+21,"https://atomicdata.dev/properties/minFloat":0.1},"https://atomicdata.dev/properties/signer":"http://localhost:9883/agents/uvxxvq06xeS2PpyCFu5xo0quxlci7tvKcotOmzzM45Y=","https://atomicdata.dev/properties/subject":"http://localhost:9883/vec/one"}"#,
    signature: "4vUZMFzTalGxYVUOHHVBXM5BcGS8M1zQMYz2zTO38YWs9A2NNXBV+2w7XNOCgKsc+JdLtdRtKH4DUevZiIInDA==",
};

/// Agent 1 destroys it as the TypeScript client signs that.
pub(crate) const DESTROY: Vector = Vector {
    agent: 1,
    signed: r#"{"https://atomicdata.dev/properties/createdAt":1700000000002,"https://atomicdata.dev/properties/destroy":true,"https://atomicdata.dev/properties/isA":["https://atomicdata.dev/classes/Commit"],"https://atomicdata.dev/properties/signer":"http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","https://atomicdata.dev/properties/subject":"http://localhost:9883/vec/one"}"#,
    signature: "nEHU+u+5TPM1cGDAJTGdkczaC6oy0NcpQMnH+icrf8cjfcarImS2C4LfIuF5wZNsgI8QDdmrm/vmiLMsm6+7Bg==",
};

/// Agent 1 destroys it as the Rust client signs that: an empty `set` is there, and signed.
pub(crate) const DESTROY_WITH_SET: Vector = Vector {
    agent: 1,
    signed: r#"{"https://atomicdata.dev/properties/createdAt":1700000000003,"https://atomicdata.dev/properties/destroy":true,"https://atomicdata.dev/properties/isA":["https://atomicdata.dev/classes/Commit"],"https://atomicdata.dev/properties/set":{},"https://atomicdata.dev/properties/signer":"http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","https://atomicdata.dev/properties/subject":"http://localhost:9883/vec/one"}"#,
    signature: "NcVnt0mJ4FbI2iaxijx7XqCIY2LaH1GLiALr0DapqjV3IrSU1xw3LQRrvq8bd4ohxQCGwwiLcehokCoqu4KpBQ==",
};

/// `AUTHENTICATE`.
pub(crate) const SOCKET: Vector = Vector {
    agent: 1,
    signed: "ws://localhost:9883/ws 1700000000000",
    signature: "MabB4OEMA50gggDYOszbGfsef6QtWfd2POg9sNWOlnMY6J9slSmfEP2r468LYwoKPa/k3Q9bia7LMG9hA7yLCA==",
};

/// The headers of an upgrade.
pub(crate) const UPGRADE: Vector = Vector {
    agent: 1,
    signed: "ws 1700000000000",
    signature: "szwn7axyFGKlB66t2uy2PsIe3dEcn0unW8qYGkE0a/Yv/EXeutrQXjBSjJr0QbuG9PGLNczE40ZWf3veoojhDg==",
};

/// The headers of a request.
pub(crate) const REQUEST: Vector = Vector {
    agent: 1,
    signed: "http://localhost:9883/private 1700000000123",
    signature: "yFpuFrDqEAv2D9gJvky5xvnW63XdkI+PxlGamVgcagm2j+6Ew/J+oTMRkGK1HurL7XuYbDpFdNL5uq+GHgELAg==",
};

/// The secret of agent 1.
const SECRET: &str = "eyJjbGllbnQiOnt9LCJzdWJqZWN0IjoiaHR0cDovL2xvY2FsaG9zdDo5ODgzL2FnZW50cy9BNkVIdi9QT0VMNGRjTjBZNTB2QW1XZmsxakNicFExZkhkeUdaQkpWTWJnPSIsInByaXZhdGVLZXkiOiJBQUVDQXdRRkJnY0lDUW9MREEwT0R4QVJFaE1VRlJZWEdCa2FHeHdkSGg4PSIsInB1YmxpY0tleSI6IkE2RUh2L1BPRUw0ZGNOMFk1MHZBbVdmazFqQ2JwUTFmSGR5R1pCSlZNYmc9In0=";

/// Private key, public key and subject of both agents.
const AGENTS: [[&str; 3]; 2] = [
    [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        "http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    ],
    [
        "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "uvxxvq06xeS2PpyCFu5xo0quxlci7tvKcotOmzzM45Y=",
        "http://localhost:9883/agents/uvxxvq06xeS2PpyCFu5xo0quxlci7tvKcotOmzzM45Y=",
    ],
];

/// Where the vectors are at home.
pub(crate) fn origin() -> Origin {
    Origin("http://localhost:9883".into())
}

/// The key pair of agent 1 or 2.
pub(crate) fn key(agent: u8) -> SigningKey {
    let byte = |at: u8| if agent == 1 { at } else { 0xff - at };
    let mut seed = [0; 32];
    seed.iter_mut().zip(0..).for_each(|(place, at)| *place = byte(at));
    SigningKey::from_bytes(&seed)
}

/// The URL of agent 1 or 2.
pub(crate) fn agent(agent: u8) -> &'static str {
    AGENTS[usize::from(agent) - 1][2]
}

/// The public key of agent 1 or 2.
pub(crate) fn public_key(agent: u8) -> &'static str {
    AGENTS[usize::from(agent) - 1][1]
}

impl Vector {
    /// The commit as a client posts it: laid out at ease, keys in another order.
    pub(crate) fn posted(&self) -> String {
        let members: Map<String, Value> = serde_json::from_str(self.signed).unwrap();
        let mut posted = Map::new();
        posted.insert(term::SIGNATURE.to_owned(), self.signature.into());
        posted.extend(members.into_iter().rev());
        serde_json::to_string_pretty(&posted).unwrap()
    }

    fn parse(&self) -> Unverified {
        Unverified::parse(&self.posted(), &origin()).unwrap()
    }

    fn holds(&self, signed: &str, signature: [u8; 64]) -> bool {
        let key: VerifyingKey = key(self.agent).verifying_key();
        key.verify_strict(signed.as_bytes(), &signature.into()).is_ok()
    }
}

/// The first vector, read.
pub(crate) fn create() -> Unverified {
    CREATE.parse()
}

#[test]
fn keys_have_their_names() {
    for (number, [private, public, subject]) in [1, 2].into_iter().zip(AGENTS) {
        assert_eq!(STANDARD.encode(key(number).to_bytes()), private);
        let key = AgentKey(key(number).verifying_key().to_bytes());
        assert_eq!((key.base64().as_str(), key.subject(&origin()).as_str()), (public, subject));
    }
}

#[test]
fn every_commit_is_signed_over_its_canonical_text() {
    for (vector, bytes) in [(CREATE, Some(623)), (UPDATE, Some(1077)), (DESTROY, Some(387)), (DESTROY_WITH_SET, None)] {
        let read = vector.parse();
        assert_eq!(read.signed, vector.signed);
        assert!(bytes.is_none_or(|bytes| bytes == read.signed.len()), "{} bytes", read.signed.len());
        assert!(vector.holds(&read.signed, read.signature), "{}", vector.signed);
        assert_eq!(STANDARD.encode(key(vector.agent).sign(vector.signed.as_bytes()).to_bytes()), vector.signature);
        assert_eq!(&*read.commit.signer, agent(vector.agent));
        assert_eq!(read.commit.id(), format!("http://localhost:9883/commits/{}", vector.signature));
        assert!(!vector.holds(&vector.signed.replace("17000", "17001"), read.signature), "another time was not signed");
    }
}

#[test]
fn the_state_after_both_commits_is_theirs() {
    let created = CREATE.parse().commit.apply(Properties::new()).unwrap().unwrap();
    let state = UPDATE.parse().commit.apply(created).unwrap().unwrap();
    let expected = json!({
        "https://atomicdata.dev/properties/isLocked": false,
        "https://atomicdata.dev/properties/max": -7,
        "https://atomicdata.dev/properties/maxFloat": 1e21,
        "https://atomicdata.dev/properties/minFloat": 0.1,
        "https://atomicdata.dev/properties/name": "Café \"q\" \\ / tab\t nl\n 😀 €",
        "https://atomicdata.dev/properties/parent": "http://localhost:9883",
        "https://atomicdata.dev/properties/read": [agent(1), agent(2)],
        "https://atomicdata.dev/properties/tags": [],
        "https://atomicdata.dev/properties/lastCommit": format!("http://localhost:9883/commits/{}", UPDATE.signature),
    });
    assert_eq!(Value::Object(state), expected);
    assert_eq!(UPDATE.parse().commit.previous, Some(CREATE.parse().commit.id()));
    for destroy in [DESTROY, DESTROY_WITH_SET] {
        assert_eq!(destroy.parse().commit.apply(Properties::new()).unwrap(), None);
    }
}

#[test]
fn every_proof_is_signed_over_its_text() {
    for vector in [SOCKET, UPGRADE, REQUEST] {
        let signature = STANDARD.decode(vector.signature).unwrap().try_into().unwrap();
        assert!(vector.holds(vector.signed, signature), "{}", vector.signed);
        assert_eq!(STANDARD.encode(key(1).sign(vector.signed.as_bytes()).to_bytes()), vector.signature);
    }
}

#[test]
fn the_secret_holds_the_key_pair() {
    let secret: Value = serde_json::from_slice(&STANDARD.decode(SECRET).unwrap()).unwrap();
    let [private, public, subject] = AGENTS[0];
    let expected = json!({ "client": {}, "subject": subject, "privateKey": private, "publicKey": public });
    assert_eq!(secret, expected);
    assert_eq!(STANDARD.encode(expected.to_string()), SECRET, "key order and layout are the client's");
}
