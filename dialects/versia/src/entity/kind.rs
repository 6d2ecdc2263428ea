//! Kinds: how types of entities are spelled (versia.md, sections 4.1, 4.3 and 4.5).

use quintet_core::federation::Own;

pub(crate) const USER: &str = "User";
pub(crate) const NOTE: &str = "Note";
pub(crate) const FOLLOW: &str = "Follow";
pub(crate) const UNFOLLOW: &str = "Unfollow";
pub(crate) const FOLLOW_ACCEPT: &str = "FollowAccept";
pub(crate) const FOLLOW_REJECT: &str = "FollowReject";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const INSTANCE: &str = "InstanceMetadata";
pub(crate) const LIKE: &str = "pub.versia:likes/Like";
pub(crate) const DISLIKE: &str = "pub.versia:likes/Dislike";
pub(crate) const REACTION: &str = "pub.versia:reactions/Reaction";
pub(crate) const VOTE: &str = "pub.versia:polls/Vote";
pub(crate) const SHARE: &str = "pub.versia:share/Share";
pub(crate) const GROUP: &str = "pub.versia:groups/Group";
pub(crate) const SUBSCRIBE: &str = "pub.versia:groups/Subscribe";
pub(crate) const UNSUBSCRIBE: &str = "pub.versia:groups/Unsubscribe";
pub(crate) const SUBSCRIBE_ACCEPT: &str = "pub.versia:groups/SubscribeAccept";
pub(crate) const SUBSCRIBE_REJECT: &str = "pub.versia:groups/SubscribeReject";
pub(crate) const FEDERATE: &str = "pub.versia:groups/Federate";
pub(crate) const REPORT: &str = "pub.versia:reports/Report";
pub(crate) const MIGRATION: &str = "pub.versia:migration/Migration";
pub(crate) const HELLO: &str = "pub.versia:websockets/Hello";

/// The reaction that a like is.
pub(crate) const HEART: &str = "❤";
/// The reaction that a dislike is.
pub(crate) const THUMBS_DOWN: &str = "👎";

/// The longest type.
const KIND_BYTES: usize = 256;

/// One spelling of a type for those that deployed programs use (versia.md, section 3.6).
pub(crate) fn canonical(kind: &str) -> &str {
    match kind {
        "pub.versia:notes/Note" => NOTE,
        "pub.versia:users/User" => USER,
        "pub.versia:shares/Share" => SHARE,
        other => other,
    }
}

/// As what a reaction is told.
pub(crate) fn of_reaction(reaction: &str) -> &'static str {
    match reaction {
        HEART => LIKE,
        THUMBS_DOWN => DISLIKE,
        _ => REACTION,
    }
}

/// The type of something of ours.
pub(crate) fn of(own: &Own) -> Option<&'static str> {
    match own {
        Own::User(_) => Some(USER),
        Own::Note(_) => Some(NOTE),
        Own::Room(_) => Some(GROUP),
        Own::Reaction { reaction, .. } => Some(of_reaction(reaction)),
        Own::House | Own::Unknown => None,
    }
}

/// Whether a text can be a type: a word, or one in a namespace.
pub(crate) fn is_kind(text: &str) -> bool {
    text.len() <= KIND_BYTES && (is_word(text) || is_namespaced(text))
}

/// `reverse.domain:snake_name/PascalName` (versia.md, section 4.1).
pub(crate) fn is_namespaced(text: &str) -> bool {
    text.len() <= KIND_BYTES && text.split_once('/').is_some_and(|(space, name)| is_space(space) && is_word(name))
}

/// `reverse.domain:snake_name`.
pub(crate) fn is_space(text: &str) -> bool {
    let low = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    text.split_once(':').is_some_and(|(domain, name)| {
        let labels = domain.bytes().all(|byte| low(byte) || byte == b'.');
        !domain.is_empty() && labels && !name.is_empty() && name.bytes().all(low)
    })
}

/// Letters, digits, `_` and `-`: a name, too (versia.md, section 4.3).
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
