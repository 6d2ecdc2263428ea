//! `quintet timeline`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;

use super::desk::Where;
use super::entities::part;
use super::moment::day_and_minute;
use super::output;
use super::question::Question;

/// Arguments of `timeline`.
#[derive(Args, Debug)]
pub(crate) struct Timeline {
    /// A user of this server
    user: String,
    /// What came before the one with this number
    #[arg(long, value_name = "NUMBER")]
    before: Option<u64>,
    /// At most so many [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

#[derive(Deserialize)]
struct Page {
    entities: Vec<Entity>,
}

/// What came, as far as it is shown.
#[derive(Deserialize)]
struct Entity {
    id: u64,
    #[serde(rename = "type")]
    kind: String,
    actor: Option<String>,
    author: Option<String>,
    received_at: i64,
    text: String,
}

impl Timeline {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let question = Question::query(&["timeline"], part(self.before, self.limit)).acting(&self.user);
        let answer = self.place.visit(|visit| visit.ask_text(&question))?;
        if self.json {
            output::line(answer)?;
        } else {
            let page: Page = serde_json::from_str(&answer).context("the server's answer is no timeline")?;
            let lines: String = page.entities.iter().map(line).collect();
            output::print(&lines)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `4110  2026-11-21 20:15  bob@b.example  hello`
fn line(entity: &Entity) -> String {
    let Entity { id, kind, actor, author, received_at, text } = entity;
    let author = author.as_ref().or(actor.as_ref()).map_or("-", String::as_str);
    let said = said(text).unwrap_or_else(|| format!("({kind})"));
    output::plain(&format!("{id}  {}  {author}  {}", day_and_minute(*received_at), said.replace('\n', " "))) + "\n"
}

/// What an entity says, where it says something: its plain text, or else what is between the tags of its HTML.
fn said(entity: &str) -> Option<String> {
    let entity: serde_json::Value = serde_json::from_str(entity).ok()?;
    let part = |kind: &str| entity["content"][kind]["content"].as_str();
    part("text/plain").map(ToOwned::to_owned).or_else(|| part("text/html").map(untagged))
}

fn untagged(html: &str) -> String {
    let pieces = html.split('<').enumerate().map(|(place, piece)| match piece.split_once('>') {
        Some((_, text)) if place > 0 => text,
        _ => piece,
    });
    let text: String = pieces.collect();
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (name, letter)| text.replace(name, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_plain_line() {
        let entity = |text: &str, author: Option<&str>| Entity {
            id: 17,
            kind: "Note".to_owned(),
            actor: Some("https://b.example/users/1".to_owned()),
            author: author.map(ToOwned::to_owned),
            received_at: 1_763_000_000_123,
            text: text.to_owned(),
        };
        let note = r#"{"content":{"text/plain":{"content":"a\nb \u001b[1m"},"text/html":{"content":"x"}}}"#;
        assert_eq!(
            line(&entity(note, Some("bob@b.example"))),
            "17  2025-11-13 02:13  bob@b.example  a b \u{fffd}[1m\n"
        );
        let html = r#"{"content":{"text/html":{"content":"<p>1 &lt; 2 &amp;amp; <b>so</b></p>"}}}"#;
        assert!(line(&entity(html, None)).ends_with("  https://b.example/users/1  1 < 2 &amp; so\n"));
        assert!(line(&entity("{}", None)).ends_with("  (Note)\n"));
    }
}
