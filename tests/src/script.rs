//! Scripts: conversation files, parsed. The syntax is described in `tests/README.md`.

mod peers;

use anyhow::{Context, Result, bail, ensure};

pub use peers::{PeerStatement, Seal};

/// A statement with the number of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// What it says.
    pub statement: Statement,
}

/// One statement of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `limits NAME=NUMBER …`
    Limits(Vec<(String, u64)>),
    /// `federation`: first of all; other servers on this machine may be peers.
    Federation,
    /// About another server.
    Peer(PeerStatement),
    /// `user NAME`
    User(String),
    /// `agent NAME`
    Agent(String),
    /// `worker NAME`
    Worker(String),
    /// `sign NAME VARIABLE JSON`: a commit.
    Sign(String, String, String),
    /// `prove NAME VARIABLE URL`: an authentication resource.
    Prove(String, String, String),
    /// `NAME METHOD PATH [TYPE] [BODY | @FILE]`
    Http {
        /// Who asks; `-` is nobody.
        who: String,
        /// The method.
        method: String,
        /// The path with its query.
        path: String,
        /// The content type, where one is given.
        content_type: Option<String>,
        /// The body as text, or `@` and a file name.
        body: Option<String>,
    },
    /// `open NAME PATH [HEADER=VALUE …]`
    Open {
        /// What the socket is called.
        name: String,
        /// Path and query.
        path: String,
        /// Further headers; `%20` is a space.
        headers: Vec<(String, String)>,
    },
    /// `=> STATUS [PATTERN]`: what the last HTTP request or `open` was answered with.
    Answered {
        /// The status.
        status: u16,
        /// The pattern of the body; `*` for any; absent for an empty one.
        body: Option<String>,
    },
    /// `NAME > TEXT`
    Say(String, String),
    /// `NAME >binary HEX`
    SayBinary(String, String),
    /// `NAME >repeat COUNT TEXT`
    SayRepeated(String, usize, String),
    /// `NAME >close CODE`
    Leave(String, u16),
    /// `NAME < PATTERN` or `NAME < VERB PATTERN`
    Hear(String, String),
    /// `NAME <text TEXT`
    HearText(String, String),
    /// `NAME <close CODE`
    HearClose(String, u16),
}

/// Reads a whole script.
pub fn parse(text: &str) -> Result<Vec<Line>> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let statement = statement(line).with_context(|| format!("line {number}: {line}"))?;
            Ok(Line { number, statement })
        })
        .collect()
}

fn statement(line: &str) -> Result<Statement> {
    let (first, rest) = split(line);
    if let Some(read) = peers::statement(first, rest) {
        return read.map(Statement::Peer);
    }
    match first {
        "federation" => Ok(Statement::Federation),
        "limits" => Ok(Statement::Limits(rest.split_whitespace().map(limit).collect::<Result<_>>()?)),
        "user" => Ok(Statement::User(rest.to_owned())),
        "agent" => Ok(Statement::Agent(rest.to_owned())),
        "worker" => Ok(Statement::Worker(rest.to_owned())),
        "sign" => three(rest).map(|(agent, variable, json)| Statement::Sign(agent, variable, json)),
        "prove" => three(rest).map(|(agent, variable, url)| Statement::Prove(agent, variable, url)),
        "open" => open(rest),
        "=>" => {
            let (status, body) = split(rest);
            let body = (!body.is_empty()).then(|| body.to_owned());
            Ok(Statement::Answered { status: status.parse()?, body })
        }
        name => spoken(name, rest),
    }
}

fn spoken(name: &str, rest: &str) -> Result<Statement> {
    let name = name.to_owned();
    let (verb, words) = split(rest);
    if let Some(read) = peers::heard(&name, verb, words) {
        return read.map(Statement::Peer);
    }
    match verb {
        ">" => Ok(Statement::Say(name, words.to_owned())),
        ">binary" => Ok(Statement::SayBinary(name, words.to_owned())),
        ">repeat" => {
            let (count, text) = split(words);
            Ok(Statement::SayRepeated(name, count.parse()?, text.to_owned()))
        }
        ">close" => Ok(Statement::Leave(name, words.parse()?)),
        "<" => Ok(Statement::Hear(name, words.to_owned())),
        "<text" => Ok(Statement::HearText(name, words.to_owned())),
        "<close" => Ok(Statement::HearClose(name, words.parse()?)),
        method if method.chars().all(|c| c.is_ascii_uppercase()) && !method.is_empty() => Ok(http(name, method, words)),
        _ => bail!("not a statement"),
    }
}

fn http(who: String, method: &str, words: &str) -> Statement {
    let (path, rest) = split(words);
    let (word, behind) = split(rest);
    let typed = word.contains('/') && !word.starts_with(['{', '[', '"', '@']);
    let (content_type, body) = if typed { (Some(word.to_owned()), behind) } else { (None, rest) };
    let body = (!body.is_empty()).then(|| body.to_owned());
    Statement::Http { who, method: method.to_owned(), path: path.to_owned(), content_type, body }
}

fn open(rest: &str) -> Result<Statement> {
    let (name, rest) = split(rest);
    let (path, headers) = split(rest);
    let headers = headers
        .split_whitespace()
        .map(|header| header.split_once('=').map(|(key, value)| (key.to_owned(), value.replace("%20", " "))))
        .collect::<Option<_>>()
        .context("headers are written NAME=VALUE")?;
    Ok(Statement::Open { name: name.to_owned(), path: path.to_owned(), headers })
}

fn three(rest: &str) -> Result<(String, String, String)> {
    let (first, rest) = split(rest);
    let (second, third) = split(rest);
    ensure!(!third.is_empty(), "three things are needed");
    Ok((first.to_owned(), second.to_owned(), third.to_owned()))
}

fn limit(word: &str) -> Result<(String, u64)> {
    let (name, value) = word.split_once('=').context("limits are written NAME=NUMBER")?;
    Ok((name.to_owned(), value.parse()?))
}

fn split(text: &str) -> (&str, &str) {
    match text.split_once(' ') {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_apart() {
        let script = parse("# a comment\n\nuser ann\nann POST /api/x text/plain {\"a\": 1}\n=> 200 {...}\na1 > {\"x\":1}\na1 <close 1009\n").unwrap();
        let numbers: Vec<_> = script.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [3, 4, 5, 6, 7]);
        let Statement::Http { content_type, body, .. } = &script[1].statement else { panic!("{:?}", script[1]) };
        assert_eq!((content_type.as_deref(), body.as_deref()), (Some("text/plain"), Some("{\"a\": 1}")));
        assert_eq!(script[4].statement, Statement::HearClose("a1".into(), 1009));
    }

    #[test]
    fn what_is_signed_has_a_name() {
        let script = parse("agent ann\nsign ann one {\"set\": {}}\nprove ann door ws://x/ws").unwrap();
        let signed = Statement::Sign("ann".into(), "one".into(), "{\"set\": {}}".into());
        assert_eq!(script[1].statement, signed);
        assert_eq!(script[2].statement, Statement::Prove("ann".into(), "door".into(), "ws://x/ws".into()));
        assert!(parse("sign ann one").is_err());
    }

    #[test]
    fn a_worker_has_a_name() {
        let script = parse("worker sums").unwrap();
        assert_eq!(script[0].statement, Statement::Worker("sums".into()));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = parse("user ann\nann shouts").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
