//! A town: a real server with a name of its own that others know, which stays the same while the server behind it is killed and started again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Answer, Ask, Flow, PATIENCE, begin, request};
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
    /// How this server is configured other than every town's is.
    variables: Vec<(&'static str, &'static str)>,
    /// Whether it runs in conformance mode.
    lenient: bool,
}

impl Town {
    /// Founds a town, and starts its server. The seed is that of its proxy.
    pub async fn found(binary: &Path, seed: u64) -> Result<Self> {
        Self::found_with(binary, seed, &[]).await
    }

    /// As [`Town::found`], with these variables.
    pub async fn found_with(binary: &Path, seed: u64, variables: &[(&'static str, &'static str)]) -> Result<Self> {
        Self::settle(binary, seed, variables.to_vec(), true).await
    }

    /// As [`Town::found_with`], without conformance mode, which overrides some of what variables say.
    pub async fn found_plain(binary: &Path, seed: u64, variables: &[(&'static str, &'static str)]) -> Result<Self> {
        let variables = [variables, &[("QUINTET_FEDERATION_LOOPBACK", "true")]].concat();
        Self::settle(binary, seed, variables, false).await
    }

    async fn settle(
        binary: &Path,
        seed: u64,
        variables: Vec<(&'static str, &'static str)>,
        lenient: bool,
    ) -> Result<Self> {
        let (data, proxy) = (tempfile::tempdir()?, Proxy::open(seed).await?);
        let mut town = Self { binary: binary.to_owned(), data, proxy, process: None, variables, lenient };
        town.start().await?;
        Ok(town)
    }

    /// Starts the server, on the data that it had.
    pub async fn start(&mut self) -> Result<()> {
        let origin = self.proxy.origin();
        let keys = API_KEY.to_owned();
        let mut variables =
            vec![("QUINTET_ORIGIN", origin.as_str()), ("QUINTET_API_KEYS", &keys), ("QUINTET_LOG_LEVEL", "warn")];
        variables.extend(&self.variables);
        let process = if self.lenient {
            Process::start_with(&self.binary, self.data.path(), &variables).await?
        } else {
            Process::start_plain(&self.binary, self.data.path(), &variables).await?
        };
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

    /// What a command prints to its operator. Fails as the command does.
    pub async fn command(&self, words: &[&str]) -> Result<String> {
        let mut command = tokio::process::Command::new(&self.binary);
        let output = command.args(words).arg("--data").arg(self.data.path()).output().await?;
        ensure!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
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
    /// Where the server listens, behind its proxy.
    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// One call of the server API, whatever comes of it.
    pub async fn try_ask(&self, method: &str, path: &str, body: Value) -> Result<Answer> {
        self.ask_with(API_KEY, method, &format!("/quintet/v1{path}"), body).await
    }

    /// One request with a Bearer token.
    pub async fn ask_with(&self, token: &str, method: &str, path: &str, body: Value) -> Result<Answer> {
        let headers =
            vec![("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        request(self.address, Ask { method, path, headers, body }).await
    }

    /// A token of a user, as its clients have one.
    pub async fn token(&self, name: &str, password: &str) -> Result<String> {
        let login = json!({ "username": name, "password": password });
        let answer = self.ask_with("", "POST", "/api/tokens", login).await?.json()?;
        Ok(answer["token"].as_str().with_context(|| format!("no token: {answer}"))?.to_owned())
    }

    /// One call of the server API, which must succeed.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        let answer = self.try_ask(method, path, body).await?;
        ensure!(answer.status / 100 == 2, "{method} {path}: {} {:?}", answer.status, answer.body);
        if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
    }

    /// What is said on the topics of a pattern from now on, as lines of JSON.
    pub async fn tail(&self, pattern: &str) -> Result<Flow> {
        let path = format!("/quintet/v1/tail?pattern={pattern}");
        let headers = vec![("authorization", format!("Bearer {API_KEY}"))];
        Ok(begin(self.address, Ask { method: "GET", path: &path, headers, body: Bytes::new() }).await?.1)
    }

    /// Asks until the answer is as it should be: again whenever something is said on a topic, or came to nothing that is said. Fails where it stays otherwise.
    pub async fn until(&self, topic: &str, path: &str, holds: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut tail = self.tail(topic).await?;
        let asking = async {
            loop {
                let answer = self.ask("GET", path, Value::Null).await?;
                if holds(&answer) {
                    return Ok(answer);
                }
                // Not everything that changes an answer is said.
                let _ = tokio::time::timeout(Duration::from_millis(200), tail.next()).await;
            }
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(answer) => answer,
            Err(_) => bail!("{path} stays {}", self.ask("GET", path, Value::Null).await?),
        }
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
