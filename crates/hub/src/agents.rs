//! Agent keys: the Ed25519 pair that the server holds for each user.

use ed25519_dalek::SigningKey;
use quintet_core::identity::Secret;
use quintet_core::user::{AgentSecret, NewAccount, NewLogin};
use quintet_core::{AgentKey, Error};

/// A new account with a fresh agent key. `password` is the hash.
pub(crate) fn new_account(login: NewLogin, password: Secret) -> Result<NewAccount, Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(Error::internal)?;
    let agent = SigningKey::from_bytes(&secret).verifying_key();
    Ok(NewAccount {
        login,
        password: Some(password),
        agent_secret: Some(AgentSecret(secret)),
        agent: AgentKey(agent.to_bytes()),
    })
}
