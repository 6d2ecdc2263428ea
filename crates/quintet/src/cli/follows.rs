//! `quintet follows`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::desk::Where;
use super::output;
use super::question::Question;
use super::table::table;

/// Arguments of `follows`.
#[derive(Args, Debug)]
pub(crate) struct Follows {
    /// A user of this server
    user: String,
    /// Print JSON; it tells of followers, too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Follows {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let question = Question::get(&["follows"]).acting(&self.user);
        let follows = self.place.visit(|visit| visit.ask(&question))?;
        if self.json {
            output::line(follows)?;
        } else {
            let rows = follows["following"].as_array().into_iter().flatten();
            let rows = rows.map(|follow| ["followee", "state"].map(|key| output::cell(&follow[key])));
            output::print(&table(["WHOM", "STATE"], 2, rows))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
