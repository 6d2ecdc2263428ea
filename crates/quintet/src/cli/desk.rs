//! The desk: where a command asks the server API, whether a server runs or not.

use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use quintet_server::control::socket_path;
use serde_json::Value;
use tokio::net::UnixStream;

use super::client::{Address, Client};
use super::configuration::Configuration;
use super::local::Local;

/// Where the server is.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Where {
    #[command(flatten)]
    pub(crate) configuration: Configuration,
    /// A server elsewhere, as in <https://chat.example.org>; else the data directory's own [env: `QUINTET_URL`]
    // Not `env`: clap would take the variable for a flag that conflicts with `--data`.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(crate) url: Option<String>,
    /// One of its API keys
    #[arg(long, value_name = "KEY", env = "QUINTET_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
}

/// Somebody who answers.
enum Clerk {
    /// A running server, here or elsewhere.
    Server(Box<Client>),
    /// Nobody runs: the data directory is ours for as long as the command takes.
    Data(Box<Local>),
}

/// A call to the server API.
pub(crate) struct Question<'a> {
    /// In capitals.
    pub(crate) method: &'static str,
    /// Below `/quintet/v1`, its segments in clear.
    pub(crate) path: &'a [&'a str],
    /// What is sent along.
    pub(crate) body: Option<Value>,
}

impl Where {
    /// Asks, on a runtime of its own, and gives back the JSON of the answer; `Null` where it is empty.
    pub(crate) fn ask(&self, question: &Question<'_>) -> Result<Value> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut clerk = self.clerk().await?;
            let answer = match &mut clerk {
                Clerk::Server(client) => client.ask(question).await,
                Clerk::Data(local) => local.ask(question).await,
            };
            if let Clerk::Data(local) = clerk {
                local.close().await;
            }
            let (status, body) = answer?;
            read(status, &body)
        })
    }

    async fn clerk(&self) -> Result<Clerk> {
        if let Some(url) = self.elsewhere(std::env::var("QUINTET_URL").ok()) {
            let Some(key) = &self.api_key else { bail!("--url needs --api-key, or QUINTET_API_KEY") };
            let address = Address::parse(&url)?;
            return Ok(Clerk::Server(Box::new(Client::connect(&address, key).await?)));
        }
        let config = self.configuration.load(Vec::new())?.config;
        match control(&config.house.data).await? {
            Some(stream) => Ok(Clerk::Server(Box::new(Client::over(stream, "localhost", None).await?))),
            None => Ok(Clerk::Data(Box::new(Local::open(config).await?))),
        }
    }

    /// The server elsewhere that is meant. A flag goes over the variable, whether it names a server or data.
    fn elsewhere(&self, variable: Option<String>) -> Option<String> {
        let variable = variable.filter(|url| !url.is_empty() && self.configuration.data.is_none());
        self.url.clone().or(variable)
    }
}

/// The control socket, if a server runs there.
async fn control(data: &Path) -> Result<Option<UnixStream>> {
    let path = socket_path(data);
    match UnixStream::connect(&path).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if is_nobody(error.kind()) => Ok(None),
        Err(error) => Err(error).with_context(|| {
            format!("cannot reach the server of {}; only the owner of the directory may", data.display())
        }),
    }
}

/// Whether this error means that no server runs. A socket that a crashed one left behind refuses.
fn is_nobody(error: io::ErrorKind) -> bool {
    matches!(error, io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// The answer's JSON, or its complaint.
fn read(status: u16, body: &[u8]) -> Result<Value> {
    let json: Value = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(body)
            .with_context(|| format!("the server answered {status} with something that is no JSON"))?
    };
    if (200..300).contains(&status) {
        return Ok(json);
    }
    let message = json.get("message").and_then(Value::as_str).unwrap_or("the server gave no reason");
    bail!("{message} ({status})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_over_the_variable() {
        let variable = || Some("http://variable".to_owned());
        let url = Where { url: Some("http://flag".to_owned()), ..Where::default() };
        assert_eq!(url.elsewhere(variable()).as_deref(), Some("http://flag"));
        let data = Configuration { data: Some("d".into()), ..Configuration::default() };
        assert_eq!(Where { configuration: data, ..Where::default() }.elsewhere(variable()), None);
        assert_eq!(Where::default().elsewhere(variable()), variable());
        assert_eq!(Where::default().elsewhere(Some(String::new())), None);
    }

    #[test]
    fn only_some_errors_mean_that_nobody_is_there() {
        use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound, PermissionDenied};
        let table = [(NotFound, true), (ConnectionRefused, true), (PermissionDenied, false), (NotADirectory, false)];
        for (kind, nobody) in table {
            assert_eq!(is_nobody(kind), nobody, "{kind}");
        }
    }

    #[test]
    fn a_complaint_of_the_server_becomes_an_error() {
        assert_eq!(read(204, b"").unwrap(), Value::Null);
        assert_eq!(read(200, b"[1]").unwrap(), serde_json::json!([1]));
        let error = read(404, br#"{"status":404,"message":"there is no user \"x\""}"#).unwrap_err();
        assert_eq!(error.to_string(), "there is no user \"x\" (404)");
        assert!(read(502, b"<html>").unwrap_err().to_string().contains("no JSON"));
    }
}
