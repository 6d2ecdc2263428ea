//! `quintet publish`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use super::desk::Where;
use super::payload;
use super::question::Question;

/// Arguments of `publish`.
#[derive(Args, Debug)]
pub(crate) struct Publish {
    /// Where, as in orders/17
    topic: String,
    /// What; - reads standard input [default: null]
    #[arg(value_name = "JSON", allow_hyphen_values = true)]
    payload: Option<String>,
    /// What listeners are shown as its name, as in order:created [default: the topic]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    place: Where,
}

#[derive(Serialize)]
struct Body<'a> {
    topic: &'a str,
    payload: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl Publish {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let payload = RawValue::from_string(payload::read(self.payload.as_deref())?)?;
        let body = serde_json::to_string(&Body { topic: &self.topic, payload, name: self.name.as_deref() })?;
        self.place.visit_server(|visit| visit.ask(&Question::post_text(&["publish"], body)))?;
        Ok(ExitCode::SUCCESS)
    }
}
