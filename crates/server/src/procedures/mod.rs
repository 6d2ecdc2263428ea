//! Procedures that others answer over HTTP: webhooks, as `[[procedure]]` names them.
//!
//! A call is one POST. Its JSON body is `{"id", "name", "payload", "actor", "connection", "attempt"}`; `actor` and `connection` are as workers get
//! them. It is signed by the scheme of <https://www.standardwebhooks.com>; who answers checks that, in Python for instance:
//!
//! ```python
//! def is_ours(secret, headers, body):  # body: the bytes as they came
//!     key = base64.b64decode(secret.removeprefix("whsec_"))
//!     signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
//!     ours = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
//!     fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
//!     return fresh and hmac.compare_digest(ours, headers["webhook-signature"])
//! ```
//!
//! | answer | becomes |
//! |---|---|
//! | 2xx with JSON | the result, with that status |
//! | 204, or 2xx without a body | `null` |
//! | 4xx, 5xx with `{"message", "status"?, "fieldErrors"?}` | an error with that message, status and fields |
//! | 4xx, 5xx with anything else | an error with a neutral text for the status |
//! | 3xx, a 2xx that is no JSON, more than `Limits::webhook_bytes` | 502 |
//! | nobody there, connection lost | 503, after further attempts where it is idempotent |
//! | nothing in time | 504 |
//!
//! The last two rows, 502, 503 and 504 count against a webhook: after five in a row it is not asked for a while (`breaker`).

mod answer;
mod breaker;
mod client;
mod endpoint;
mod question;
mod signature;
#[cfg(test)]
mod tests;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use quintet_core::Limits;
use quintet_core::procedure::{Offer, Owner};
use quintet_core::time::Clock;
use quintet_hub::procedures::Runner;
use rustls::RootCertStore;

use crate::config::{Config, Period, Procedure, WebhookUrl};
use crate::trust::system_roots;
use client::Client;
use endpoint::Endpoint;
use webhook::Webhook;

/// How much later than a webhook's own time the hall's is over: what is too slow is to be told, and counted, by the webhook itself.
const GRACE: Duration = Duration::from_millis(250);

/// What is registered for one webhook.
pub struct Hook {
    /// Whose the procedure is.
    pub owner: Owner,
    /// The procedure.
    pub offer: Offer,
    /// What answers its calls.
    pub runner: Arc<dyn Runner>,
}

/// The webhooks of a configuration. Reads the system's certificates where one of them is called over TLS.
pub fn webhooks(config: &Config, clock: &Clock) -> Vec<Hook> {
    let mut urls = config.procedures.iter().filter_map(|procedure| procedure.url.as_ref());
    let encrypted = urls.any(WebhookUrl::is_encrypted);
    let client = Client::new(if encrypted { system_roots("calls of webhooks") } else { RootCertStore::empty() });
    config.procedures.iter().filter_map(|procedure| hook(procedure, &config.limits, &client, clock)).collect()
}

/// `None` for a table without a URL or a secret, which no file that was read has.
fn hook(procedure: &Procedure, limits: &Limits, client: &Client, clock: &Clock) -> Option<Hook> {
    let name: Arc<str> = procedure.name.as_str().into();
    let patience = procedure.timeout.map_or(Duration::from_secs(limits.procedure_seconds), Period::duration);
    let endpoint = Endpoint::new(procedure, limits, client.clone(), Arc::clone(clock))?;
    let offer = Offer {
        claims: procedure.claims.clone(),
        timeout: Some(patience + GRACE),
        concurrency: u32::try_from(procedure.concurrency).ok().filter(|places| *places > 0),
        idempotent: procedure.idempotent,
        description: procedure.description.as_deref().map(Into::into),
        ..Offer::new(Arc::clone(&name))
    };
    let webhook = Webhook::new(Arc::clone(&name), endpoint, patience, Arc::clone(clock));
    Some(Hook { owner: Owner::Webhook(name), offer, runner: Arc::new(webhook) })
}
