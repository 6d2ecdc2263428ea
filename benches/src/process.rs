//! A child process that serves for the length of a bench.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::Error;

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    url: String,
}

impl Process {
    /// Starts `command` and reads its standard output up to the first `http://` address, which is taken as
    /// where it listens. The child's standard input stays open as long as this value lives; standard error is
    /// the caller's business.
    pub fn start(command: &mut Command) -> Result<Self, Error> {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = Self { child: spawned.map_err(Error::system("start a server"))?, url: String::new() };
        let program = || command.get_program().to_string_lossy().into_owned();
        let output = process.child.stdout.take().ok_or_else(|| Error::NoAddress { program: program() })?;
        let mut lines = BufReader::new(output).lines();
        let url = lines.by_ref().map_while(Result::ok).find_map(|line| address(&line));
        process.url = url.ok_or_else(|| Error::NoAddress { program: program() })?;
        // Read on, or a talkative child would block on a full pipe.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(process)
    }

    /// Where it listens, `http://host:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first `http://host:port` of a line, without path and punctuation.
fn address(line: &str) -> Option<String> {
    let rest = &line[line.find("http://")? + 7..];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-.:[]".contains(c)).unwrap_or(rest.len());
    let host = rest[..end].trim_end_matches(['.', ':']);
    (!host.is_empty()).then(|| format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_prose() {
        let table = [
            ("http://127.0.0.1:80", Some("http://127.0.0.1:80")),
            ("listening on http://[::1]:8080/console.", Some("http://[::1]:8080")),
            ("at \"http://localhost:8080\", admin", Some("http://localhost:8080")),
            ("see http://localhost:8080.", Some("http://localhost:8080")),
            ("http://", None),
            ("ready", None),
        ];
        for (line, want) in table {
            assert_eq!(address(line).as_deref(), want, "{line}");
        }
    }

    #[test]
    fn a_child_that_names_no_address_is_an_error() {
        let error = Process::start(&mut Command::new("true")).unwrap_err();
        assert_eq!(error.to_string(), "\"true\" did not print a http:// address on its standard output");
    }

    #[test]
    fn a_child_is_ended_with_its_handle() {
        let process = Process::start(Command::new("sh").args(["-c", "echo on http://h:1; exec cat"])).unwrap();
        assert_eq!(process.url(), "http://h:1");
        let pid = process.pid();
        drop(process);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}
