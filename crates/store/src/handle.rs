//! Handles: by what an entity of another house is found again.

use quintet_core::federation::Incoming;
use sha2::{Digest, Sha256};

/// The key of an entity's name, or the signature of one without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handle<'a> {
    Name(&'a str),
    Signature(&'a str),
}

impl<'a> Handle<'a> {
    /// That of an entity which came with a signature.
    pub(crate) fn of(incoming: &'a Incoming, signature: &'a str) -> Self {
        incoming.name.as_ref().map_or(Self::Signature(signature), |name| Self::Name(&name.key))
    }

    /// The text of either.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Name(text) | Self::Signature(text) => text,
        }
    }

    /// A short form of it for an index.
    pub(crate) fn hash(self) -> i64 {
        hash(self.text())
    }
}

/// The first bytes of a text's SHA-256. Peers choose the texts: a weaker hash would let them choose texts that meet, and make every look-up slow.
pub(crate) fn hash(text: &str) -> i64 {
    let digest: [u8; 32] = Sha256::digest(text).into();
    i64::from_be_bytes(*digest.first_chunk().expect("a digest is longer than a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_databases_that_exist() {
        // SHA-256 of "abc" begins with ba7816bf8f01cfea (FIPS 180-4).
        assert_eq!(hash("abc").cast_unsigned(), 0xba78_16bf_8f01_cfea);
    }
}
