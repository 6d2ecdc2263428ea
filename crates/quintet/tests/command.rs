//! The command, as people run it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

fn quintet(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quintet"));
    // No configuration of the one who runs the tests.
    command.env_clear().current_dir(directory).stdin(Stdio::null());
    command
}

fn run(directory: &Path, line: &str) -> Output {
    quintet(directory).args(line.split_whitespace()).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", err(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A server that is killed should a test fail.
struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    greeting: String,
}

impl Server {
    fn start(directory: &Path, arguments: &str) -> Self {
        let mut command = quintet(directory);
        command.env("QUINTET_LOG_LEVEL", "warn").args(arguments.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            assert!(lines.read_line(&mut greeting).unwrap() > 0, "the server ended: {greeting}");
        }
        Self { child, lines, greeting }
    }

    fn url(&self) -> &str {
        self.greeting.split_whitespace().find(|word| word.starts_with("http://")).unwrap()
    }

    /// Asks it to stop; its exit code.
    fn stop(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let mut rest = String::new();
        while self.lines.read_line(&mut rest).unwrap() > 0 {}
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_is_found_by_its_data_and_outlived_by_it() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let server = Server::start(here, "serve --listen 127.0.0.1:0 --data d");
    assert!(server.greeting.contains("Admin login, shown this once: admin / "), "{}", server.greeting);
    assert!(
        server.greeting.contains("Try Concord:") && server.greeting.contains("Try Jac Cloud"),
        "{}",
        server.greeting
    );
    let token = out(&run(here, "token ann --create --ttl 1h --data d"));
    assert_eq!((token.lines().count(), token.trim().split('.').count()), (1, 3), "{token}");
    let second = run(here, "serve --listen 127.0.0.1:0 --data d");
    assert_eq!(second.status.code(), Some(1));
    assert!(err(&second).contains(&format!("in use by process {}", server.child.id())), "{}", err(&second));
    assert_eq!(server.stop(Signal::INT), Some(0));

    // Nobody runs now: straight on the data.
    let users = out(&run(here, "user list --data d"));
    assert!(users.contains("  ann\n") && users.contains("  admin\n"), "{users}");
    out(&run(here, "user disable ann --data d"));
    assert!(out(&run(here, "user list --data d")).contains("  ann  disabled\n"));
    let locked_out = run(here, "token ann --data d");
    assert_eq!(locked_out.status.code(), Some(1));
    assert!(err(&locked_out).starts_with("error: the account is disabled"), "{}", err(&locked_out));
    out(&run(here, "user enable ann --data d"));
    out(&run(here, "token ann --data d"));

    let again = Server::start(here, "serve --listen 127.0.0.1:0 --data d");
    assert!(!again.greeting.contains("Admin login"), "{}", again.greeting);
    assert_eq!(again.stop(Signal::TERM), Some(0));
}

#[test]
fn a_server_elsewhere_wants_a_key() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::write(here.join("quintet.toml"), "[api]\nkeys = [\"0123456789abcdef\"]\n").unwrap();
    let server = Server::start(here, "serve --listen 127.0.0.1:0 --data d");
    let url = server.url().replace("localhost", "127.0.0.1");
    let keyless = run(here, &format!("user list --url {url}"));
    assert!(err(&keyless).contains("--url needs --api-key"), "{}", err(&keyless));
    let wrong = run(here, &format!("user list --url {url} --api-key wrong"));
    assert!(err(&wrong).contains("(401)"), "{}", err(&wrong));
    let key = format!("--url {url} --api-key 0123456789abcdef");
    let mut add = quintet(here);
    add.args("user add --email zoe@example.org --password-stdin --json".split(' ')).args(key.split(' '));
    let mut child = add.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"zoe-secret\n").unwrap();
    let added = out(&child.wait_with_output().unwrap());
    assert!(added.contains(r#""username":"zoe""#) && !added.contains("zoe-secret"), "{added}");
    let made_up = out(&run(here, &format!("user passwd zoe {key}")));
    assert!(made_up.starts_with("password: "), "{made_up}");
    assert!(out(&run(here, &format!("user list --json {key}"))).contains(r#""username":"zoe""#));
}

#[test]
fn conformance_is_for_loopback_and_wants_a_password() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let keyless = run(here, "serve --conformance --listen 127.0.0.1:0 --data d");
    assert!(err(&keyless).contains("QUINTET_ADMIN_PASSWORD"), "{}", err(&keyless));
    let mut open = quintet(here);
    open.env("QUINTET_ADMIN_PASSWORD", "x").args("serve --conformance --listen 0.0.0.0:0 --data d".split(' '));
    let refused = open.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("listens on loopback only"), "{}", err(&refused));
    assert!(!here.join("d").exists(), "nothing was begun");
}

#[test]
fn a_configuration_is_checked() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    assert!(out(&run(here, "check")).contains("the defaults hold"));
    std::fs::write(here.join("quintet.toml"), "listn = \"x\"\n").unwrap();
    let wrong = run(here, "check");
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(err(&wrong), "error: quintet.toml:1:1: unknown key \"listn\"; did you mean \"listen\"?\n");
    let json = run(here, "check --json");
    assert!(String::from_utf8_lossy(&json.stdout).contains(r#""ok":false"#));
    let serve = run(here, "serve");
    assert!(err(&serve).starts_with("error: quintet.toml:1:1: unknown key"), "{}", err(&serve));
    assert_eq!(out(&run(here, "check --example")), quintet::config::example());
}

#[test]
fn without_data_nothing_is_founded_by_the_way() {
    let directory = tempfile::tempdir().unwrap();
    let lost = run(directory.path(), "user list --data nowhere");
    assert_eq!(lost.status.code(), Some(1));
    assert!(err(&lost).contains("there is no data in nowhere"), "{}", err(&lost));
    assert!(!directory.path().join("nowhere").exists());
    assert_eq!(run(directory.path(), "user").status.code(), Some(2));
}

#[test]
fn completions_name_the_commands() {
    let directory = tempfile::tempdir().unwrap();
    assert!(out(&run(directory.path(), "completions bash")).contains("conformance"));
    assert!(out(&run(directory.path(), "--version")).starts_with("quintet 0."));
}
