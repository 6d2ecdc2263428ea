//! `quintet token`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use quintet_server::config::Period;
use serde_json::{Map, Value, json};

use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `token`.
#[derive(Args, Debug)]
pub(crate) struct Token {
    /// The username
    #[arg(required_unless_present = "worker")]
    username: Option<String>,
    /// Add the user where there is none
    #[arg(long)]
    create: bool,
    /// For workers of this name, programs that answer calls, instead of for a user; it holds until it is revoked, unless --ttl says else
    #[arg(long, value_name = "NAME", conflicts_with_all = ["username", "create"])]
    worker: Option<String>,
    /// End all tokens of that worker, and its connections, instead of printing one
    #[arg(long, requires = "worker", conflicts_with_all = ["username", "ttl", "json"])]
    revoke: bool,
    /// How long it holds, as in 1h or 30d [default: `auth.token_ttl`]
    #[arg(long, value_name = "TIME")]
    ttl: Option<Period>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Token {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let answer = match &self.worker {
            Some(worker) if self.revoke => {
                self.place.ask(&Question::delete(&["workers", worker, "tokens"]))?;
                return Ok(ExitCode::SUCCESS);
            }
            Some(worker) => self.place.ask(&Question::post(&["workers", worker, "tokens"], &self.body()))?,
            None => {
                let mut body = self.body();
                body["username"] = self.username.clone().into();
                body["create"] = self.create.into();
                self.place.ask(&Question::post(&["tokens"], &body))?
            }
        };
        if self.json {
            output::line(answer)?;
        } else {
            output::line(answer["token"].as_str().context("the server's answer holds no token")?)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn body(&self) -> Value {
        match self.ttl {
            Some(ttl) => json!({"ttl_seconds": ttl.duration().as_secs()}),
            None => Map::new().into(),
        }
    }
}
