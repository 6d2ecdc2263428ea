//! The authentication resource: what an agent claims, and for what.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quintet_core::identity::Proof;
use quintet_core::{AgentKey, Origin, Subject, Timestamp};
use serde::Deserialize;

/// An authentication resource (section 7.2). All five are required, anything else is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Claim {
    /// The agent's URL.
    #[serde(rename = "https://atomicdata.dev/properties/auth/agent")]
    pub(crate) agent: String,
    /// What was signed, without the time.
    #[serde(rename = "https://atomicdata.dev/properties/auth/requestedSubject")]
    pub(crate) requested: String,
    /// Base64 of the agent's public key.
    #[serde(rename = "https://atomicdata.dev/properties/auth/publicKey")]
    pub(crate) public_key: String,
    /// When it was signed, in milliseconds since the epoch.
    #[serde(rename = "https://atomicdata.dev/properties/auth/timestamp")]
    pub(crate) timestamp: i64,
    /// Base64 of the signature.
    #[serde(rename = "https://atomicdata.dev/properties/auth/signature")]
    pub(crate) signature: String,
}

/// Why a claim is none. The texts are for people, and do not repeat what was sent at length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It cannot be read.
    Unreadable(String),
    /// It can be read, and proves nothing here.
    Broken(String),
}

impl Refused {
    /// The reason.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Unreadable(why) | Self::Broken(why) => why,
        }
    }
}

impl Claim {
    /// Reads its JSON.
    pub(crate) fn parse(json: &str) -> Result<Self, Refused> {
        serde_json::from_str(json).map_err(|error| {
            // The parser may quote what it was given.
            Refused::Unreadable(crate::wire::message::clip(&error.to_string(), 200))
        })
    }

    /// Is it for a socket of this origin? `ws` stands for `http` there, `wss` for `https`.
    pub(super) fn is_for_socket(&self, origin: &Origin) -> bool {
        let url = match self.requested.strip_prefix("ws") {
            Some(rest) => format!("http{rest}"),
            None => self.requested.clone(),
        };
        Subject::within(&url, origin).is_some()
    }

    /// Is it for everything of this origin?
    pub(super) fn is_for_origin(&self, origin: &Origin) -> bool {
        self.requested.strip_suffix('/').unwrap_or(&self.requested) == origin.0
    }

    /// What is to be verified, once it is known that the claim is for us.
    pub(super) fn prove(&self, origin: &Origin, lasting: bool) -> Result<Proof, Refused> {
        let broken = |why: &str| Refused::Broken(why.to_owned());
        let key = AgentKey::from_base64(&self.public_key)
            .ok_or_else(|| broken("the public key must be 32 bytes in padded base64"))?;
        if self.agent != key.subject(origin).as_str() {
            return Err(if Subject::within(&self.agent, origin).is_some() {
                broken("The public key in the auth headers does not match the public key in the agent")
            } else {
                Refused::Broken(format!("the agent is not of this server, it must be {}/agents/<public key>", origin.0))
            });
        }
        let signature = STANDARD.decode(&self.signature).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Proof {
            agent: key,
            signed: format!("{} {}", self.requested, self.timestamp),
            signature: signature.ok_or_else(|| broken("the signature must be 64 bytes in padded base64"))?,
            signed_at: Timestamp::from_millis(self.timestamp),
            lasting,
        })
    }
}
