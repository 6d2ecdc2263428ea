//! `quintet followers`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::desk::Where;
use super::follow::sentence;
use super::output;
use super::question::Question;
use super::table::table;

/// Arguments of `followers`.
#[derive(Args, Debug)]
pub(crate) struct Followers {
    /// A user of this server
    user: String,
    /// Let this follower in, as in <bob@b.example>
    #[arg(long, value_name = "WHO")]
    accept: Option<String>,
    /// Turn this follower away, even one who was let in
    #[arg(long, value_name = "WHO", conflicts_with = "accept")]
    reject: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Followers {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match (&self.accept, &self.reject) {
            (Some(who), _) => self.settle(who, true)?,
            (None, Some(who)) => self.settle(who, false)?,
            (None, None) => self.list()?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn settle(&self, who: &str, accept: bool) -> Result<()> {
        let (path, body) = (["followers", who], json!({"accept": accept}));
        let question = Question::put(&path, &body).acting(&self.user);
        let follow = self.place.visit_server(|visit| visit.ask(&question))?;
        output::line(if self.json { follow.to_string() } else { sentence(&follow) })
    }

    fn list(&self) -> Result<()> {
        let question = Question::get(&["follows"]).acting(&self.user);
        let follows = self.place.visit(|visit| visit.ask(&question))?;
        if self.json {
            return output::line(&follows["followers"]);
        }
        let rows = follows["followers"].as_array().into_iter().flatten();
        let rows = rows.map(|follow| ["follower", "state"].map(|key| output::cell(&follow[key])));
        output::print(&table(["WHO", "STATE"], 2, rows))
    }
}
