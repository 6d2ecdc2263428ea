//! What can be measured.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One question a bench answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Memory of connections at rest.
    Idle,
    /// One publisher to many subscribers.
    Fanout,
    /// Requests and answers.
    Request,
    /// Messages that come back.
    Echo,
    /// Procedures that are called over a socket, whoever runs them.
    Procedures,
    /// Chats that are stored before they are acknowledged.
    Durable,
    /// Signed commits to documents that somebody listens to.
    Commits,
    /// Signed entities of another server.
    Federation,
}

impl Scenario {
    /// All, in the order in which they run: memory first, while the server's heap is fresh.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::Fanout,
        Self::Request,
        Self::Echo,
        Self::Procedures,
        Self::Durable,
        Self::Commits,
        Self::Federation,
    ];

    /// The word for it on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Fanout => "fanout",
            Self::Request => "request",
            Self::Echo => "echo",
            Self::Procedures => "procedures",
            Self::Durable => "durable",
            Self::Commits => "commits",
            Self::Federation => "federation",
        }
    }

    /// One line about it, for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::Idle => "authenticated, subscribed connections at rest; rate and CPU are those of connecting",
            Self::Fanout => "200-byte ephemeral events from one publisher; a unit is one delivery",
            Self::Request => "Jac's connection event; a unit is one answer",
            Self::Echo => "15-byte messages on /echo; a unit is one answer",
            Self::Procedures => {
                "calls that answer what they are given, over Flamigo's socket; CPU is the server's alone, without that of workers"
            }
            Self::Durable => "chats acknowledged when they are on disk; the disk floor only appends and syncs",
            Self::Commits => {
                "signed commits, each verified, on disk, acknowledged and heard by one subscriber; the key floor only verifies"
            }
            Self::Federation => {
                "signed entities of another server, each verified and on disk before its receipt; the key floor only verifies"
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.name() == word)
            .ok_or_else(|| format!("no scenario is called {word:?}; there are {}", known()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
        let error = "fan".parse::<Scenario>().unwrap_err();
        assert_eq!(
            error,
            "no scenario is called \"fan\"; there are idle, fanout, request, echo, procedures, durable, commits, federation"
        );
    }
}
