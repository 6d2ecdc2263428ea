//! Routes: what stands at a path (versia.md, section 3.3).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use quintet_core::federation::desk::List;
use quintet_core::federation::{Form, Own};

use crate::entity::kind;
use crate::{SOCKET, naming};

/// Where operators write to each other.
pub(crate) const MESSAGING: &str = "/.versia/v0.6/messaging";

const METADATA: &str = "/.well-known/versia";
const WEBFINGER: &str = "/.well-known/webfinger";
const SHARED_INBOX: &str = "/inbox";
const REFERENCE: &str = "/.versia/v0.6/";
const INSTANCE: &str = "/.versia/v0.6/instance";
const REFERENCE_INBOX: &str = "/.versia/v0.6/inbox";
const ENTITIES: &str = "/.versia/v0.6/entities/";

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// What the house says of itself.
    Metadata(Form),
    /// Who has a name.
    WebFinger,
    /// Where entities are posted.
    Inbox,
    /// Where operators write.
    Messaging,
    /// Where sockets are opened, asked for without a handshake.
    Socket,
    /// Something of ours; in 0.6 of the type that was asked for.
    Entity(Form, Own, Option<&'static str>),
    /// A list that belongs to it.
    List(Form, Own, List),
}

impl Route {
    /// What stands at a path; `None` for nothing.
    pub(super) fn of(path: &str) -> Option<Self> {
        Some(match path {
            METADATA => Self::Metadata(Form::Uri),
            INSTANCE => Self::Metadata(Form::Reference),
            WEBFINGER => Self::WebFinger,
            SHARED_INBOX | REFERENCE_INBOX => Self::Inbox,
            MESSAGING => Self::Messaging,
            SOCKET => Self::Socket,
            _ => match path.strip_prefix(ENTITIES) {
                Some(rest) => by_reference(rest)?,
                None => by_uri(path)?,
            },
        })
    }

    /// What can be done there.
    pub(super) fn methods(&self) -> &'static str {
        match self {
            Self::Inbox | Self::Messaging => "POST",
            Self::Socket => "GET",
            _ => "GET, HEAD",
        }
    }

    /// Whether a method is one of them.
    pub(super) fn allows(&self, method: &str) -> bool {
        self.methods().split(", ").any(|allowed| allowed == method)
    }
}

/// Whether a path is this room's, whatever stands there: another room answers all others.
pub(super) fn is_ours(path: &str) -> bool {
    let numbered = |prefix: &str| {
        path.strip_prefix(prefix)
            .and_then(|rest| rest.split('/').next())
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(path, METADATA | WEBFINGER | SHARED_INBOX)
        || path.starts_with("/.versia/")
        || ["/users/", "/notes/", "/groups/", "/reactions/"].into_iter().any(numbered)
}

/// Whether a path is one of 0.6.
pub(super) fn is_reference(path: &str) -> bool {
    path.starts_with(REFERENCE)
}

/// `/users/5`, `/users/5/inbox`, `/users/5/outbox`.
fn by_uri(path: &str) -> Option<Route> {
    if let Some(own) = naming::own_at(path) {
        return Some(Route::Entity(Form::Uri, own, None));
    }
    let (whose, name) = path.rsplit_once('/')?;
    let own = naming::own_at(whose)?;
    if name == "inbox" && matches!(own, Own::User(_)) {
        return Some(Route::Inbox);
    }
    let list = list(&own, name)?;
    Some(Route::List(Form::Uri, own, list))
}

/// `User/5`, `pub.versia%3Agroups%2FGroup/5/collections/members`.
fn by_reference(rest: &str) -> Option<Route> {
    let segments: Vec<&str> = rest.split('/').collect();
    let (first, rest) = segments.split_first()?;
    let first = decoded(first)?;
    // A type with a slash is one segment, or two where its sender did not encode it.
    let (kind, rest) = match rest {
        [name, rest @ ..] if first.contains(':') && !first.contains('/') => {
            (kind_of(&format!("{first}/{name}"))?, rest)
        }
        _ => (kind_of(&first)?, rest),
    };
    let [id, rest @ ..] = rest else { return None };
    let own = naming::own_of(kind, &decoded(id)?)?;
    match rest {
        [] => Some(Route::Entity(Form::Reference, own, Some(kind))),
        ["collections", name @ ..] if !name.is_empty() => {
            let list = list_by_reference(&own, &decoded(&name.join("/"))?)?;
            Some(Route::List(Form::Reference, own, list))
        }
        _ => None,
    }
}

fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// A type of things that are served here. Deployed programs have other words for some of them (versia.md, section 3.6).
fn kind_of(spelled: &str) -> Option<&'static str> {
    let served = [kind::USER, kind::NOTE, kind::GROUP, kind::LIKE, kind::DISLIKE, kind::REACTION];
    served.into_iter().find(|served| *served == kind::canonical(spelled))
}

/// A list of 0.5, by the end of its path.
fn list(own: &Own, name: &str) -> Option<List> {
    Some(match (own, name) {
        (Own::Note(_), "likes") => List::Reactions(kind::LIKE),
        (Own::Note(_), "dislikes") => List::Reactions(kind::DISLIKE),
        (Own::Note(_), "reactions") => List::Reactions(kind::REACTION),
        (Own::Note(_), "shares") => List::Reactions(kind::SHARE),
        _ => return plain_list(own, name),
    })
}

/// A list of 0.6, by the name of its collection.
fn list_by_reference(own: &Own, name: &str) -> Option<List> {
    Some(match (own, name) {
        (Own::Note(_), "pub.versia:likes/Likes") => List::Reactions(kind::LIKE),
        (Own::Note(_), "pub.versia:likes/Dislikes") => List::Reactions(kind::DISLIKE),
        (Own::Note(_), "pub.versia:reactions/Reactions") => List::Reactions(kind::REACTION),
        (Own::Note(_), "pub.versia:share/Shares") => List::Reactions(kind::SHARE),
        _ => return plain_list(own, name),
    })
}

/// The lists that have the same name in both forms.
fn plain_list(own: &Own, name: &str) -> Option<List> {
    Some(match (own, name) {
        (Own::User(_), "outbox") | (Own::Room(_), "notes") => List::Notes,
        (Own::User(_), "followers") | (Own::Room(_), "members") => List::Followers,
        (Own::User(_), "following") => List::Following,
        (Own::User(_), "featured") => List::Featured,
        (Own::Note(_), "replies") => List::Replies,
        (Own::Note(_), "quotes") => List::Quotes,
        _ => return None,
    })
}
