//! Where a command gets a password from. Never from its arguments: others on the machine can read those.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, Result, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Letters and digits that cannot be taken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password, and whether somebody must still be told.
pub(crate) struct Password {
    /// In clear.
    pub(crate) text: String,
    /// Nobody knows it yet.
    pub(crate) made_up: bool,
}

/// From `QUINTET_PASSWORD`, from the first line of standard input if asked to, from a prompt on a terminal; else made up.
pub(crate) fn get(from_stdin: bool) -> Result<Password> {
    let text = if from_stdin {
        read_line()?
    } else if let Ok(text) = std::env::var("QUINTET_PASSWORD") {
        text
    } else if io::stdin().is_terminal() {
        prompt()?
    } else {
        return Ok(Password { text: make_up()?, made_up: true });
    };
    if text.is_empty() {
        bail!("the password is empty");
    }
    Ok(Password { text, made_up: false })
}

fn read_line() -> Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn prompt() -> Result<String> {
    let _silence = Silence::begin()?;
    let first = ask("Password: ")?;
    if ask("Once more: ")? != first {
        bail!("the two passwords differ");
    }
    Ok(first)
}

fn ask(question: &str) -> Result<String> {
    let mut screen = io::stderr();
    screen.write_all(question.as_bytes())?;
    let answer = read_line()?;
    // The Enter key was not shown either.
    screen.write_all(b"\n")?;
    Ok(answer)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin() -> Result<Self> {
        let before =
            tcgetattr(io::stdin()).context("cannot hide the password on this terminal; use --password-stdin")?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden).context("cannot hide the password")?;
        Ok(Self { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // What else could be done?
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

/// 100 bits of chance.
pub(crate) fn make_up() -> Result<String> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_passwords_differ() {
        let (first, second) = (make_up().unwrap(), make_up().unwrap());
        assert_eq!(first.len(), 20);
        assert_ne!(first, second);
    }
}
