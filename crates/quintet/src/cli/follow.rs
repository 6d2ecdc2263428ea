//! `quintet follow` and `quintet unfollow`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `follow` and `unfollow`.
#[derive(Args, Debug)]
pub(crate) struct Follow {
    /// Who follows: a user of this server, as in alice
    user: String,
    /// Whom: as in <bob@b.example>, or the URL of a user or group
    whom: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Follow {
    pub(crate) fn follow(self) -> Result<ExitCode> {
        let body = json!({"whom": self.whom});
        self.ask(Question::post(&["follows"], &body))
    }

    pub(crate) fn unfollow(self) -> Result<ExitCode> {
        self.ask(Question::delete(&["follows", &self.whom]))
    }

    fn ask(&self, question: Question<'_>) -> Result<ExitCode> {
        let question = question.acting(&self.user);
        let follow = self.place.visit_server(|visit| visit.ask(&question))?;
        output::line(if self.json { follow.to_string() } else { sentence(&follow) })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How a follow stands, for people.
pub(crate) fn sentence(follow: &Value) -> String {
    let text = |key: &str| output::plain(follow[key].as_str().unwrap_or_default());
    let (by, whom) = (text("follower"), text("followee"));
    match follow["state"].as_str() {
        Some("accepted") => format!("{by} follows {whom}"),
        Some("pending") => format!("{by} asked to follow {whom}, who has not answered yet"),
        Some("rejected") => format!("{whom} does not let {by} follow"),
        _ => format!("{by} does not follow {whom} any more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_is_a_sentence() {
        for (state, expected) in [
            ("accepted", "ann follows bob@b.example"),
            ("pending", "ann asked to follow bob@b.example, who has not answered yet"),
            ("rejected", "bob@b.example does not let ann follow"),
            ("ended", "ann does not follow bob@b.example any more"),
        ] {
            let follow = json!({"follower": "ann", "followee": "bob@b.example", "state": state});
            assert_eq!(sentence(&follow), expected);
        }
    }
}
