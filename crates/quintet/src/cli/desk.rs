//! The desk: where a command asks the server API, whether a server runs or not.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use clap::Args;
use quintet_core::{Origin, Subject};
use quintet_server::config::Config;
use quintet_server::control::socket_path;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use super::client::{Address, Client};
use super::configuration::Configuration;
use super::local::Local;
use super::question::Question;

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

/// The server's complaint about a question.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({status})")]
pub(crate) struct Complaint {
    /// The HTTP status.
    pub(crate) status: u16,
    /// A sentence.
    pub(crate) message: String,
}

/// A desk that one stays at for several questions.
pub(crate) struct Visit {
    runtime: Runtime,
    clerk: Clerk,
}

impl Visit {
    /// Asks, and gives back the JSON of the answer; `Null` where it is empty. A [`Complaint`] where the server refuses.
    pub(crate) fn ask(&mut self, question: &Question<'_>) -> Result<Value> {
        let (status, body) = self.answer(question)?;
        read(status, &body)
    }

    /// As [`Visit::ask`], with the JSON as the server wrote it.
    pub(crate) fn ask_text(&mut self, question: &Question<'_>) -> Result<String> {
        let (status, body) = self.answer(question)?;
        read(status, &body)?;
        Ok(String::from_utf8(body.into())?)
    }

    fn answer(&mut self, question: &Question<'_>) -> Result<(u16, Bytes)> {
        self.runtime.block_on(async {
            match &mut self.clerk {
                Clerk::Server(client) => client.ask(question).await,
                Clerk::Data(local) => local.ask(question).await,
            }
        })
    }

    /// Hears lines, from when it has `begun` until `hear` has enough. A [`Complaint`] where the server refuses.
    pub(crate) fn listen(
        &mut self,
        question: &Question<'_>,
        begun: impl FnOnce(),
        mut hear: impl FnMut(&str) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let Clerk::Server(client) = &mut self.clerk else { bail!("only a server that runs can be listened to") };
        self.runtime.block_on(async {
            let mut lines = match client.listen(question).await? {
                Ok(lines) => lines,
                Err((status, body)) => return read(status, &body).map(drop),
            };
            begun();
            while let Some(line) = lines.next().await? {
                if hear(&line)?.is_break() {
                    return Ok(());
                }
            }
            bail!("the server ended")
        })
    }

    /// Finishes what is being written.
    pub(crate) fn leave(self) {
        if let Clerk::Data(local) = self.clerk {
            self.runtime.block_on(local.close());
        }
    }
}

impl Where {
    /// Asks one question.
    pub(crate) fn ask(&self, question: &Question<'_>) -> Result<Value> {
        self.visit(|visit| visit.ask(question))
    }

    /// Asks as many as it takes.
    pub(crate) fn visit<T>(&self, asking: impl FnOnce(&mut Visit) -> Result<T>) -> Result<T> {
        let runtime = runtime()?;
        let clerk = runtime.block_on(self.clerk())?;
        Self::with(runtime, clerk, asking)
    }

    /// As [`Where::visit`], of a server that runs: data alone does not do.
    pub(crate) fn visit_server<T>(&self, asking: impl FnOnce(&mut Visit) -> Result<T>) -> Result<T> {
        let runtime = runtime()?;
        let client = runtime.block_on(async {
            let (server, config) = self.server().await?;
            let data = config.map(|config| config.house.data.display().to_string()).unwrap_or_default();
            server.with_context(|| {
                format!("no server runs on {data}, and this needs one; start it with `quintet serve --data {data}`")
            })
        })?;
        Self::with(runtime, Clerk::Server(client), asking)
    }

    fn with<T>(runtime: Runtime, clerk: Clerk, asking: impl FnOnce(&mut Visit) -> Result<T>) -> Result<T> {
        let mut visit = Visit { runtime, clerk };
        let answer = asking(&mut visit);
        visit.leave();
        answer
    }

    /// Where the server is reached. It need not run, and one elsewhere is not asked.
    pub(crate) fn origin(&self) -> Result<Origin> {
        if let Some(url) = self.elsewhere(std::env::var("QUINTET_URL").ok()) {
            return origin_of(&url);
        }
        let config = self.configuration.load(Vec::new())?.config;
        let runtime = runtime()?;
        let Some(stream) = runtime.block_on(control(&config.house.data))? else {
            let expected = runtime.block_on(quintet_server::expected_origin(&config));
            return expected.context(
                "nobody knows where the server is reached: set origin in the configuration, or name it with --url",
            );
        };
        let client = runtime.block_on(Client::over(stream, "localhost", None))?;
        let mut visit = Visit { runtime, clerk: Clerk::Server(Box::new(client)) };
        let known = visit.ask(&Question::get(&["server"]))?;
        Ok(Origin(known["origin"].as_str().context("the server's answer holds no origin")?.to_owned()))
    }

    async fn clerk(&self) -> Result<Clerk> {
        match self.server().await? {
            (Some(client), _) => Ok(Clerk::Server(client)),
            (None, Some(config)) => Ok(Clerk::Data(Box::new(Local::open(*config).await?))),
            (None, None) => bail!("there is neither a server nor data"),
        }
    }

    /// The server that runs, where there is one; the configuration, where it is not elsewhere.
    async fn server(&self) -> Result<(Option<Box<Client>>, Option<Box<Config>>)> {
        if let Some(url) = self.elsewhere(std::env::var("QUINTET_URL").ok()) {
            let address = Address::parse(&url)?;
            let client = match &self.api_key {
                Some(key) => Client::connect(&address, key).await?,
                None if self.url.is_none() => self.next_door(&url).await?,
                None => bail!("--url needs --api-key, or QUINTET_API_KEY"),
            };
            return Ok((Some(Box::new(client)), None));
        }
        let config = self.configuration.load(Vec::new())?.config;
        let client = match control(&config.house.data).await? {
            Some(stream) => Some(Box::new(Client::over(stream, "localhost", None).await?)),
            None => None,
        };
        Ok((client, Some(Box::new(config))))
    }

    /// The server of the data directory, if it is the one that `QUINTET_URL` names. Workers are told by that variable where to go, so it is
    /// set in the shells of those who own the data, too, and they need no key.
    async fn next_door(&self, url: &str) -> Result<Client> {
        let config = self.configuration.load(Vec::new())?.config;
        let data = config.house.data.display();
        if let Some(stream) = control(&config.house.data).await? {
            let mut client = Client::over(stream, "localhost", None).await?;
            let (status, body) = client.ask(&Question::get(&["server"])).await?;
            if read(status, &body)?["origin"].as_str().is_some_and(|origin| same_place(origin, url)) {
                return Ok(client);
            }
        }
        bail!(
            "QUINTET_URL is {url}, and the server that runs on {data}, if any, is another: \
             name the right directory with --data, or a key of that server with --api-key or QUINTET_API_KEY"
        )
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
    let message = message(&json).unwrap_or_else(|| "the server gave no reason".to_owned());
    Err(Complaint { status, message }.into())
}

/// The server's sentence, and one for each field that is wrong. Mostly the first is that of a field, too; it is not said twice.
fn message(complaint: &Value) -> Option<String> {
    let message = complaint["message"].as_str();
    let fields = complaint["fieldErrors"].as_array().into_iter().flatten();
    let fields: Vec<_> = fields.filter_map(|field| field["error"].as_str()).collect();
    match message {
        Some(message) if fields.is_empty() => Some(message.to_owned()),
        Some(message) if !fields.contains(&message) => Some(format!("{message}: {}", fields.join("; "))),
        _ => Some(fields.join("; ")).filter(|fields| !fields.is_empty()),
    }
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Whether two URLs name one server, by whatever name of this machine.
fn same_place(origin: &str, url: &str) -> bool {
    let place = |url: &str| {
        url.trim_end_matches('/').replace("://127.0.0.1", "://localhost").replace("://[::1]", "://localhost")
    };
    place(origin) == place(url)
}

/// The origin that a URL is, if it has no path.
fn origin_of(url: &str) -> Result<Origin> {
    let root = Address::parse(url).ok().and_then(|_| Subject::parse(url)).filter(|subject| subject.path().is_empty());
    let root =
        root.with_context(|| format!("expected a URL without a path, as in https://chat.example.org, not {url}"))?;
    Ok(root.origin())
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
        assert_eq!(error.downcast::<Complaint>().unwrap().status, 404);
        let fields =
            br#"{"message":"a is required","fieldErrors":[{"error":"a is required"},{"error":"b is required"}]}"#;
        assert_eq!(read(400, fields).unwrap_err().to_string(), "a is required; b is required (400)");
        let apart = br#"{"message":"that will not do","fieldErrors":[{"error":"name is required"}]}"#;
        assert_eq!(read(422, apart).unwrap_err().to_string(), "that will not do: name is required (422)");
        assert!(read(502, b"<html>").unwrap_err().to_string().contains("no JSON"));
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin_of("https://a.example/").unwrap().0, "https://a.example");
        assert_eq!(origin_of("http://[::1]:81").unwrap().0, "http://[::1]:81");
        for url in ["a.example", "https://a.example/x", "ws://a.example", "https://a.example?x=1"] {
            assert!(origin_of(url).is_err(), "{url}");
        }
    }
}
