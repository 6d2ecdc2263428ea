//! What somebody hears who lacks a right to a document (texts of atomic-data.md, section 12, without their first word: the room adds that).

use quintet_core::Error;
use quintet_core::hierarchy::{Act, Reader};

/// `Unauthenticated` for somebody without an agent, else `Forbidden`.
pub(super) fn lacks(act: Act, reader: &Reader) -> Error {
    let Some(agent) = &reader.agent else {
        let what = match act {
            Act::Read => "readable",
            Act::Write => "editable",
            Act::Append => "appendable",
        };
        return Error::unauthenticated(format!("This resource is not publicly {what}. Try signing in"));
    };
    let right = act.property();
    Error::forbidden(format!("No {right} right has been found for {agent} in this resource or its parents"))
}

/// What somebody hears who asks for a document that is not there.
pub(super) fn missing(url: &str) -> Error {
    Error::not_found(format!("Failed to retrieve locally: '{url}'"))
}

#[cfg(test)]
mod tests {
    use quintet_core::Kind;

    use super::*;

    #[test]
    fn who_is_not_known_may_sign_in() {
        let stranger = lacks(Act::Write, &Reader::default());
        assert_eq!(stranger.kind(), Kind::Unauthenticated);
        assert_eq!(stranger.public(), "This resource is not publicly editable. Try signing in");
        let ann = Reader { agent: Some("http://a.example/agents/x".into()), root: false };
        let known = lacks(Act::Read, &ann);
        assert_eq!(known.kind(), Kind::Forbidden);
        assert!(
            known.public().starts_with("No https://atomicdata.dev/properties/read right has been found for http://")
        );
    }
}
