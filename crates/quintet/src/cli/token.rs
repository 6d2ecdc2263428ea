//! `quintet token`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use quintet_server::config::Period;
use serde_json::json;

use super::desk::{Question, Where};
use super::output;

/// Arguments of `token`.
#[derive(Args, Debug)]
pub(crate) struct Token {
    /// The username
    username: String,
    /// Add the user where there is none
    #[arg(long)]
    create: bool,
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
        let mut body = json!({"username": self.username, "create": self.create});
        if let Some(ttl) = self.ttl {
            body["ttl_seconds"] = ttl.duration().as_secs().into();
        }
        let answer = self.place.ask(&Question::post(&["tokens"], body))?;
        if self.json {
            output::line(answer)?;
        } else {
            output::line(answer["token"].as_str().context("the server's answer holds no token")?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
