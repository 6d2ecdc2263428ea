//! The keyring: the agent keys that the house holds, its own and its users', and what they sign.

use std::collections::HashMap;
use std::sync::Arc;

use ed25519_dalek::{Signer, SigningKey};
use parking_lot::RwLock;
use quintet_core::commit::Unsigned;
use quintet_core::user::AgentSecret;
use quintet_core::{AgentKey, Commit, Id, Origin, Timestamp};

/// The name under which the store keeps the seed of the house's own agent key.
pub(crate) const KEY_NAME: &str = "agent-signing-key";

/// Signs in the name of the house and of its users.
pub(crate) struct Keyring {
    house: SigningKey,
    origin: Origin,
    users: RwLock<HashMap<Id, SigningKey>>,
}

impl Keyring {
    /// With the house's own seed and those of its users.
    pub(crate) fn new(house: &[u8; 32], origin: Origin, users: &[(Id, AgentSecret)]) -> Self {
        let users = users.iter().map(|(user, secret)| (*user, SigningKey::from_bytes(&secret.0))).collect();
        Self { house: SigningKey::from_bytes(house), origin, users: RwLock::new(users) }
    }

    /// Keeps the key of a user who has just come.
    pub(crate) fn add(&self, user: Id, secret: &AgentSecret) {
        self.users.write().insert(user, SigningKey::from_bytes(&secret.0));
    }

    /// The house's own agent.
    pub(crate) fn house(&self) -> AgentKey {
        AgentKey(self.house.verifying_key().to_bytes())
    }

    /// The secret of a user's agent, where the house holds it.
    pub(crate) fn secret(&self, user: Id) -> Option<AgentSecret> {
        self.users.read().get(&user).map(|key| AgentSecret(key.to_bytes()))
    }

    /// Signs in a user's name; in the house's where it does not hold the user's key. The same words at the same time give the same commit.
    ///
    /// The commit says that the house made it: nobody who hears it can hand it in as the user's.
    pub(crate) fn sign(&self, author: Id, at: Timestamp, unsigned: Unsigned) -> Commit {
        let users = self.users.read();
        let key = users.get(&author).unwrap_or(&self.house);
        unsigned.sign_for(&self.url(key), at, |text| key.sign(text).to_bytes())
    }

    /// Signs in the house's name.
    pub(crate) fn sign_as_house(&self, at: Timestamp, unsigned: Unsigned) -> Commit {
        unsigned.sign(&self.url(&self.house), at, |text| self.house.sign(text).to_bytes())
    }

    fn url(&self, key: &SigningKey) -> Arc<str> {
        AgentKey(key.verifying_key().to_bytes()).subject(&self.origin).shared()
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::Subject;

    use super::*;

    fn signer(keyring: &Keyring, author: Id) -> AgentKey {
        let unsigned = Unsigned::new(Subject::parse("http://a.example/x").unwrap());
        let commit = keyring.sign(author, Timestamp::from_millis(1), unsigned);
        AgentKey::within(&commit.signer, &keyring.origin).unwrap()
    }

    #[test]
    fn whoever_has_no_key_here_is_signed_for_by_the_house() {
        let (ann, ben) = (Id::new(4096).unwrap(), Id::new(4097).unwrap());
        let origin = Origin("http://a.example".into());
        let keyring = Keyring::new(&[1; 32], origin, &[(ann, AgentSecret([2; 32]))]);
        assert_eq!(signer(&keyring, ben), keyring.house());
        assert_ne!(signer(&keyring, ann), keyring.house());
        keyring.add(ben, &AgentSecret([3; 32]));
        assert_ne!(signer(&keyring, ben), keyring.house());
        assert_eq!(keyring.secret(ben).unwrap().0, [3; 32]);
    }
}
