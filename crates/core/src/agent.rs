//! Agents: Ed25519 keys, and the URLs by which they are known.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::dialect::Origin;
use crate::subject::Subject;

/// The public half of an agent's Ed25519 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentKey(pub [u8; 32]);

/// Where agents stand.
const AGENTS: &str = "/agents/";

impl AgentKey {
    /// From standard base64 with padding (44 characters), the only spelling.
    pub fn from_base64(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text).ok()?;
        // A decoder that ignored bits would let one key have two names.
        let key = Self(key.try_into().ok()?);
        (key.base64() == text).then_some(key)
    }

    /// As standard base64 with padding.
    pub fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Its URL here: `<origin>/agents/<key>`, the key unescaped (atomic-data.md, section 11).
    pub fn subject(&self, origin: &Origin) -> Subject {
        Subject::at(origin, &format!("{AGENTS}{}", self.base64()))
    }

    /// The key in the URL of an agent of this origin: such an URL certifies itself.
    pub fn within(url: &str, origin: &Origin) -> Option<Self> {
        Self::of_path(Subject::within(url, origin)?.path())
    }

    /// The key in a path `/agents/<key>`.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::from_base64(path.strip_prefix(AGENTS)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_url() {
        let origin = Origin("http://localhost:9883".into());
        let url = "http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
        let key = AgentKey::within(url, &origin).unwrap();
        assert_eq!(key.subject(&origin).as_str(), url);
        for other in [
            "http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbh=",
            "http://localhost:9883/agents/A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
            "http://localhost:9883/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
            "http://localhost:9883/agents/",
            "http://localhost:9884/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
            "http://localhost:9883/agent/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        ] {
            assert_eq!(AgentKey::within(other, &origin), None, "{other}");
        }
    }
}
