//! An endpoint: one URL that is asked by signed POSTs.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use quintet_core::limits::size;
use quintet_core::procedure::Order;
use quintet_core::time::Clock;
use quintet_core::{Error, Limits};

use super::answer;
use super::client::Client;
use super::question::Question;
use super::signature::Signer;
use crate::config::Procedure;

/// How long to wait before each further attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(200)];

/// Where calls are answered.
pub(super) struct Endpoint {
    url: Uri,
    signer: Signer,
    idempotent: bool,
    largest: usize,
    client: Client,
    clock: Clock,
}

/// Why there is no answer.
pub(super) enum Failure {
    /// The connection was not to be had, or broke.
    Lost(Error),
    /// Somebody is there, but another attempt would not help.
    Useless(Error),
}

impl Endpoint {
    /// As it is configured; `None` without a URL or a secret.
    pub(super) fn new(procedure: &Procedure, limits: &Limits, client: Client, clock: Clock) -> Option<Self> {
        Some(Self {
            url: procedure.url.as_ref()?.uri().clone(),
            signer: Signer::new(procedure.secret.as_ref()?),
            idempotent: procedure.idempotent,
            largest: size(limits.webhook_bytes),
            client,
            clock,
        })
    }

    /// Has a call answered: again where that is allowed and the connection fails.
    pub(super) async fn ask(&self, order: &Order) -> Result<(StatusCode, Bytes), Failure> {
        let id = fresh_id().map_err(Failure::Useless)?;
        let further = if self.idempotent { &PAUSES[..] } else { &[] };
        for (attempt, pause) in (order.attempt..).zip(further) {
            match self.attempt(&id, order, attempt).await {
                Err(Failure::Lost(error)) => {
                    tracing::debug!(source = error.source(), attempt, "a call of a webhook is made again");
                    tokio::time::sleep(*pause).await;
                }
                answered => return answered,
            }
        }
        let made = u32::try_from(further.len()).unwrap_or(u32::MAX);
        self.attempt(&id, order, order.attempt.saturating_add(made)).await
    }

    async fn attempt(&self, id: &str, order: &Order, attempt: u32) -> Result<(StatusCode, Bytes), Failure> {
        let name = &*order.invocation.name;
        let request = self.request(&Question::new(id, order, attempt)).map_err(Failure::Useless)?;
        match self.client.request(request).await {
            Ok(response) => self.collect(name, response).await,
            Err(error) => {
                let what = if error.is_connect() { "cannot be reached" } else { "did not answer" };
                Err(Failure::Lost(Error::unavailable(format!("{name} {what}, try again soon")).because(error)))
            }
        }
    }

    fn request(&self, question: &Question<'_>) -> Result<Request<Full<Bytes>>, Error> {
        let body = serde_json::to_vec(question).map_err(Error::internal)?;
        let seconds = (self.clock)().seconds();
        Request::builder()
            .method(Method::POST)
            .uri(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("quintet/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", question.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", self.signer.sign(question.id, seconds, &body))
            .body(Full::new(body.into()))
            .map_err(Error::internal)
    }

    async fn collect(&self, name: &str, response: http::Response<Incoming>) -> Result<(StatusCode, Bytes), Failure> {
        let status = response.status();
        match Limited::new(response.into_body(), self.largest).collect().await {
            Ok(body) => Ok((status, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => {
                let most = self.largest;
                Err(Failure::Useless(answer::unusable(format!("{name} answered more than {most} bytes"))))
            }
            Err(error) => Err(Failure::Lost(
                Error::unavailable(format!("{name} broke off its answer, try again soon")).because(error),
            )),
        }
    }
}

/// A name for a call that no other call has.
fn fresh_id() -> Result<String, Error> {
    let mut fresh = [0; 16];
    getrandom::fill(&mut fresh).map_err(Error::internal)?;
    Ok(format!("call_{:032x}", u128::from_be_bytes(fresh)))
}
