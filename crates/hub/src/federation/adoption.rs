//! Adoption: how a user of another house becomes one here, with a number and a name.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use quintet_core::change::Adoption;
use quintet_core::chat::Via;
use quintet_core::federation::{Address, UserProfile};
use quintet_core::user::AgentSecret;
use quintet_core::{AgentKey, Author, Body, Change, Draft, Error, Id};

use super::Federation;
use crate::hub::Hub;

impl Federation {
    /// The number here of a user of another house; it is asked for and adopted where it was not known. Errors are those of
    /// [`Federation::find`].
    pub(crate) async fn user_at(self: &Arc<Self>, hub: &Hub, address: &Address, via: Via) -> Result<Id, Error> {
        if let Some(user) = hub.directory.user_at(&address.key) {
            return Ok(user);
        }
        let profile = self.profile(address).await?;
        self.adopt(hub, Arc::unwrap_or_clone(profile), via).await
    }

    /// Makes a user or group of another house one here, or takes in what is new of it.
    pub(crate) async fn adopt(&self, hub: &Hub, profile: UserProfile, via: Via) -> Result<Id, Error> {
        let address = Arc::clone(&profile.address.key);
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(Error::internal)?;
        let agent = AgentKey(SigningKey::from_bytes(&secret).verifying_key().to_bytes());
        let agent_secret = AgentSecret(secret);
        let adoption = Adoption { profile, agent, agent_secret: agent_secret.clone() };
        let change = Change::Adopt(Box::new(adoption));
        let draft = Draft { author: Author::house(), via, at: self.now(), change, commit: None };
        for event in hub.store.append(draft).await? {
            // Who was known already keeps the key that it has.
            if let Body::UserJoined(user) = &event.body {
                hub.keyring.add(user.id, &agent_secret);
            }
        }
        hub.directory.user_at(&address).ok_or_else(|| Error::internal("who was adopted is not known"))
    }
}
