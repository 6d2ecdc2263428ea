//! The keys with which this house and its users sign for others.
//!
//! All are made from one secret: a user's key from its number. Whoever rotates replaces the secret, and with it every key.

use ed25519_dalek::{Signer as _, SigningKey};
use parking_lot::RwLock;
use quintet_core::federation::Own;
use quintet_core::federation::pen::Hand;
use quintet_core::{Error, Id};
use quintet_store::Store;
use sha2::{Digest as _, Sha256};

/// The name under which the store keeps the secret.
const NAME: &str = "federation-key";

/// Every key that this house signs with for others.
pub(crate) struct Keys {
    secret: RwLock<[u8; 32]>,
}

impl Keys {
    /// Reads the secret; one is made where there is none.
    pub(crate) async fn open(store: &dyn Store) -> Result<Self, Error> {
        Ok(Self { secret: RwLock::new(store.secret(NAME, fresh()?).await?) })
    }

    /// Makes a new secret; what is signed from now on is signed with other keys.
    pub(crate) async fn rotate(&self, store: &dyn Store) -> Result<(), Error> {
        let secret = fresh()?;
        store.replace_secret(NAME, secret).await?;
        *self.secret.write() = secret;
        Ok(())
    }

    fn key(&self, who: &Own) -> SigningKey {
        let of = match who {
            Own::User(user) => *user,
            _ => Id::HOUSE,
        };
        let mut seed = Sha256::new();
        // All three have one length each, so no two users share a seed.
        seed.update(*self.secret.read());
        seed.update(b"federation key of");
        seed.update(of.get().to_be_bytes());
        SigningKey::from_bytes(&seed.finalize().into())
    }
}

impl Hand for Keys {
    fn sign(&self, who: &Own, text: &[u8]) -> [u8; 64] {
        self.key(who).sign(text).to_bytes()
    }

    fn public(&self, who: &Own) -> [u8; 32] {
        self.key(who).verifying_key().to_bytes()
    }
}

fn fresh() -> Result<[u8; 32], Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(Error::internal)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_key_of_its_own() {
        let keys = Keys { secret: RwLock::new([7; 32]) };
        let user = |number| Own::User(Id::new(number).unwrap());
        let public = |who: &Own| keys.public(who);
        assert_ne!(public(&user(4096)), public(&user(4097)));
        assert_ne!(public(&user(4096)), public(&Own::House));
        assert_eq!(public(&Own::Room(Id::new(4096).unwrap())), public(&Own::House), "rooms are the house's");
        let other = Keys { secret: RwLock::new([8; 32]) };
        assert_ne!(public(&Own::House), other.public(&Own::House));
    }
}
