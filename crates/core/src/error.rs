//! The one error of the house: a kind from a closed table, a sentence for the peer, a cause for the log.

use std::error::Error as StdError;
use std::fmt;

use serde_json::value::RawValue;

/// What went wrong, in the one table that every room translates from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The input cannot be understood or is not allowed as it stands.
    BadMessage,
    /// Nobody is logged in, or the credential does not hold.
    Unauthenticated,
    /// Known, but without the right.
    Forbidden,
    /// No such thing, or not visible to the one who asks.
    NotFound,
    /// Something else already has this name or place.
    Conflict,
    /// Larger than a bound allows.
    TooLarge,
    /// Made against a state that has passed.
    Stale,
    /// More often than a bound allows.
    TooMany,
    /// Our fault; the cause is in the log only.
    Internal,
    /// Not now: shutting down, full, or a part is away.
    Unavailable,
    /// The peer does not read what it is sent; closes the connection.
    Slow,
}

impl Kind {
    /// Every kind, in table order.
    pub const ALL: [Self; 11] = [
        Self::BadMessage,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::TooLarge,
        Self::Stale,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
        Self::Slow,
    ];

    /// The HTTP status that rooms use unless their protocol has another.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadMessage => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Stale => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable | Self::Slow => 503,
        }
    }

    /// The WebSocket close code where this kind ends a connection (RFC 6455 section 7.4.1, IANA registry).
    pub const fn close_code(self) -> u16 {
        match self {
            Self::BadMessage => 1002,
            Self::TooLarge => 1009,
            Self::Internal => 1011,
            Self::Unavailable => 1001,
            Self::TooMany | Self::Slow => 1013,
            _ => 1008,
        }
    }

    /// The kind that is nearest to an HTTP status; what is no error is our fault.
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            422 => Self::Stale,
            429 => Self::TooMany,
            400..=499 => Self::BadMessage,
            502..=504 => Self::Unavailable,
            _ => Self::Internal,
        }
    }

    /// What is said where nobody says more: what a procedure failed with, without a message for its caller.
    pub const fn neutral(self) -> &'static str {
        match self {
            Self::BadMessage => "bad request",
            Self::Unauthenticated => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too large",
            Self::Stale => "not valid",
            Self::TooMany => "too many requests",
            Self::Internal => "internal error",
            Self::Unavailable | Self::Slow => "not available at the moment",
        }
    }

    /// The stable name in logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadMessage => "bad_message",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::Stale => "stale",
            Self::TooMany => "too_many",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Slow => "slow",
        }
    }
}

/// An error with two halves: `public` may be shown to a peer, `source` goes to the log only.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    public: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    detail: Option<Box<Detail>>,
}

/// What few errors have: those of procedures and of payloads.
#[derive(Debug, Default)]
struct Detail {
    status: Option<u16>,
    fields: Vec<FieldError>,
    data: Option<Box<RawValue>>,
}

/// What is wrong with one field of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Its name in JSON; of a nested one the path, joined by dots.
    pub field: String,
    /// Such as `topic is required`.
    pub error: String,
}

impl FieldError {
    /// `<field> is required`.
    pub fn required(field: &str) -> Self {
        Self { field: field.to_owned(), error: format!("{field} is required") }
    }

    /// `<field> must be one of a,b,c`.
    pub fn one_of(field: &str, choices: &[&str]) -> Self {
        Self { field: field.to_owned(), error: format!("{field} must be one of {}", choices.join(",")) }
    }

    /// `<field> failed for <rule>`.
    pub fn failed(field: &str, rule: &str) -> Self {
        Self { field: field.to_owned(), error: format!("{field} failed for {rule}") }
    }
}

impl Error {
    /// An error that the peer caused; `public` is lowercase, specific, and says what to do.
    pub fn new(kind: Kind, public: impl Into<String>) -> Self {
        Self { kind, public: public.into(), source: None, detail: None }
    }

    /// What is wrong with the fields of a payload; there is one at least.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let public = fields.first().map_or_else(|| "the payload is not valid".to_owned(), |first| first.error.clone());
        let mut error = Self::bad_message(public);
        error.detail.get_or_insert_default().fields = fields;
        error
    }

    /// Our own fault: the peer learns only that, the log learns `source`.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, "internal error").because(source)
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// With an HTTP status of its own instead of that of its kind: for what a procedure says.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.detail.get_or_insert_default().status = Some(status);
        self
    }

    /// With something that only the room for which the procedure was made understands.
    #[must_use]
    pub fn with_data(mut self, data: Box<RawValue>) -> Self {
        self.detail.get_or_insert_default().data = Some(data);
        self
    }

    /// With what is wrong with single fields.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.detail.get_or_insert_default().fields = fields;
        self
    }

    /// The HTTP status: its own, or that of its kind.
    pub fn status(&self) -> u16 {
        self.detail.as_ref().and_then(|detail| detail.status).unwrap_or(self.kind.status())
    }

    /// What is wrong with single fields of the payload.
    pub fn fields(&self) -> &[FieldError] {
        self.detail.as_ref().map_or(&[], |detail| &detail.fields)
    }

    /// What only one room understands.
    pub fn data(&self) -> Option<&RawValue> {
        self.detail.as_ref()?.data.as_deref()
    }

    /// Which row of the table.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The half that a peer may see.
    pub fn public(&self) -> &str {
        &self.public
    }
}

/// One constructor per kind that peers cause often.
macro_rules! constructors {
    ($($name:ident $kind:ident)*) => {
        impl Error {
            $(
                #[doc = concat!("An error of kind [`Kind::", stringify!($kind), "`].")]
                pub fn $name(public: impl Into<String>) -> Self {
                    Self::new(Kind::$kind, public)
                }
            )*
        }
    };
}

constructors! {
    bad_message BadMessage
    unauthenticated Unauthenticated
    forbidden Forbidden
    not_found NotFound
    conflict Conflict
    too_large TooLarge
    too_many TooMany
    unavailable Unavailable
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.public)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_half_never_shows_the_cause() {
        let error = Error::internal("disk on fire at sector 7");
        assert_eq!(error.to_string(), "internal: internal error");
        assert_eq!(error.source().unwrap().to_string(), "disk on fire at sector 7");
    }

    #[test]
    fn every_status_has_a_kind_with_that_status_where_there_is_one() {
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Slow) {
            assert_eq!(Kind::of_status(kind.status()), kind);
        }
        assert_eq!(Kind::of_status(418), Kind::BadMessage);
        assert_eq!(Kind::of_status(504), Kind::Unavailable);
        assert_eq!(Kind::of_status(200), Kind::Internal);
        assert_eq!(Error::new(Kind::BadMessage, "no coffee").with_status(418).status(), 418);
        assert_eq!(Error::not_found("x").status(), 404);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
