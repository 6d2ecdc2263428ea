//! Claims: what an actor must be to call a procedure.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::actor::{Actor, ActorKind};
use crate::error::Error;

/// What an actor must be to call a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A user is logged in, or the house calls.
    Authenticated,
    /// Nobody is logged in.
    Unauthenticated,
    /// Over a socket.
    Websocket,
    /// Not over a socket.
    NotWebsocket,
    /// By the way of this name: see [`ActorKind::name`].
    OfType(Arc<str>),
    /// Somebody who may do everything.
    Admin,
}

impl Claim {
    /// Whether an actor is that: `Unauthenticated` or `Forbidden` if not, in the words of flamigo.md, section 5.2.
    pub fn check(&self, actor: &Actor) -> Result<(), Error> {
        let known = actor.user.is_some() || actor.kind == ActorKind::Backend;
        match self {
            Self::Authenticated if !known => Err(Error::unauthenticated("actor is not authenticated")),
            Self::Unauthenticated if known => Err(Error::forbidden("actor is authenticated")),
            Self::Websocket if actor.kind != ActorKind::Websocket => {
                Err(Error::forbidden("actor is not a websocket actor"))
            }
            Self::NotWebsocket if actor.kind == ActorKind::Websocket => {
                Err(Error::forbidden("actor is a websocket actor"))
            }
            Self::OfType(kind) if **kind != *actor.kind.name() => {
                Err(Error::forbidden("actor does not fullfill the required type"))
            }
            Self::Admin if !actor.admin => Err(Error::forbidden("actor does not have permission")),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticated => f.write_str("authenticated"),
            Self::Unauthenticated => f.write_str("unauthenticated"),
            Self::Websocket => f.write_str("websocket"),
            Self::NotWebsocket => f.write_str("not-websocket"),
            Self::OfType(kind) => write!(f, "of-type:{kind}"),
            Self::Admin => f.write_str("admin"),
        }
    }
}

impl FromStr for Claim {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "authenticated" => Self::Authenticated,
            "unauthenticated" => Self::Unauthenticated,
            "websocket" => Self::Websocket,
            "not-websocket" => Self::NotWebsocket,
            "admin" => Self::Admin,
            _ => match text.strip_prefix("of-type:") {
                Some(kind) if !kind.is_empty() => Self::OfType(kind.into()),
                _ => {
                    return Err(Error::bad_message(format!(
                        "{text:?} is no claim: use authenticated, unauthenticated, websocket, not-websocket, of-type:KIND or admin"
                    )));
                }
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::procedure::Caller;

    fn actor(kind: ActorKind, user: bool, admin: bool) -> Actor {
        Actor { kind, user: user.then(|| Caller { id: Id::PUBLIC, username: "kim".into() }), admin }
    }

    #[test]
    fn claims_are_checked_as_the_page_says() {
        use ActorKind::{Backend, Http, Websocket};
        // Claim, and whether it holds for: a user's socket, nobody's socket, a user's request, the house.
        let table = [
            ("authenticated", [true, false, true, true]),
            ("unauthenticated", [false, true, false, false]),
            ("websocket", [true, true, false, false]),
            ("not-websocket", [false, false, true, true]),
            ("of-type:http", [false, false, true, false]),
            ("admin", [false, false, false, true]),
        ];
        let actors = [
            actor(Websocket, true, false),
            actor(Websocket, false, false),
            actor(Http, true, false),
            actor(Backend, false, true),
        ];
        for (text, expected) in table {
            let claim: Claim = text.parse().unwrap();
            assert_eq!(claim.to_string(), text);
            assert_eq!([0, 1, 2, 3].map(|index| claim.check(&actors[index]).is_ok()), expected, "{text}");
        }
        assert!("of-type:".parse::<Claim>().is_err());
        assert!("root".parse::<Claim>().is_err());
    }
}
