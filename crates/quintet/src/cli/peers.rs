//! `quintet peers`

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::encode;
use super::desk::Where;
use super::moment::{Away, day_and_minute, now};
use super::output;
use super::question::Question;
use super::table::table;

/// Arguments of `peers`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Peers {
    #[command(subcommand)]
    act: Option<Act>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Tell all that is known of a server
    Show(Named),
    /// Listen and speak to a server in any case
    Allow(Named),
    /// Neither listen nor speak to a server
    Block(Named),
    /// Treat a server as the configuration says, neither allowed nor blocked
    Reset(Named),
    /// Try a server again at once, and what was given up, too
    Retry(Named),
    /// List what was given up
    DeadLetters(Dead),
    /// Forget a server's keys, so that they are fetched again
    ForgetKeys(Named),
    /// Make new keys for this server and its users; peers fetch them when they need them
    RotateKeys(Place),
}

#[derive(Args, Debug)]
struct Named {
    /// The server, as in b.example
    host: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct Dead {
    /// For this server only
    host: Option<String>,
    /// Print JSON: with the texts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Args, Debug)]
struct Place {
    #[command(flatten)]
    place: Where,
}

const HEAD: [&str; 11] =
    ["HOST", "STANDING", "STATE", "WAITING", "OLDEST", "DEAD", "NEXT TRY", "KEY", "SOFTWARE", "ERROR AT", "LAST ERROR"];

/// How much of a key is shown in the table: enough to see whether it is another.
const FINGERPRINT: usize = 12;

impl Peers {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.act {
            None => {
                let peers = ask(&self.place, &Question::get(&["peers"]))?;
                if self.json { output::line(peers)? } else { output::print(&peers_table(&peers, now()))? }
            }
            Some(act) => act.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Act {
    fn run(self) -> Result<()> {
        match self {
            Self::Show(named) => named.show(),
            Self::Allow(named) => named.set_standing("allowed"),
            Self::Block(named) => named.set_standing("blocked"),
            Self::Reset(named) => named.set_standing("neutral"),
            Self::Retry(named) => named.retry(),
            Self::DeadLetters(dead) => dead.list(),
            Self::ForgetKeys(named) => ask(&named.place, &Question::delete(&["peers", &named.host, "keys"])).map(drop),
            Self::RotateKeys(Place { place }) => {
                ask(&place, &Question::post(&["keys", "rotate"], &Value::Null)).map(drop)
            }
        }
    }
}

impl Named {
    fn show(&self) -> Result<()> {
        let peer = ask(&self.place, &Question::get(&["peers", &self.host]))?;
        if self.json {
            return output::line(peer);
        }
        output::print(&card(&peer))
    }

    fn set_standing(&self, standing: &str) -> Result<()> {
        let body = json!({"standing": standing});
        ask(&self.place, &Question::put(&["peers", &self.host, "standing"], &body)).map(drop)
    }

    fn retry(&self) -> Result<()> {
        let answer = ask(&self.place, &Question::post(&["peers", &self.host, "retry"], &Value::Null))?;
        if self.json {
            return output::line(answer);
        }
        output::line(format_args!("{} put back into the queue", answer["requeued"]))
    }
}

impl Dead {
    fn list(&self) -> Result<()> {
        let query = self.host.as_ref().map(|host| format!("host={}", encode(host))).unwrap_or_default();
        let letters = ask(&self.place, &Question::query(&["dead-letters"], query))?;
        if self.json {
            return output::line(letters);
        }
        let rows = letters.as_array().into_iter().flatten().map(|letter| {
            let queued_at = letter["queued_at"].as_i64().map(day_and_minute).unwrap_or_default();
            let [id, host, kind, attempts, error] =
                ["id", "host", "type", "attempts", "error"].map(|key| output::cell(&letter[key]));
            [id, host, kind, queued_at, attempts, error]
        });
        output::print(&table(["NUMBER", "HOST", "TYPE", "QUEUED", "TRIES", "ERROR"], 6, rows))
    }
}

/// Peers are those of a server that runs: what is live, and when it is tried again, is in its mind.
fn ask(place: &Where, question: &Question<'_>) -> Result<Value> {
    place.visit_server(|visit| visit.ask(question))
}

fn peers_table(peers: &Value, now: i64) -> String {
    let away = |at: &Value| at.as_i64().map_or_else(|| "-".to_owned(), |at| Away { at, now }.to_string());
    let rows = peers.as_array().into_iter().flatten().map(|peer| {
        let text = |key: &str| output::cell(&peer[key]);
        let key: String = output::cell(&peer["key"]["public_key"]).chars().take(FINGERPRINT).collect();
        [
            text("host"),
            text("standing"),
            text("state"),
            text("waiting"),
            away(&peer["oldest"]),
            text("dead_letters"),
            away(&peer["next_try"]),
            key,
            text("software"),
            away(&peer["last_error"]["at"]),
            output::cell(&peer["last_error"]["message"]),
        ]
    });
    table(HEAD, HEAD.len(), rows)
}

/// All that is known, a line for each.
fn card(peer: &Value) -> String {
    let at = |at: &Value| at.as_i64().map_or_else(|| "-".to_owned(), day_and_minute);
    let lines = [
        ("host", output::cell(&peer["host"])),
        ("standing", output::cell(&peer["standing"])),
        ("state", output::cell(&peer["state"])),
        ("sockets", output::cell(&peer["sockets"])),
        ("software", output::cell(&peer["software"])),
        ("key", output::cell(&peer["key"]["public_key"])),
        ("key fetched", at(&peer["key"]["fetched_at"])),
        ("waiting", output::cell(&peer["waiting"])),
        ("oldest", at(&peer["oldest"])),
        ("next try", at(&peer["next_try"])),
        ("dead letters", output::cell(&peer["dead_letters"])),
        ("dead since", at(&peer["dead_since"])),
        ("heard", at(&peer["heard_at"])),
        ("reached", at(&peer["reached_at"])),
        ("last error", output::cell(&peer["last_error"]["message"])),
        ("error at", at(&peer["last_error"]["at"])),
    ];
    lines.map(|(name, value)| format!("{name:<12}  {value}\n")).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Value {
        json!({
            "host": "b.example", "standing": "neutral", "state": "waiting", "sockets": 0, "waiting": 3, "oldest": 0,
            "dead_letters": 1, "last_error": {"message": "no\u{1b} answer", "at": 60_000}, "next_try": 7_320_000,
            "key": {"public_key": "MCowBQYDK2VwAyEAabc", "fetched_at": 0}, "software": null, "heard_at": null,
            "reached_at": 0, "dead_since": null,
        })
    }

    #[test]
    fn peers_stand_in_a_table() {
        let expected = "\
HOST       STANDING  STATE    WAITING  OLDEST     DEAD  NEXT TRY  KEY           SOFTWARE  ERROR AT  LAST ERROR
b.example  neutral   waiting  3        2 min ago  1     in 2 h    MCowBQYDK2Vw  -         60 s ago  no\u{fffd} answer
";
        assert_eq!(peers_table(&json!([peer()]), 120_000), expected);
    }

    #[test]
    fn a_card_tells_all() {
        let card = card(&peer());
        assert!(card.starts_with("host          b.example\nstanding      neutral\n"), "{card}");
        assert!(card.contains("key           MCowBQYDK2VwAyEAabc\nkey fetched   1970-01-01 00:00\n"), "{card}");
        assert!(card.contains("heard         -\n"), "{card}");
    }
}
