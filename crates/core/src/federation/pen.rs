//! Pens: what signs in the name of this house and of its users.

use std::fmt;
use std::sync::Arc;

use crate::federation::address::Own;

/// Signs what a room is about to send. Handed out by the hall; the keys stay there.
#[derive(Clone)]
pub struct Pen(Arc<dyn Hand>);

/// Who really signs.
pub trait Hand: Send + Sync {
    /// The signature over a text: a user's for [`Own::User`], else the house's.
    fn sign(&self, who: &Own, text: &[u8]) -> [u8; 64];

    /// The public half of the key with which that is signed.
    fn public(&self, who: &Own) -> [u8; 32];
}

impl Pen {
    /// A pen in this hand.
    pub fn new(hand: Arc<dyn Hand>) -> Self {
        Self(hand)
    }

    /// Signs as somebody.
    pub fn sign(&self, who: &Own, text: &[u8]) -> [u8; 64] {
        self.0.sign(who, text)
    }

    /// The public key of somebody.
    pub fn public(&self, who: &Own) -> [u8; 32] {
        self.0.public(who)
    }
}

impl fmt::Debug for Pen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pen(…)")
    }
}
