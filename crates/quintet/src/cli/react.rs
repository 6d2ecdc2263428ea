//! `quintet react`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::desk::Where;
use super::question::Question;

/// Arguments of `react`.
#[derive(Args, Debug)]
pub(crate) struct React {
    /// To what: a URL, or the number of something in the timeline or of a chat
    note: String,
    /// With what: ❤ is a like, 👎 a dislike
    reaction: String,
    /// Who feels it: a user of this server
    #[arg(long = "as", value_name = "USER")]
    user: String,
    /// Take it back instead
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    place: Where,
}

impl React {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let path = ["notes", &self.note, "reactions", &self.reaction];
        let method = if self.remove { "DELETE" } else { "PUT" };
        let question = Question { method, ..Question::get(&path) }.acting(&self.user);
        self.place.visit_server(|visit| visit.ask(&question))?;
        Ok(ExitCode::SUCCESS)
    }
}
