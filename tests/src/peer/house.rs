//! Houses, as a peer knows them: what they say of themselves, and whose keys are whose.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Who;
use crate::client::{Ask, request};

/// The inbox of everybody in 0.6.
const NEW_INBOX: &str = "/.versia/v0.6/inbox";
/// What a house must offer.
const WEBSOCKETS: &str = "pub.versia:websockets";

/// Another server that was asked who it is.
#[derive(Clone, Debug)]
pub struct House {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its name.
    pub host: String,
    /// The path of its shared inbox.
    pub shared_inbox: String,
    /// The path of its sockets; empty where it offers none.
    pub socket: String,
    /// Its public key.
    pub key: String,
}

impl House {
    /// Reads its metadata.
    pub async fn meet(address: SocketAddr) -> Result<Self> {
        let metadata = document(address, "/.well-known/versia").await?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let host = text(&metadata["host"]).context("the metadata has no host")?;
        let endpoint = text(&metadata["extensions"][WEBSOCKETS]["endpoint"]).unwrap_or_default();
        let shared = text(&metadata["shared_inbox"]).context("the metadata has no shared inbox")?;
        let key = text(&metadata["public_key"]["key"]).context("the metadata has no key")?;
        Ok(Self { address, shared_inbox: path_of(&shared), socket: path_of(&endpoint), host, key })
    }

    /// The URI of a user.
    pub fn user(&self, id: u64) -> String {
        format!("http://{}/users/{id}", self.host)
    }

    /// Where things that are signed so are posted.
    pub fn inbox(&self, who: Who) -> &str {
        if who == Who::Domain { NEW_INBOX } else { &self.shared_inbox }
    }
}

/// The public key of whoever signed so, from where it is published.
pub(crate) async fn key_of(signed_by: &str) -> Result<String> {
    let (host, path) = if let Some(host) = signed_by.strip_prefix("instance ") {
        (host, "/.well-known/versia".to_owned())
    } else if let Some(rest) = signed_by.strip_prefix("http://") {
        (rest.split('/').next().unwrap_or_default(), path_of(signed_by))
    } else {
        (signed_by, "/.versia/v0.6/instance".to_owned())
    };
    let address: SocketAddr = host.parse().with_context(|| format!("not an address of this machine: {signed_by}"))?;
    let found = document(address, &path).await?;
    found["public_key"]["key"].as_str().map(str::to_owned).with_context(|| format!("no key of {signed_by}: {found}"))
}

async fn document(address: SocketAddr, path: &str) -> Result<Value> {
    let answer = request(address, Ask { path, ..Ask::default() }).await?;
    ensure!(answer.status == 200, "{path}: {} {:?}", answer.status, answer.body);
    answer.json()
}

/// The path of a URL; empty for an empty one.
fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/').map(|at| rest[at..].to_owned()).unwrap_or_default()
}
