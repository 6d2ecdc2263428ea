//! What scripts say of other servers.

use anyhow::{Context, Result, ensure};

use super::split;
use crate::peer::Who;

/// One statement about another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerStatement {
    /// `peer NAME [new] [closed]`
    Peer {
        /// What it is called.
        name: String,
        /// It speaks 0.6 only.
        new: bool,
        /// It offers no sockets.
        closed: bool,
    },
    /// `seal NAME VARIABLE [post|get PATH] [as user|instance|domain] [at +SECONDS] [by SIGNER] [TEXT]`
    Seal(Box<Seal>),
    /// `serve NAME PATH JSON`
    Serve(String, String, String),
    /// `rotate NAME`: new keys.
    Rotate(String),
    /// `replies NAME STATUS …`: what the next posts are answered.
    Replies(String, Vec<u16>),
    /// `dial NAME SOCKET`: a socket, with the handshake behind it.
    Dial(String, String),
    /// `called NAME SOCKET`: the house opens a socket.
    Called(String, String),
    /// `NAME <post PATH PATTERN`
    Posted(String, String, String),
    /// `SOCKET <sealed post|get PATH PATTERN`
    Sealed(String, String, String, String),
    /// `SOCKET <receipt VARIABLE STATUS [ERROR]`
    Receipt(String, String, u16, String),
    /// `header NAME TEXT`: of the last answer.
    Header(String, String),
    /// `holds PATH`: the signature of the last answer.
    Holds(String),
}

/// What is to be signed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Whose key.
    pub peer: String,
    /// What it is called.
    pub variable: String,
    /// The method and path; those of the inbox where `None`.
    pub target: Option<(String, String)>,
    /// Which key, and so in whose name.
    pub who: Who,
    /// Seconds from now.
    pub at: i64,
    /// In whose name instead; `%20` is a space.
    pub by: Option<String>,
    /// What is signed.
    pub text: String,
}

/// Reads a statement that begins with one of these words; `None` where it begins with another.
pub(super) fn statement(first: &str, rest: &str) -> Option<Result<PeerStatement>> {
    Some(match first {
        "peer" => peer(rest),
        "seal" => seal(rest).map(|seal| PeerStatement::Seal(Box::new(seal))),
        "serve" => super::three(rest).map(|(name, path, json)| PeerStatement::Serve(name, path, json)),
        "rotate" => Ok(PeerStatement::Rotate(rest.to_owned())),
        "replies" => replies(rest),
        "dial" => Ok(pair(rest, PeerStatement::Dial)),
        "called" => Ok(pair(rest, PeerStatement::Called)),
        "header" => Ok(pair(rest, PeerStatement::Header)),
        "holds" => Ok(PeerStatement::Holds(rest.to_owned())),
        _ => return None,
    })
}

/// Reads what follows a name; `None` where it is something else.
pub(super) fn heard(name: &str, verb: &str, words: &str) -> Option<Result<PeerStatement>> {
    let name = name.to_owned();
    Some(match verb {
        "<post" => Ok(pair(words, |path, pattern| PeerStatement::Posted(name, path, pattern))),
        "<sealed" => {
            super::three(words).map(|(method, path, pattern)| PeerStatement::Sealed(name, method, path, pattern))
        }
        "<receipt" => receipt(name, words),
        _ => return None,
    })
}

fn pair<T>(words: &str, make: impl FnOnce(String, String) -> T) -> T {
    let (first, second) = split(words);
    make(first.to_owned(), second.to_owned())
}

fn peer(rest: &str) -> Result<PeerStatement> {
    let (name, rest) = split(rest);
    let words: Vec<_> = rest.split_whitespace().collect();
    ensure!(words.iter().all(|word| ["new", "closed"].contains(word)), "a peer is new, or closed, or both");
    let is = |word| words.contains(&word);
    Ok(PeerStatement::Peer { name: name.to_owned(), new: is("new"), closed: is("closed") })
}

fn replies(rest: &str) -> Result<PeerStatement> {
    let (name, rest) = split(rest);
    let statuses = rest.split_whitespace().map(|word| Ok(word.parse()?)).collect::<Result<_>>()?;
    Ok(PeerStatement::Replies(name.to_owned(), statuses))
}

fn receipt(name: String, words: &str) -> Result<PeerStatement> {
    let (variable, rest) = split(words);
    let (status, error) = split(rest);
    Ok(PeerStatement::Receipt(name, variable.to_owned(), status.parse()?, error.to_owned()))
}

fn seal(rest: &str) -> Result<Seal> {
    let (peer, rest) = split(rest);
    let (variable, mut rest) = split(rest);
    let mut seal = Seal {
        peer: peer.to_owned(),
        variable: variable.to_owned(),
        target: None,
        who: Who::User,
        at: 0,
        by: None,
        text: String::new(),
    };
    ensure!(!variable.is_empty(), "a peer and a variable are needed");
    loop {
        let (word, behind) = split(rest);
        let (value, after) = split(behind);
        match word {
            "post" | "get" => seal.target = Some((word.to_owned(), value.to_owned())),
            "as" => seal.who = who(value)?,
            "at" => seal.at = value.parse().context("seconds from now, as +301")?,
            "by" => seal.by = Some(value.replace("%20", " ")),
            _ => break,
        }
        rest = after;
    }
    rest.clone_into(&mut seal.text);
    Ok(seal)
}

fn who(word: &str) -> Result<Who> {
    match word {
        "user" => Ok(Who::User),
        "instance" => Ok(Who::Instance),
        "domain" => Ok(Who::Domain),
        other => anyhow::bail!("a user, an instance or a domain signs, not {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_says_how() {
        let seal = seal("bob one get /x as instance at -301 by instance%20c.example {\"a\": 1}").unwrap();
        assert_eq!(seal.target, Some(("get".into(), "/x".into())));
        assert_eq!((seal.who, seal.at, seal.by.as_deref()), (Who::Instance, -301, Some("instance c.example")));
        assert_eq!((seal.peer.as_str(), seal.text.as_str()), ("bob", "{\"a\": 1}"));
        assert!(super::seal("bob").is_err() && super::seal("bob one as king {}").is_err());
    }

    #[test]
    fn a_receipt_names_what_it_is_for() {
        let read = heard("s1", "<receipt", "one 401 signature is wrong").unwrap().unwrap();
        assert_eq!(read, PeerStatement::Receipt("s1".into(), "one".into(), 401, "signature is wrong".into()));
        assert!(heard("s1", "<", "x").is_none());
    }
}
