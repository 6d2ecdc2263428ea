//! The command line: what can be said, and who does it.

mod agent;
mod array;
mod bench;
mod call;
mod check;
mod client;
mod completions;
mod configuration;
mod crew;
mod descriptors;
mod desk;
mod entities;
mod export;
mod federate;
mod follow;
mod followers;
mod follows;
mod greeting;
mod import;
mod local;
mod moment;
mod output;
mod password;
mod payload;
mod peers;
mod post;
mod procedures;
mod publish;
mod question;
mod react;
mod secret;
mod serve;
mod stage;
mod table;
mod tail;
mod timeline;
mod token;
mod user;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use quintet_core::Kind;

/// A self-hosted realtime server that speaks Concord, Jac Cloud, Flamigo, Atomic Data and Versia over one hub.
#[derive(Debug, Parser)]
#[command(name = "quintet", version, propagate_version = false, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Check the configuration
    Check(check::Check),
    /// Add, list and lock out users
    User(user::User),
    /// Print a token for a user, or for workers
    Token(token::Token),
    /// Call a procedure of a running server
    Call(call::Call),
    /// List the procedures of a running server, and how they do
    Procedures(procedures::Procedures),
    /// Say something at a topic of a running server
    Publish(publish::Publish),
    /// Print what is said at the topics of a running server, until Ctrl-C
    Tail(tail::Tail),
    /// Follow somebody of another server, or join a group there
    Follow(follow::Follow),
    /// Follow somebody no longer, or leave a group
    Unfollow(follow::Follow),
    /// List whom a user follows
    Follows(follows::Follows),
    /// List who follows a user, let followers in, and turn them away
    Followers(followers::Followers),
    /// Say something to other servers as a user, change it, take it back
    Post(post::Post),
    /// Feel something about a note or chat as a user
    React(react::React),
    /// List what came from those whom a user follows, the newest first
    Timeline(timeline::Timeline),
    /// Open a room to users of other servers, for whom it is a group, and print its URL
    Federate(federate::Federate),
    /// List other servers and how they are reached; allow, block and retry them
    Peers(peers::Peers),
    /// Print what came from other servers as it was signed, the newest first
    Entities(entities::Entities),
    /// Make and show the keys by which Atomic clients sign
    Agent(agent::Agent),
    /// Write all documents as JSON-AD
    Export(export::Export),
    /// Read documents from JSON-AD; those that are there already are brought to what it says
    Import(import::Import),
    /// Measure a server beside the least that the kernel asks for the same work
    Bench(bench::Bench),
    /// Print the completions of a shell
    Completions(completions::Completions),
}

/// Does what the arguments say. Wrong arguments end the process with code 2.
pub(crate) fn run() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Check(check) => check.run(),
        Command::User(user) => user.run(),
        Command::Token(token) => token.run(),
        Command::Call(call) => call.run(),
        Command::Procedures(procedures) => procedures.run(),
        Command::Publish(publish) => publish.run(),
        Command::Tail(tail) => tail.run(),
        Command::Follow(follow) => follow.follow(),
        Command::Unfollow(follow) => follow.unfollow(),
        Command::Follows(follows) => follows.run(),
        Command::Followers(followers) => followers.run(),
        Command::Post(post) => post.run(),
        Command::React(react) => react.run(),
        Command::Timeline(timeline) => timeline.run(),
        Command::Federate(federate) => federate.run(),
        Command::Peers(peers) => peers.run(),
        Command::Entities(entities) => entities.run(),
        Command::Agent(agent) => agent.run(),
        Command::Export(export) => export.run(),
        Command::Import(import) => import.run(),
        Command::Bench(bench) => bench.run(),
        Command::Completions(completions) => completions.run(),
    }
}

/// What a command that did not succeed ends with. An output that nobody reads any more is no failure.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    if error.is::<output::Unread>() {
        return ExitCode::SUCCESS;
    }
    output::tell(format_args!("error: {}", one_line(error)));
    ExitCode::FAILURE
}

/// An error and its causes in one line: `cannot open the database (disk full)`.
fn one_line(error: &anyhow::Error) -> String {
    // What a peer sees of an internal error says nothing; its own cause does.
    let veiled = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<quintet_core::Error>().is_some_and(|error| error.kind() == Kind::Internal)
    };
    let causes: Vec<_> = error.chain().skip(1).filter(|cause| !veiled(*cause)).map(ToString::to_string).collect();
    if causes.is_empty() { error.to_string() } else { format!("{error} ({})", causes.join(": ")) }
}
