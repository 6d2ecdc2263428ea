//! A house of one's own: a server in this process, with a fresh SQLite database on a free loopback port.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use quintet::config::Config;
use quintet::{Builder, Running, Server};
use quintet_core::identity::Secret;
use quintet_core::procedure::Report;
use quintet_core::{Answer, Call, Identity, Limits, Origin};
use quintet_hub::{Caller, Hub};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{self, Ask, request};
use crate::process::ADMIN_PASSWORD;

/// Opens the server API of every house.
pub const API_KEY: &str = "key-of-every-test";

/// What is special about a house.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Limits other than the usual ones, by name.
    pub limits: BTreeMap<String, u64>,
    /// Whether other servers on this machine may be its peers.
    pub federation: bool,
}

impl Plan {
    fn limits(&self) -> Result<Limits> {
        let mut limits = Limits::default();
        for (name, value) in &self.limits {
            ensure!(limits.set(name, *value), "there is no limit {name}");
        }
        Ok(limits)
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct User {
    /// The user's number.
    pub id: u64,
    /// A token.
    pub token: String,
    /// The username.
    pub name: String,
}

/// A running server, and the directory that it lives in.
pub struct House {
    running: Running,
    url: String,
    /// Removed when the house is dropped.
    data: TempDir,
}

impl House {
    /// Opens a house.
    pub async fn open(plan: Plan) -> Result<Self> {
        Self::open_with(plan, |builder| builder).await
    }

    /// Opens a house with what `more` adds to the server.
    pub async fn open_with(plan: Plan, more: impl FnOnce(Builder) -> Builder) -> Result<Self> {
        Self::open_in(tempfile::tempdir()?, &plan, more).await
    }

    async fn open_in(data: TempDir, plan: &Plan, more: impl FnOnce(Builder) -> Builder) -> Result<Self> {
        let mut config = Config::default();
        config.api.keys.push(Secret::new(API_KEY));
        config.federation.loopback = plan.federation;
        let builder = Server::builder()
            .config(config)
            .listen((Ipv4Addr::LOCALHOST, 0).into())
            .data(data.path())
            .limits(plan.limits()?)
            .admin_password(ADMIN_PASSWORD);
        let running = more(builder).start().await?;
        let url = running.url();
        Ok(Self { running, url, data })
    }

    /// Closes it, and opens another with the same data.
    pub async fn open_again(self) -> Result<Self> {
        self.running.shutdown().await;
        Self::open_in(self.data, &Plan::default(), |builder| builder).await
    }

    /// The hall behind its door.
    pub fn hub(&self) -> &Arc<Hub> {
        self.running.hub()
    }

    /// Calls a procedure through the server API, as the house.
    pub async fn call(&self, name: &str) -> Result<client::Answer> {
        self.calling(name).await
    }

    /// As [`House::call`], for whoever goes on meanwhile.
    pub fn calling(&self, name: &str) -> impl Future<Output = Result<client::Answer>> + Send + use<> {
        let (address, path) = (self.address(), format!("/quintet/v1/call/{name}"));
        let headers = vec![("authorization", format!("Bearer {API_KEY}"))];
        async move { request(address, Ask { method: "POST", path: &path, headers, body: Bytes::new() }).await }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.addr()
    }

    /// Its URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The admin, logged in.
    pub async fn admin(&self) -> Result<User> {
        self.log_in("admin", ADMIN_PASSWORD).await
    }

    /// A new user with the password `NAME-secret`, logged in.
    pub async fn user(&self, name: &str) -> Result<User> {
        let password = format!("{name}-secret");
        let body = json!({ "username": name, "password": password });
        self.ask_json("POST", "/api/users/register", None, Some(body)).await?;
        self.log_in(name, &password).await
    }

    async fn log_in(&self, name: &str, password: &str) -> Result<User> {
        let body = json!({ "username": name, "password": password });
        let answer = self.ask_json("POST", "/api/tokens", None, Some(body)).await?;
        let token = answer["token"].as_str().with_context(|| format!("no token for {name}: {answer}"))?.to_owned();
        let own = self.ask_json("GET", "/api/self", Some(&token), None).await?;
        let id = own["id"].as_u64().with_context(|| format!("no number for {name}: {own}"))?;
        Ok(User { id, token, name: name.to_owned() })
    }

    /// The number of the channel that everybody finds.
    pub async fn general(&self, user: &User) -> Result<u64> {
        let server = self.ask_json("GET", "/api/server", Some(&user.token), None).await?;
        server["defaultChannelId"].as_u64().with_context(|| format!("no default channel: {server}"))
    }

    /// Its origin, as it stands in every URL that it gives out.
    pub fn origin(&self) -> &Origin {
        self.running.origin()
    }

    /// The secret of a user's agent, as Atomic clients take it: what `quintet agent root` prints for an admin.
    pub async fn agent_secret(&self, username: &str) -> Result<String> {
        match self.order(Call::AgentSecret(username.to_owned())).await? {
            Answer::AgentSecret { secret, subject } => {
                let secret = json!({ "subject": subject.as_str(), "privateKey": STANDARD.encode(secret.0) });
                Ok(STANDARD.encode(secret.to_string()))
            }
            other => bail!("no secret for {username}: {other:?}"),
        }
    }

    /// A token for workers of this name: what `quintet token --worker NAME` prints.
    pub async fn worker_token(&self, name: &str) -> Result<String> {
        match self.order(Call::IssueWorkerToken { name: name.to_owned(), ttl: None }).await? {
            Answer::WorkerToken(token) => Ok(token.expose().to_owned()),
            other => bail!("no token for the worker {name}: {other:?}"),
        }
    }

    /// The procedures of the house, and how they do: what `quintet procedures` shows.
    pub async fn procedures(&self) -> Result<Vec<Report>> {
        match self.order(Call::Procedures).await? {
            Answer::Procedures(procedures) => Ok(procedures),
            other => bail!("no procedures: {other:?}"),
        }
    }

    /// Asks as the house itself does.
    async fn order(&self, call: Call) -> Result<Answer> {
        let address = Ipv4Addr::LOCALHOST.into();
        let caller = Caller { identity: Identity::House, via: "api".into(), address, local: true, socket: false };
        Ok(self.running.hub().call(&caller, call).await?)
    }

    /// Makes one HTTP request.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: Vec<(&str, String)>,
        body: Bytes,
    ) -> Result<client::Answer> {
        request(self.address(), Ask { method, path, headers, body }).await
    }

    /// A request that must succeed, with JSON both ways.
    pub async fn ask_json(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Result<Value> {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.ask(method, path, headers, body.into()).await?;
        ensure!(answer.status / 100 == 2, "{method} {path}: {} {:?}", answer.status, answer.body);
        answer.json()
    }

    /// Closes it.
    pub async fn close(self) -> Result<()> {
        self.running.shutdown().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_limit_is_an_error() {
        let plan = |name: &str| Plan { limits: [(name.to_owned(), 3)].into(), ..Plan::default() };
        assert_eq!(plan("rooms").limits().expect("it is there").rooms, 3);
        assert!(plan("doors").limits().is_err());
    }
}
