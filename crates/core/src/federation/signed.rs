//! What is signed by another house, before and after its signature was checked.

use std::sync::Arc;

use crate::federation::address::{Address, Form};
use crate::federation::host::Host;
use crate::time::Timestamp;

/// Whose key a signature is to be of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Signer {
    /// A user's own.
    User(Address),
    /// A house's.
    Instance(Host, Form),
}

impl Signer {
    /// The house that it is, or is of.
    pub fn host(&self) -> &Host {
        match self {
            Self::User(address) => &address.host,
            Self::Instance(host, _) => host,
        }
    }
}

/// A signature that was not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whose it is said to be.
    pub signer: Signer,
    /// When it was made, as the signer says; to the second.
    pub signed_at: Timestamp,
    /// The signature.
    pub signature: [u8; 64],
    /// The texts that it may be over: the first, or else one of the others, which deployed programs are known to sign instead.
    pub texts: Vec<String>,
    /// Whether it must be new: a message that was accepted before is answered as it was, without effect. A request for something may be made twice.
    pub once: bool,
}

/// A signature that was checked, by the hall only: whoever makes one vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose it is.
    pub signer: Signer,
    /// When it was made.
    pub signed_at: Timestamp,
    /// The same for the same signature of the same signer over the same text, and for no other.
    pub digest: [u8; 32],
    /// Whether exactly this was accepted before.
    pub known: bool,
    /// Base64 of the signature, as it is kept.
    pub signature: Arc<str>,
}
