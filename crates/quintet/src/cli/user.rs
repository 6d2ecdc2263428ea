//! `quintet user`

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::desk::Where;
use super::output;
use super::password::{self, Password};
use super::question::Question;

/// Arguments of `user`.
#[derive(Args, Debug)]
pub(crate) struct User {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Add a user; the password is asked for, or taken from `QUINTET_PASSWORD`, or made up
    Add(Add),
    /// Set a user's password; all its tokens end
    Passwd(Passwd),
    /// List all users
    List(List),
    /// Lock a user out; all its tokens end
    Disable(Named),
    /// Let a user in again
    Enable(Named),
}

#[derive(Args, Debug)]
struct Add {
    /// The username
    name: String,
    /// The name is an e-mail address; a username is made from it
    #[arg(long)]
    email: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct Passwd {
    /// The username
    name: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct Named {
    /// The username
    name: String,
    #[command(flatten)]
    place: Where,
}

impl User {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.act {
            Act::Add(add) => add.run()?,
            Act::Passwd(passwd) => passwd.run()?,
            Act::List(list) => list.run()?,
            Act::Disable(named) => named.set_disabled(true)?,
            Act::Enable(named) => named.set_disabled(false)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn run(&self) -> Result<()> {
        let password = password::get(self.password_stdin)?;
        let key = if self.email { "email" } else { "username" };
        let body = json!({key: self.name, "password": password.text});
        let mut user = self.place.ask(&Question::post(&["users"], &body))?;
        if self.json {
            if password.made_up {
                user["password"] = password.text.into();
            }
            output::line(user)
        } else {
            let mut said = format!("added {}\n", text(&user, "username"));
            if password.made_up {
                said.push_str(&reveal(&password));
            }
            output::print(&said)
        }
    }
}

impl Passwd {
    fn run(&self) -> Result<()> {
        let password = password::get(self.password_stdin)?;
        let body = json!({"password": password.text});
        self.place.ask(&Question::put(&["users", &self.name, "password"], &body))?;
        if password.made_up { output::print(&reveal(&password)) } else { Ok(()) }
    }
}

impl List {
    fn run(&self) -> Result<()> {
        let users = self.place.ask(&Question::get(&["users"]))?;
        if self.json {
            return output::line(users);
        }
        let rows: String = users.as_array().into_iter().flatten().map(row).collect();
        output::print(&rows)
    }
}

impl Named {
    fn set_disabled(&self, disabled: bool) -> Result<()> {
        let body = json!({"disabled": disabled});
        self.place.ask(&Question::put(&["users", &self.name, "disabled"], &body))?;
        Ok(())
    }
}

fn row(user: &Value) -> String {
    let mark = if user["disabled"] == true { "  disabled" } else { "" };
    format!("{:<16}  {}{mark}\n", user["id"], text(user, "username"))
}

/// The line that tells a password that nobody knows yet.
fn reveal(password: &Password) -> String {
    format!("password: {}\n", password.text)
}

fn text<'a>(user: &'a Value, key: &str) -> &'a str {
    user[key].as_str().unwrap_or_default()
}
