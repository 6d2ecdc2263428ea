//! `quintet post`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::desk::Where;
use super::output;
use super::question::Question;

/// Arguments of `post`.
#[derive(Args, Debug)]
pub(crate) struct Post {
    /// What it says; <@bob@b.example> in it is a mention, - reads standard input
    #[arg(required_unless_present = "delete", allow_hyphen_values = true)]
    text: Option<String>,
    /// Who says it: a user of this server
    #[arg(long = "as", value_name = "USER")]
    user: String,
    /// Whom it is for [default: public]
    #[arg(long, value_enum)]
    to: Option<To>,
    /// For the members of this group
    #[arg(long, value_name = "URL", conflicts_with = "to")]
    group: Option<String>,
    /// What it answers: a URL, or the number of something in the timeline
    #[arg(long, value_name = "WHAT")]
    reply: Option<String>,
    /// Change the note with this number instead
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["to", "group", "reply"])]
    edit: Option<u64>,
    /// Take back the note with this number instead
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["text", "edit", "to", "group", "reply"])]
    delete: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    /// Everybody
    Public,
    /// Those who follow
    Followers,
    /// Those who are mentioned
    Mentioned,
}

impl To {
    fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Followers => "followers",
            Self::Mentioned => "mentioned",
        }
    }
}

impl Post {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let number = self.edit.or(self.delete).map(|number| number.to_string()).unwrap_or_default();
        let note = match &self.text {
            None => self.ask(Question::delete(&["notes", &number]))?,
            Some(content) if self.edit.is_some() => {
                self.ask(Question::put(&["notes", &number], &json!({"content": text(content)?})))?
            }
            Some(content) => self.ask(Question::post(&["notes"], &self.body(&text(content)?)))?,
        };
        if self.json {
            output::line(note)?;
        } else if !note.is_null() {
            output::line(format_args!("{}  {}", note["id"], output::cell(&note["url"])))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn ask(&self, question: Question<'_>) -> Result<Value> {
        let question = question.acting(&self.user);
        self.place.visit_server(|visit| visit.ask(&question))
    }

    fn body(&self, text: &str) -> Value {
        let to = self.to.map(To::name);
        json!({"content": text, "to": to, "group": self.group, "reply_to": self.reply})
    }
}

/// The text that an argument stands for.
fn text(argument: &str) -> Result<String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let text = std::io::read_to_string(std::io::stdin().lock()).context("cannot read standard input")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
