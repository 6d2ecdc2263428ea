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
    ///
    /// Names that end in a number, as those of most servers do, are near each other where the numbers are: what comes one after the other stands together
    /// on few pages, instead of one page for each.
    pub(crate) fn hash(self) -> i64 {
        match self {
            Self::Name(name) => numbered(name).unwrap_or_else(|| hash(name)),
            Self::Signature(signature) => hash(signature),
        }
    }
}

/// Digits at the end of a name that are kept as they are …
const DIGITS: usize = 8;
/// … in so many bits: 10^8 numbers.
const DIGIT_BITS: u32 = 27;

/// For a name that ends in so many digits: the hash of what is before them, and behind that their number. Only digits, so that no two ends have one number.
fn numbered(name: &str) -> Option<i64> {
    let (before, digits) = name.split_at_checked(name.len().checked_sub(DIGITS)?)?;
    let number: i64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some(hash(before) >> DIGIT_BITS << DIGIT_BITS | number)
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
    fn names_that_end_in_numbers_stand_in_their_order() {
        let of = |number: u64| Handle::Name(&format!("https://a.example/notes/{number}")).hash();
        let numbers: Vec<_> = (661_202_599_600_000..661_202_599_600_100).map(of).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        for other in ["0000000", "x9999999", "+9999999", "\u{e9}9999999"] {
            assert_eq!(Handle::Name(other).hash(), hash(other), "{other}");
        }
    }

    #[test]
    fn hashes_are_those_of_databases_that_exist() {
        // SHA-256 of "abc" begins with ba7816bf8f01cfea (FIPS 180-4).
        assert_eq!(hash("abc").cast_unsigned(), 0xba78_16bf_8f01_cfea);
        assert_eq!(Handle::Name("abc").hash(), hash("abc"));
        assert_eq!(Handle::Name("abc00000001").hash().cast_unsigned(), 0xba78_16bf_8800_0001);
        assert_eq!(Handle::Signature("abc00000001").hash(), hash("abc00000001"));
    }
}
