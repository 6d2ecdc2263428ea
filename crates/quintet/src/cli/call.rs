//! `quintet call`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use super::client::encode;
use super::desk::Where;
use super::question::Question;
use super::{output, payload};

/// Arguments of `call`.
#[derive(Args, Debug)]
pub(crate) struct Call {
    /// The procedure, as in orders:create
    name: String,
    /// What it is called with; - reads standard input [default: null]
    #[arg(value_name = "JSON", allow_hyphen_values = true)]
    payload: Option<String>,
    /// Call as this user instead of as the server itself
    #[arg(long = "as", value_name = "USER")]
    user: Option<String>,
    /// Print the answer as it came, in one piece
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Call {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let payload = payload::read(self.payload.as_deref())?;
        let path = ["call", &self.name];
        let mut question = Question::post_text(&path, payload);
        if let Some(user) = &self.user {
            question.query = format!("as={}", encode(user));
        }
        let answer = self.place.visit_server(|visit| visit.ask_text(&question))?;
        if self.json || answer.is_empty() {
            output::line(answer)?;
        } else {
            output::line(serde_json::to_string_pretty(&serde_json::from_str::<Value>(&answer)?)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
