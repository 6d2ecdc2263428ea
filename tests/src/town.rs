//! A town: a real server with a name of its own that others know, which stays the same while the server behind it is killed and started again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Ask, Flow, begin, request};
use crate::process::Process;
use crate::proxy::Proxy;

/// Opens the server API of every town.
const API_KEY: &str = "key-of-every-town";

/// A server behind a proxy.
pub struct Town {
    binary: PathBuf,
    data: TempDir,
    proxy: Proxy,
    process: Option<Process>,
    /// What its server is configured with beside the usual.
    settings: Vec<(&'static str, &'static str)>,
}

impl Town {
    /// Founds a town, and starts its server. The seed is that of its proxy.
    pub async fn found(binary: &Path, seed: u64) -> Result<Self> {
        Self::found_with(binary, seed, &[]).await
    }

    /// As [`Town::found`], with further variables for its server.
    pub async fn found_with(binary: &Path, seed: u64, settings: &[(&'static str, &'static str)]) -> Result<Self> {
        let (data, proxy) = (tempfile::tempdir()?, Proxy::open(seed).await?);
        let mut town = Self { binary: binary.to_owned(), data, proxy, process: None, settings: settings.to_vec() };
        town.start().await?;
        Ok(town)
    }

    /// Starts the server, on the data that it had.
    pub async fn start(&mut self) -> Result<()> {
        let origin = self.proxy.origin();
        let keys = API_KEY.to_owned();
        let mut variables =
            vec![("QUINTET_ORIGIN", origin.as_str()), ("QUINTET_API_KEYS", &keys), ("QUINTET_LOG_LEVEL", "warn")];
        variables.extend(&self.settings);
        let process = Process::start_with(&self.binary, self.data.path(), &variables).await?;
        self.proxy.lead_to(Some(process.address()));
        self.process = Some(process);
        Ok(())
    }

    /// Kills the server as a power cut would.
    pub async fn kill(&mut self) -> Result<()> {
        self.proxy.lead_to(None);
        self.proxy.cut();
        self.process.take().context("it runs")?.kill().await
    }

    /// By what name others know it.
    pub fn host(&self) -> String {
        self.proxy.address().to_string()
    }

    /// What stands between it and the others.
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Whom to ask: nothing that may be killed is borrowed.
    pub fn counter(&self) -> Result<Counter> {
        Ok(Counter { address: self.process.as_ref().context("it does not run")?.address() })
    }

    /// A new user.
    pub async fn user(&self, name: &str) -> Result<()> {
        let login = json!({ "username": name, "password": format!("{name}-secret") });
        let headers = vec![("content-type", "application/json".to_owned())];
        let ask = Ask { method: "POST", path: "/api/users/register", headers, body: login.to_string().into() };
        let answer = request(self.counter()?.address, ask).await?;
        ensure!(answer.status / 100 == 2, "{name} could not register: {} {:?}", answer.status, answer.body);
        Ok(())
    }
}

/// Where the orders of a town's operator are taken.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    address: std::net::SocketAddr,
}

impl Counter {
    /// Where its server listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// One call of the server API, which must succeed.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        let path = format!("/quintet/v1{path}");
        let headers =
            vec![("authorization", format!("Bearer {API_KEY}")), ("content-type", "application/json".to_owned())];
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let answer = request(self.address, Ask { method, path: &path, headers, body }).await?;
        ensure!(answer.status / 100 == 2, "{method} {path}: {} {:?}", answer.status, answer.body);
        if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
    }

    /// What is said on the topics of a pattern from now on, as lines of JSON.
    pub async fn tail(&self, pattern: &str) -> Result<Flow> {
        let path = format!("/quintet/v1/tail?pattern={pattern}");
        let headers = vec![("authorization", format!("Bearer {API_KEY}"))];
        Ok(begin(self.address, Ask { method: "GET", path: &path, headers, body: Bytes::new() }).await?.1)
    }

    /// Every entity of a type that came from a host, the oldest first.
    pub async fn entities(&self, host: &str, kind: &str) -> Result<Vec<Value>> {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let page = self.ask("GET", &format!("/entities?host={host}&limit=200{before}"), Value::Null).await?;
            let entities = page["entities"].as_array().context("a list")?;
            all.extend(entities.iter().filter(|entity| entity["type"] == kind).cloned());
            match page["next"].as_u64() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        all.reverse();
        Ok(all)
    }
}
