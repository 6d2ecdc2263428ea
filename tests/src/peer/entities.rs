//! Entities that a peer sends, in 0.5 where nothing else is said (versia.md, section 4).

use serde_json::{Value, json};

use super::Peer;

/// When everything of a peer was made.
pub(super) const MADE: &str = "2025-06-01T12:00:00Z";

impl Peer {
    /// The user wants to follow somebody.
    pub fn follow(&self, id: &str, followee: &str) -> Value {
        self.order("Follow", id, "followee", followee)
    }

    /// No longer.
    pub fn unfollow(&self, id: &str, followee: &str) -> Value {
        self.order("Unfollow", id, "followee", followee)
    }

    /// The user lets a follower in.
    pub fn accept(&self, id: &str, follower: &str) -> Value {
        self.order("FollowAccept", id, "follower", follower)
    }

    /// The user turns a follower away.
    pub fn reject(&self, id: &str, follower: &str) -> Value {
        self.order("FollowReject", id, "follower", follower)
    }

    /// The user takes something of its own back.
    pub fn delete(&self, id: &str, kind: &str, target: &str) -> Value {
        let mut order = self.order("Delete", id, "deleted", target);
        order["deleted_type"] = kind.into();
        order
    }

    /// The user says something to everybody.
    pub fn note(&self, id: &str, text: &str) -> Value {
        let uri = self.note_uri(id);
        json!({
            "author": self.user(), "created_at": MADE, "id": id, "type": "Note", "uri": uri, "group": "public",
            "collections": { "quotes": format!("{uri}/quotes"), "replies": format!("{uri}/replies") },
            "content": { "text/plain": { "content": text, "remote": false } },
        })
    }

    /// The URI of a note of the user.
    pub fn note_uri(&self, id: &str) -> String {
        format!("{}/notes/{id}", self.origin())
    }

    /// The user likes something.
    pub fn like(&self, id: &str, liked: &str) -> Value {
        json!({
            "author": self.user(), "created_at": MADE, "id": id, "liked": liked, "type": "pub.versia:likes/Like",
            "uri": format!("{}/likes/{id}", self.origin()),
        })
    }

    /// The user wants to follow somebody, in 0.6; `followee` is `domain:id`.
    pub fn new_follow(&self, followee: &str) -> Value {
        json!({ "author": "1", "created_at": MADE, "followee": followee, "type": "Follow" })
    }

    fn order(&self, kind: &str, id: &str, member: &str, target: &str) -> Value {
        json!({ "author": self.user(), "created_at": MADE, "id": id, "type": kind, member: target })
    }
}
