//! A user, or whoever holds a key, as an `Agent`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quintet_core::canonical::canonical_object;
use quintet_core::{AgentKey, Commit, Document, Properties, User, term};
use serde_json::json;
use sha2::{Digest, Sha512};

use super::{Painter, instance, put};

impl Painter<'_> {
    /// An agent as everybody may read it. The subject certifies itself: whoever holds the key is there, known or not.
    ///
    /// What the agent wrote of itself (`stored`) goes over what the house knows, but for the key.
    pub(crate) fn agent(&self, key: AgentKey, stored: Option<Document>) -> Document {
        let user = self.directory.user_with_agent(key).and_then(|user| self.directory.user(user));
        let mut properties = user.map_or_else(bare, |user| known(&user));
        properties.extend(stored.into_iter().flat_map(|document| document.properties));
        put(&mut properties, term::PUBLIC_KEY, key.base64());
        if !properties.contains_key(term::LAST_COMMIT) {
            let latest = self.latest(&properties);
            put(&mut properties, term::LAST_COMMIT, latest);
        }
        Document { subject: key.subject(self.origin), properties }
    }

    /// A URL in place of that of the last commit, where there was none: the same as long as the same is shown. Nothing can be read there.
    fn latest(&self, properties: &Properties) -> String {
        Commit::url(self.origin, &STANDARD.encode(Sha512::digest(canonical_object(properties))))
    }
}

fn bare() -> Properties {
    instance(term::AGENT)
}

fn known(user: &User) -> Properties {
    let mut properties = bare();
    put(&mut properties, term::NAME, user.username.as_str());
    put(&mut properties, term::CREATED_AT, user.created_at.millis());
    put(&mut properties, term::READ, json!([term::PUBLIC_AGENT]));
    properties
}
