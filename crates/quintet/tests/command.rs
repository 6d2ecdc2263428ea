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
        Self::watch(command)
    }

    /// Runs it until it has greeted.
    fn watch(mut command: Command) -> Self {
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
        [
            "Try Concord:",
            "Try Jac Cloud",
            "Try Flamigo",
            "Try Atomic Data",
            "curl ",
            "quintet token --worker example --data /"
        ]
        .iter()
        .all(|line| server.greeting.contains(line)),
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
fn an_agent_is_made_without_a_server() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let secret = out(&run(here, "agent new"));
    assert_ne!(secret, out(&run(here, "agent new")));
    assert_eq!(here.read_dir().unwrap().count(), 0, "nothing is stored");
    let shown = out(&run(here, &format!("agent show {secret}")));
    assert!(shown.starts_with("subject: http://localhost:8080/agents/"), "{shown}");
    assert_eq!(shown.lines().nth(1).unwrap().len(), "public key: ".len() + 44, "{shown}");
    let elsewhere: serde_json::Value =
        serde_json::from_str(&out(&run(here, "agent new --json --url https://a.example"))).unwrap();
    let subject = format!("https://a.example/agents/{}", elsewhere["publicKey"].as_str().unwrap());
    assert_eq!(elsewhere["subject"], subject.as_str());
    let shown = out(&run(here, &format!("agent show --json {}", elsewhere["secret"].as_str().unwrap())));
    assert_eq!(shown, format!("{}\n", serde_json::json!({"subject": subject, "publicKey": elsewhere["publicKey"]})));
    let nonsense = run(here, "agent show hunter2");
    assert!(err(&nonsense).starts_with("error: this is no agent secret"), "{}", err(&nonsense));
    std::fs::write(here.join("quintet.toml"), "listen = \"127.0.0.1:0\"\n").unwrap();
    let nowhere = run(here, "agent new");
    assert!(err(&nowhere).contains("nobody knows where the server is reached"), "{}", err(&nowhere));
}

#[test]
fn a_new_agent_is_one_of_the_running_server() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let server = Server::start(here, "serve --listen 127.0.0.1:0 --data d");
    let secret = out(&run(here, "agent new --data d"));
    let shown = out(&run(here, &format!("agent show {secret}")));
    assert!(
        shown.starts_with(&format!("subject: {}/agents/", server.url().replace("127.0.0.1", "localhost"))),
        "{shown}"
    );
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
    let good = out(&run(here, "check"));
    assert!(good.contains("the defaults hold") && good.contains("\nlisten = \"127.0.0.1:8080\"\n"), "{good}");
    let mut secret = quintet(here);
    secret.env("QUINTET_ADMIN_PASSWORD", "hunter2").env("QUINTET_LIMITS_ROOMS", "7").args(["check", "--json"]);
    let json = out(&secret.output().unwrap());
    assert!(json.contains(r#""password":"(set)""#) && json.contains(r#""rooms":7"#), "{json}");
    assert!(!json.contains("hunter2"), "{json}");
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
fn an_output_that_nobody_reads_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    for line in ["check", "check --json", "check --example", "completions bash"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = quintet(directory.path()).args(line.split(' ')).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{line}");
    }
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = quintet(directory.path()).arg("check").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).starts_with("error: cannot write to standard output"), "{}", err(&output));
}

#[test]
fn a_server_outlives_those_who_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let (reader, log) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = quintet(here);
    command.env("QUINTET_LOG_LEVEL", "trace").args("serve --listen 127.0.0.1:0 --data d".split(' ')).stderr(log);
    let server = Server::watch(command);
    out(&run(here, "user list --data d"));
    assert_eq!(server.stop(Signal::TERM), Some(0));
}

#[test]
fn nothing_is_founded_by_a_server_that_does_not_start() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::write(here.join("broken.pem"), "").unwrap();
    let mut broken = quintet(here);
    broken.env("QUINTET_TLS_CERTIFICATE", "broken.pem").env("QUINTET_TLS_KEY", "broken.pem");
    let broken = broken.args("serve --listen 127.0.0.1:0 --data d".split(' ')).output().unwrap();
    assert!(err(&broken).starts_with("error: cannot use the certificate"), "{}", err(&broken));
    // The path of the control socket would be too long.
    let long = format!("{}/d", "long".repeat(40));
    let broken = run(here, &format!("serve --listen 127.0.0.1:0 --data {long}"));
    assert!(err(&broken).starts_with("error: cannot make the control socket"), "{}", err(&broken));
    assert!(!here.join("d/quintet.db").exists() && !here.join(long).join("quintet.db").exists());
}

#[test]
fn a_data_flag_goes_over_the_variable_of_a_server_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    let mut list = quintet(directory.path());
    let output = list.env("QUINTET_URL", "http://127.0.0.1:1").args("user list --data d".split(' ')).output().unwrap();
    assert!(err(&output).contains("there is no data in d"), "{}", err(&output));
    let mut list = quintet(directory.path());
    let output = list.env("QUINTET_URL", "http://127.0.0.1:1").args(["user", "list"]).output().unwrap();
    assert!(err(&output).contains("name the right directory with --data"), "{}", err(&output));
}

#[test]
fn who_owns_the_data_needs_no_key_though_the_workers_variable_is_set() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let server = Server::start(here, "serve --listen 127.0.0.1:0 --data data");
    let mut token = quintet(here);
    let output = token.env("QUINTET_URL", server.url()).args("token --worker notes".split(' ')).output().unwrap();
    assert_eq!(out(&output).trim().split('.').count(), 3);
    let mut other = quintet(here);
    let output =
        other.env("QUINTET_URL", "http://127.0.0.1:1").args("token --worker notes".split(' ')).output().unwrap();
    assert!(err(&output).contains("is another: name the right directory"), "{}", err(&output));
    assert_eq!(server.stop(Signal::TERM), Some(0));
}

#[test]
fn a_server_that_cannot_be_asked_is_not_taken_for_none() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file"), "").unwrap();
    let output = run(directory.path(), "user list --data file");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).starts_with("error: cannot reach the server of file"), "{}", err(&output));
}

#[test]
fn the_bound_address_is_told_whatever_others_call_it() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::write(here.join("quintet.toml"), "origin = \"https://chat.example.org\"\n").unwrap();
    let server = Server::start(here, "serve --listen 127.0.0.1:0 --data d");
    let first = server.greeting.lines().next().unwrap();
    assert!(first.starts_with("quintet listens on http://127.0.0.1:"), "{first}");
    assert!(first.ends_with(" and is reached at https://chat.example.org"), "{first}");
    assert!(std::net::TcpStream::connect(server.url().strip_prefix("http://").unwrap()).is_ok());
}

#[test]
fn an_interrupted_bench_leaves_nothing_behind() {
    // A terminal that is closed hangs up.
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        interrupt_a_bench(signal);
    }
}

fn interrupt_a_bench(signal: Signal) {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    // The bench looks for its scratch directory beside the program.
    let program = here.join("quintet");
    std::fs::hard_link(env!("CARGO_BIN_EXE_quintet"), &program)
        .or_else(|_| std::fs::copy(env!("CARGO_BIN_EXE_quintet"), &program).map(drop))
        .unwrap();
    std::fs::write(here.join("CACHEDIR.TAG"), "").unwrap();
    // Neither concerns the server of a bench.
    std::fs::write(here.join("quintet.toml"), "nonsense = 1").unwrap();
    let mut bench = Command::new(&program);
    bench.env_clear().env("QUINTET_LISTN", "nonsense").current_dir(here).args("bench echo --duration 9m".split(' '));
    let mut child = bench.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    // It measures now.
    let first = told.next().unwrap();
    assert!(first.contains("echo"), "{first}");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).unwrap();
    assert_eq!(children.split_whitespace().count(), 2, "a server and a floor");
    kill_process(Pid::from_child(&child), signal).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(told.last().as_deref(), Some("error: the bench was interrupted"));
    for pid in children.split_whitespace() {
        // What is left of it is somebody else's to collect.
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{state}");
    }
    let left = std::fs::read_dir(here).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with("quintet-bench-")));
}

#[test]
fn a_bench_of_commits_loses_none() {
    let directory = tempfile::tempdir().unwrap();
    let report = out(&run(directory.path(), "bench commits --rounds 1 --duration 1s --json"));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["failures"], serde_json::json!([]));
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "over HTTP, over sockets, and the floor");
    for row in rows {
        assert!(row["rate"].as_f64().is_some_and(|rate| rate > 0.0), "{row}");
        assert_eq!(row["faults"], serde_json::json!({"lost": 0, "duplicated": 0, "out_of_order": 0}), "{row}");
    }
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
