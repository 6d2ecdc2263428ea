//! `[[procedure]]`: procedures that others answer over HTTP.

use quintet_core::procedure::{Claim, check_name};

use super::setting::{Setting, Value, quoted};
use super::{Period, SigningKey, WebhookUrl};

/// The name of these tables.
pub(super) const LISTED: &str = "procedure";

/// How variables begin that look as if they set something in these tables.
pub(super) const PREFIX: &str = "QUINTET_PROCEDURE_";

section! {
    /// Procedures that a program of yours answers over HTTP: one table like this for each, in this file only.
    /// A call is a POST of `{"id", "name", "payload", "actor", "connection", "attempt"}`, signed as <https://www.standardwebhooks.com> says;
    /// the JSON that is answered with 2xx is the result, `{"message", "status"?, "fieldErrors"?}` with another status an error.
    Procedure in "procedure" {
        /// Its name, as in `"orders:create"`, or a family of names, as in `"billing:*"`. Nobody else can run one of these then; the server's own are taken.
        name: String = String::new();
        /// Where it is answered, as in `"https://billing.example.org/calls"`.
        url: Option<WebhookUrl> = None;
        /// How long an answer may take: a number with s, m, h, d or w; `limits.procedure_seconds` where it is empty.
        timeout: Option<Period> = None;
        /// The secret of the signature: 24 or more bytes as base64, perhaps behind `whsec_`, as `openssl rand -base64 32` makes it.
        secret: Option<SigningKey> = None;
        /// What callers must be, asked in this order: `"authenticated"`, `"unauthenticated"`, `"websocket"`, `"not-websocket"`, `"of-type:KIND"`, `"admin"`.
        claims: Vec<Claim> = vec![Claim::Authenticated];
        /// Calls at once; further ones wait. 0 is without such a bound.
        concurrency: u64 = 0;
        /// Whether a call may be made again when the connection fails.
        idempotent: bool = false;
        /// What it does, for people.
        description: Option<String> = None;
    }
}

impl Procedure {
    /// What is wrong with the whole of it.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.name.is_empty() {
            problems.push("procedure.name is missing; give it one, as in \"billing:*\"".to_owned());
        } else if let Err(error) = check_name(&self.name, true) {
            problems.push(format!("procedure.name: {}", error.public()));
        }
        if self.url.is_none() {
            problems.push("procedure.url is missing; say where it is answered".to_owned());
        }
        if self.secret.is_none() {
            problems.push("procedure.secret is missing; make one with `openssl rand -base64 32`".to_owned());
        }
        if u32::try_from(self.concurrency).is_err() {
            problems.push("procedure.concurrency: expected 4294967295 or fewer; 0 is without such a bound".to_owned());
        }
        problems
    }
}

impl Setting for Claim {
    fn read(value: &Value) -> Result<Self, String> {
        value.text("a claim")?.parse().map_err(|error: quintet_core::Error| error.public().to_owned())
    }

    fn literal(&self) -> String {
        quoted(&self.to_string())
    }
}
