//! The server API without a server: straight on the data directory.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::{Result, bail};
use bytes::Bytes;
use quintet::House;
use quintet_core::Origin;
use quintet_core::http::{Head, Request};
use quintet_hub::Hub;
use quintet_server::api;
use quintet_server::config::Config;
use quintet_server::control::Lock;

use super::client::path_of;
use super::question::Question;

/// A house that nobody else can enter.
pub(crate) struct Local {
    hub: Arc<Hub>,
    _lock: Lock,
}

impl Local {
    /// Opens the data directory, unless a server has it, or there is nothing in it.
    pub(crate) async fn open(config: Config) -> Result<Self> {
        let data = &config.house.data;
        if !data.join(quintet::DATABASE).exists() {
            bail!(
                "there is no data in {0}; run `quintet serve --data {0}` first, or name the right directory with --data",
                data.display()
            );
        }
        let lock = Lock::take(data)?;
        let clock = quintet::system_clock();
        let store = quintet::open(data, &config.limits, Arc::clone(&clock))?;
        // Users and tokens are the same wherever it is reached.
        let origin = quintet_server::expected_origin(&config).await.unwrap_or(Origin("http://localhost".to_owned()));
        let started = House { config, store, origin, conformance: false, serving: false, clock }.start().await?;
        Ok(Self { hub: started.hub, _lock: lock })
    }

    /// Asks the API.
    pub(crate) async fn ask(&self, question: &Question<'_>) -> Result<(u16, Bytes)> {
        let (method, query) = (question.method.to_owned(), question.query.clone());
        let head = Head { method, path: path_of(question), query, ..Head::default() };
        let body = question.body.clone().unwrap_or_default();
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let response = api::answer(&self.hub, Request { head, body: body.into() }, here).await;
        Ok((response.status, response.body))
    }

    /// Finishes what is being written.
    pub(crate) async fn close(self) {
        self.hub.shutdown().await;
    }
}
