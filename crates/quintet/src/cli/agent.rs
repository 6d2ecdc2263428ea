//! `quintet agent`

use std::io::{self, Read as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use super::desk::Where;
use super::output;
use super::question::Question;
use super::secret::Secret;

/// A secret is never longer.
const LONGEST_SECRET: u64 = 64 * 1024;

/// Arguments of `agent`.
#[derive(Args, Debug)]
pub(crate) struct Agent {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make a key pair and print its secret; nothing is stored, the server learns of it with its first commit
    New(New),
    /// Print the secret of an admin's agent, which may write to the root drive; as the owner of the data directory only
    Root(Root),
    /// Print what others may know of a secret: its subject and public key
    Show(Show),
}

#[derive(Args, Debug)]
struct New {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct Root {
    /// The agent of this admin [default: the first one]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct Show {
    /// The secret; `-` reads it from standard input, where others cannot see it
    secret: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Agent {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.act {
            Act::New(new) => new.run()?,
            Act::Root(root) => root.run()?,
            Act::Show(show) => show.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl New {
    fn run(&self) -> Result<()> {
        reveal(&Secret::make_up(&self.place.origin()?)?, self.json)
    }
}

impl Root {
    fn run(&self) -> Result<()> {
        // An agent is known by its URL: where that is not known, its secret is of no use.
        self.place.origin()?;
        let body = self.user.as_ref().map_or(json!({}), |user| json!({"username": user}));
        let answer = self.place.ask(&Question::post(&["agents", "root"], &body))?;
        let text = |key: &str| answer[key].as_str().with_context(|| format!("the server's answer holds no {key}"));
        reveal(&Secret::new(text("subject")?, text("private_key")?)?, self.json)
    }
}

impl Show {
    fn run(&self) -> Result<()> {
        let secret = if self.secret == "-" { Secret::parse(&read()?)? } else { Secret::parse(&self.secret)? };
        if !secret.is_self_certifying() {
            output::tell("warning: the subject does not name this key; a Quintet server will not know such an agent");
        }
        let (subject, public_key) = (secret.subject(), secret.public_key());
        if self.json {
            return output::line(json!({"subject": subject, "publicKey": public_key}));
        }
        output::print(&format!("subject: {subject}\npublic key: {public_key}\n"))
    }
}

/// Prints a secret, and nothing else.
fn reveal(secret: &Secret, json: bool) -> Result<()> {
    if json {
        let (subject, public_key) = (secret.subject(), secret.public_key());
        return output::line(json!({"subject": subject, "publicKey": public_key, "secret": secret.text()}));
    }
    output::line(secret.text())
}

fn read() -> Result<String> {
    let mut text = String::new();
    io::stdin().take(LONGEST_SECRET).read_to_string(&mut text).context("cannot read the secret from standard input")?;
    Ok(text)
}
