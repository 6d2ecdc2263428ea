//! Tokens, in the places and spellings in which clients show them.

use quintet_core::Credential;
use quintet_core::http::Head;
use quintet_core::identity::Secret;

/// What a handshake shows: the query's `auth` first, with or without a scheme; else the `Authorization` header.
pub(crate) fn at_the_door(head: &Head) -> Credential {
    match head.query_last("auth").as_deref() {
        None | Some("") => head.header("authorization").and_then(bearer).map_or(Credential::None, token),
        Some(auth) => token(bearer(auth).unwrap_or(auth)),
    }
}

/// What a `change_user` event shows: nothing is the public user, never the handshake's header.
pub(crate) fn in_event(shown: Option<&str>) -> Credential {
    match shown {
        None | Some("") => Credential::None,
        Some(shown) => token(bearer(shown).unwrap_or(shown)),
    }
}

/// What follows `Bearer`, in any letter case, and one space.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn token(text: &str) -> Credential {
    Credential::Token(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(credential: &Credential) -> Option<&str> {
        match credential {
            Credential::Token(secret) => Some(secret.expose()),
            _ => None,
        }
    }

    #[test]
    fn the_door_takes_query_and_header() {
        for (query, header, wanted) in [
            ("", None, None),
            ("auth=x", None, Some("x")),
            ("auth=Bearer%20x", None, Some("x")),
            ("auth=bEARER+x", Some("Bearer y"), Some("x")),
            ("auth=", Some("Bearer y"), Some("y")),
            ("token=x", None, None),
            ("", Some("bearer y"), Some("y")),
            ("", Some("Bearery"), None),
            ("", Some("Basic y"), None),
            ("", Some("Bearer"), None),
            ("", Some(""), None),
        ] {
            let headers = header.map(|value| ("authorization".into(), value.into())).into_iter().collect();
            let head = Head { query: query.into(), headers, ..Head::default() };
            assert_eq!(shown(&at_the_door(&head)), wanted, "{query} {header:?}");
        }
    }

    #[test]
    fn events_take_any_spelling() {
        for (text, wanted) in [
            (None, None),
            (Some(""), None),
            (Some("x"), Some("x")),
            (Some("Bearer x"), Some("x")),
            (Some("bearer x"), Some("x")),
        ] {
            assert_eq!(shown(&in_event(text)), wanted, "{text:?}");
        }
    }
}
