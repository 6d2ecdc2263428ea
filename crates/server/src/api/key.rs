//! Keys: how a back-end shows that it may use the server API.

use quintet_core::Error;
use quintet_core::http::Head;
use subtle::{Choice, ConstantTimeEq as _};

use crate::config::Api;

/// Checks the bearer's key against all that are configured, in a time that does not tell how near it came.
pub(super) fn check(api: &Api, head: &Head) -> Result<(), Error> {
    let shown = head.header("authorization").and_then(bearer).ok_or_else(|| {
        Error::unauthenticated("the server API needs `Authorization: Bearer <key>`, with a key from api.keys")
    })?;
    let same = |known: &quintet_core::identity::Secret| known.expose().as_bytes().ct_eq(shown.as_bytes());
    let any = api.keys.iter().map(same).fold(Choice::from(0), |any, one| any | one);
    if bool::from(any) { Ok(()) } else { Err(Error::unauthenticated("this API key is not known")) }
}

/// The scheme is compared in any case (RFC 9110, section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use quintet_core::identity::Secret;

    use super::*;

    #[test]
    fn only_a_known_key_opens() {
        let api = Api { keys: vec![Secret::new("first-key-of-two"), Secret::new("second-key-of-two")] };
        let table = [
            ("Bearer first-key-of-two", true),
            ("bearer second-key-of-two", true),
            ("Bearer first-key-of-tw", false),
            ("Bearer ", false),
            ("Basic first-key-of-two", false),
            ("first-key-of-two", false),
        ];
        for (header, good) in table {
            let head = Head { headers: vec![("authorization".to_owned(), header.to_owned())], ..Head::default() };
            assert_eq!(check(&api, &head).is_ok(), good, "{header}");
            assert!(check(&Api::default(), &head).is_err());
        }
        assert!(check(&api, &Head::default()).is_err());
    }
}
