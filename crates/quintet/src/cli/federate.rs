//! `quintet federate`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `federate`.
#[derive(Args, Debug)]
pub(crate) struct Federate {
    /// A room, by its number or name
    room: String,
    /// Close it to users of other servers instead
    #[arg(long)]
    off: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Federate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let (path, body) = (["rooms", &self.room, "federated"], json!({"federated": !self.off}));
        let room = self.place.visit_server(|visit| visit.ask(&Question::put(&path, &body)))?;
        if self.json {
            output::line(room)?;
        } else if !self.off {
            output::line(output::cell(&room["url"]))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
