//! What the commands on users, tokens, procedures and topics do to a house, seen by its clients.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use quintet_tests::client::{Ask, request};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// The binary, in a directory without a configuration, and without one in its environment.
fn quintet(place: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quintet"));
    command.env_clear().current_dir(place).stdin(Stdio::null()).args(words);
    command
}

/// Runs it to a good end, with a line on its standard input; tells what it printed.
fn run(mut command: Command, input: &str) -> Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("its input is piped")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn printed(place: &Path, words: &[&str]) -> Result<String> {
    run(quintet(place, words), "")
}

/// Runs it to a bad end; tells its one line of complaint.
fn refused(place: &Path, words: &[&str]) -> Result<String> {
    let output = quintet(place, words).output()?;
    let complaint = String::from_utf8(output.stderr)?;
    ensure!(output.status.code() == Some(1), "{words:?} ended with {}: {complaint}", output.status);
    ensure!(output.stdout.is_empty(), "{words:?} printed {:?}", String::from_utf8_lossy(&output.stdout));
    ensure!(complaint.starts_with("error: ") && complaint.lines().count() == 1, "{words:?}: {complaint}");
    Ok(complaint)
}

/// `quintet serve` on a free port, with its data in `place/data`.
struct Serving {
    child: Child,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Serving {
    fn start(place: &Path) -> Result<Self> {
        let mut command = quintet(place, &["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.env("QUINTET_LOG_LEVEL", "warn").stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut first = String::new();
        output.read_line(&mut first)?;
        let (_, address) = first.trim_end().split_once("http://").with_context(|| format!("no address: {first}"))?;
        let address = address.replace("localhost", "127.0.0.1").parse()?;
        Ok(Self { child, output, address })
    }

    /// Asks it to stop; tells its exit code, and what it printed after its address.
    fn stop(mut self, signal: Signal) -> Result<(Option<i32>, String)> {
        kill_process(Pid::from_child(&self.child), signal)?;
        let mut rest = String::new();
        self.output.read_to_string(&mut rest)?;
        Ok((self.child.wait()?.code(), rest))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(address: SocketAddr, ask: Ask<'_>) -> Result<(u16, Value)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(request(address, ask))?;
    Ok((answer.status, answer.json().unwrap_or_default()))
}

/// Who the holder of a token is, to the Concord room.
fn holder(address: SocketAddr, token: &str) -> Result<(u16, Value)> {
    let headers = vec![("authorization", format!("Bearer {}", token.trim_end()))];
    let (status, own) = ask(address, Ask { path: "/api/self", headers, ..Ask::default() })?;
    Ok((status, own["username"].clone()))
}

/// The status of a login.
fn log_in(address: SocketAddr, username: &str, password: &str) -> Result<u16> {
    let headers = vec![("content-type", "application/json".to_owned())];
    let body = json!({ "username": username, "password": password }).to_string().into();
    Ok(ask(address, Ask { method: "POST", path: "/api/tokens", headers, body })?.0)
}

#[test]
fn the_password_of_the_first_start_holds_for_later_ones() -> Result<()> {
    let place = tempfile::tempdir()?;
    let (code, greeting) = Serving::start(place.path())?.stop(Signal::TERM)?;
    assert_eq!(code, Some(0));
    let (_, login) = greeting.split_once("admin / ").with_context(|| format!("no login: {greeting}"))?;
    let password = login.lines().next().unwrap_or_default();

    let again = Serving::start(place.path())?;
    assert_eq!(log_in(again.address, "admin", password)?, 200);
    // Concord answers a wrong password with 400, not 401.
    assert_eq!(log_in(again.address, "admin", "another")?, 400);
    let (code, greeting) = again.stop(Signal::INT)?;
    assert_eq!(code, Some(0));
    assert!(!greeting.contains("admin / ") && !greeting.contains(password), "{greeting}");
    Ok(())
}

#[test]
fn a_token_is_all_that_is_printed() -> Result<()> {
    let place = tempfile::tempdir()?;
    let server = Serving::start(place.path())?;
    let complaint = refused(place.path(), &["token", "zoë/1"])?;
    assert!(complaint.contains("zoë/1"), "{complaint}");
    let token = printed(place.path(), &["token", "zoë/1", "--create", "--ttl", "1h"])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    assert!(token.strip_suffix('\n').is_some_and(|token| token.chars().all(plain)), "{token:?}");
    assert_eq!(holder(server.address, &token)?, (200, json!("zoë/1")));
    Ok(())
}

#[test]
fn who_is_locked_out_is_out_at_once() -> Result<()> {
    let place = tempfile::tempdir()?;
    let server = Serving::start(place.path())?;
    printed(place.path(), &["user", "add", "ann"])?;
    let complaint = refused(place.path(), &["user", "add", "ann"])?;
    assert!(complaint.contains("taken"), "{complaint}");
    let token = printed(place.path(), &["token", "ann"])?;
    assert_eq!(holder(server.address, &token)?.0, 200);
    printed(place.path(), &["user", "disable", "ann"])?;
    assert_eq!(holder(server.address, &token)?.0, 401);
    let complaint = refused(place.path(), &["user", "disable", "nobody"])?;
    assert!(complaint.contains("nobody"), "{complaint}");
    Ok(())
}

#[test]
fn a_new_password_ends_old_tokens_and_is_not_printed() -> Result<()> {
    let place = tempfile::tempdir()?;
    let server = Serving::start(place.path())?;
    let token = printed(place.path(), &["token", "ann", "--create"])?;
    let mut passwd = quintet(place.path(), &["user", "passwd", "ann"]);
    passwd.env("QUINTET_PASSWORD", "new-secret");
    assert_eq!(run(passwd, "")?, "");
    assert_eq!(log_in(server.address, "ann", "new-secret")?, 200);
    assert_eq!(holder(server.address, &token)?.0, 401);
    Ok(())
}

#[test]
fn what_is_done_while_no_server_runs_is_there_when_one_does() -> Result<()> {
    let place = tempfile::tempdir()?;
    Serving::start(place.path())?.stop(Signal::TERM)?;
    let added = run(quintet(place.path(), &["user", "add", "bob", "--password-stdin"]), "bob-secret\n")?;
    assert!(!added.contains("bob-secret"), "{added}");
    let token = printed(place.path(), &["token", "ann", "--create"])?;
    printed(place.path(), &["user", "add", "eve"])?;
    printed(place.path(), &["user", "disable", "eve"])?;

    let server = Serving::start(place.path())?;
    assert_eq!(log_in(server.address, "bob", "bob-secret")?, 200);
    assert_eq!(holder(server.address, &token)?, (200, json!("ann")));
    let list: Value = serde_json::from_str(&printed(place.path(), &["user", "list", "--json"])?)?;
    let user = |user: &Value| (user["username"].clone(), user["disabled"].clone());
    let expected = [("admin", false), ("bob", false), ("ann", false), ("eve", true)];
    let expected = expected.map(|(name, disabled)| (json!(name), json!(disabled)));
    assert_eq!(list.as_array().context("a list")?.iter().map(user).collect::<Vec<_>>(), expected);
    Ok(())
}

/// What `agent show` tells of a secret, read from standard input.
fn shown(place: &Path, secret: &str) -> Result<Value> {
    Ok(serde_json::from_str(&run(quintet(place, &["agent", "show", "-", "--json"]), secret)?)?)
}

#[test]
fn the_root_agent_is_told_to_the_owner_alone() -> Result<()> {
    let place = tempfile::tempdir()?;
    let server = Serving::start(place.path())?;
    let secret = printed(place.path(), &["agent", "root"])?;
    assert_eq!(secret.lines().count(), 1, "the secret is all that is printed: {secret:?}");
    let agent = shown(place.path(), &secret)?;
    let subject = agent["subject"].as_str().context("an agent has a subject")?;
    let origin = format!("http://localhost:{}", server.address.port());
    assert_eq!(subject, format!("{origin}/agents/{}", agent["publicKey"].as_str().unwrap_or_default()));
    assert_eq!(printed(place.path(), &["agent", "root", "--user", "admin"])?, secret);
    printed(place.path(), &["user", "add", "ann"])?;
    let complaint = refused(place.path(), &["agent", "root", "--user", "ann"])?;
    assert!(complaint.contains("\"ann\" is no admin"), "{complaint}");
    let complaint = refused(place.path(), &["agent", "root", "--user", "nobody"])?;
    assert!(complaint.contains("nobody"), "{complaint}");

    // The root drive lists that agent.
    let headers = vec![("accept", "application/ad+json".to_owned())];
    let (status, drive) = ask(server.address, Ask { path: "/", headers, ..Ask::default() })?;
    let write = &drive["https://atomicdata.dev/properties/write"];
    assert!(status == 200 && write.as_array().is_some_and(|agents| agents.contains(&json!(subject))), "{drive}");
    Ok(())
}

#[test]
fn documents_go_out_and_come_in_again() -> Result<()> {
    let place = tempfile::tempdir()?;
    let here = place.path();
    let server = Serving::start(here)?;
    let origin = format!("http://localhost:{}", server.address.port());
    let property = |name: &str| format!("https://atomicdata.dev/properties/{name}");
    let note = |number: usize| {
        let url = format!("{origin}/notes/{number}");
        json!({ "@id": url, property("parent"): origin, property("name"): format!("note {number}"), property("tags"): [] })
    };
    let mut notes: Vec<Value> = (0..200).map(note).collect();
    // A child may stand far before its parent.
    notes[0][property("parent")] = json!(format!("{origin}/notes/199"));
    notes.push(json!({ "@id": "http://elsewhere.example/note", property("name"): "not ours" }));
    std::fs::write(here.join("notes.json"), Value::from(notes).to_string())?;
    let output = quintet(here, &["import", "notes.json"]).output()?;
    assert_eq!(output.status.code(), Some(1), "one was refused");
    assert_eq!(String::from_utf8(output.stdout)?, "imported 200 documents, refused 1\n");
    let complaint = String::from_utf8(output.stderr)?;
    assert!(complaint.starts_with("refused http://elsewhere.example/note: "), "{complaint}");

    assert!(printed(here, &["export", "--output", "all.json"])?.ends_with(" documents to all.json\n"));
    let exported = std::fs::read_to_string(here.join("all.json"))?;
    assert_eq!(printed(here, &["export"])?, exported);
    let documents: Vec<Value> = serde_json::from_str(&exported)?;
    let found = documents.iter().filter(|one| one["@id"].as_str().is_some_and(|id| id.contains("/notes/")));
    let names: BTreeSet<_> = found.clone().map(|one| one[property("name")].to_string()).collect();
    assert_eq!((found.clone().count(), names.len()), (200, 200));
    assert!(found.clone().all(|one| one[property("tags")] == json!([])), "what is empty is kept");

    // What is there already stays as it is; nobody needs to run for that.
    assert_eq!(server.stop(Signal::TERM)?.0, Some(0));
    std::fs::write(here.join("quintet.toml"), format!("origin = \"{origin}\"\n"))?;
    printed(here, &["import", "all.json"])?;
    let again: Vec<Value> = serde_json::from_str(&printed(here, &["export"])?)?;
    let plain = |documents: &[Value]| -> Vec<Value> {
        let mut documents = documents.to_vec();
        documents.iter_mut().filter_map(Value::as_object_mut).for_each(|one| drop(one.remove(&property("lastCommit"))));
        documents
    };
    assert_eq!(plain(&again), plain(&documents));
    Ok(())
}

#[test]
fn a_workers_token_is_all_that_is_printed_and_can_be_ended() -> Result<()> {
    let place = tempfile::tempdir()?;
    let server = Serving::start(place.path())?;
    let token = printed(place.path(), &["token", "--worker", "jac"])?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    assert!(token.strip_suffix('\n').is_some_and(|token| token.chars().all(plain)), "{token:?}");
    assert_eq!(holder(server.address, &token)?.0, 401, "it is nobody's login");
    assert_eq!(printed(place.path(), &["token", "--worker", "jac", "--revoke"])?, "");
    let complaint = refused(place.path(), &["token", "--worker", "no name"])?;
    assert!(complaint.contains("a worker's name is made of letters"), "{complaint}");
    server.stop(Signal::TERM)?;
    // Straight on the data.
    assert_ne!(printed(place.path(), &["token", "--worker", "jac", "--ttl", "1h"])?, token);
    Ok(())
}

#[test]
fn a_procedure_is_called_from_the_command_line() -> Result<()> {
    let place = tempfile::tempdir()?;
    let complaint = refused(place.path(), &["call", "echo"])?;
    assert!(complaint.contains("start it with `quintet serve --data"), "{complaint}");
    let server = Serving::start(place.path())?;
    let call = |words: &[&str]| printed(place.path(), &[&["call"], words].concat());
    assert_eq!(call(&["echo", r#"{"b": 1.50}"#, "--json"])?, "{\"b\": 1.50}\n");
    assert_eq!(call(&["echo", r#"{"b":[]}"#])?, "{\n  \"b\": []\n}\n");
    assert_eq!(call(&["echo"])?, "null\n");
    assert_eq!(run(quintet(place.path(), &["call", "echo", "-"]), "[]\n")?, "[]\n");
    let failed = refused(place.path(), &["call", "fail"])?;
    assert_eq!(failed, "error: this procedure always fails (418)\n");
    let wrong = refused(place.path(), &["call", "chat:send", "{}"])?;
    assert_eq!(wrong, "error: roomId is required; content is required (400)\n");
    printed(place.path(), &["token", "zoë/1", "--create"])?;
    let rooms: Value = serde_json::from_str(&call(&["room:list", "--as", "zoë/1"])?)?;
    let chat = json!({"roomId": rooms["rooms"][0]["id"], "content": "hello"}).to_string();
    let said: Value = serde_json::from_str(&call(&["chat:send", &chat, "--as", "zoë/1"])?)?;
    assert_eq!(said["chat"]["author"]["username"], "zoë/1");
    let listed: Value = serde_json::from_str(&printed(place.path(), &["procedures", "--json"])?)?;
    let echo = listed.as_array().and_then(|all| all.iter().find(|one| one["name"] == "echo"));
    let echo = echo.context("echo is not listed")?;
    assert_eq!((&echo["kind"], &echo["calls"], &echo["errors"]), (&json!("built-in"), &json!(4), &json!(0)));
    server.stop(Signal::TERM)?;
    Ok(())
}

#[test]
fn procedures_of_ones_own_are_listed_before_the_servers() -> Result<()> {
    let place = tempfile::tempdir()?;
    let webhook = "[[procedure]]\nname = \"zeta\"\nurl = \"http://127.0.0.1:9\"\n\
        secret = \"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\"\n";
    std::fs::write(place.path().join("quintet.toml"), webhook)?;
    let server = Serving::start(place.path())?;
    let names = |words: &[&str]| -> Result<Vec<String>> {
        let table = printed(place.path(), &[&["procedures"], words].concat())?;
        Ok(table.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect())
    };
    assert_eq!(names(&[])?, ["NAME", "zeta"]);
    let all = names(&["--all"])?;
    assert_eq!(all[..3], ["NAME", "zeta", "chat:delete"]);
    assert!(all.contains(&"echo".to_owned()), "{all:?}");
    server.stop(Signal::TERM)?;
    Ok(())
}

#[test]
fn what_is_published_is_tailed() -> Result<()> {
    let place = tempfile::tempdir()?;
    let server = Serving::start(place.path())?;
    let mut tailing = quintet(place.path(), &["tail", "orders/*", "--count", "2", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut told = String::new();
    BufReader::new(tailing.stderr.take().context("its errors are piped")?).read_line(&mut told)?;
    assert_eq!(told, "listening to orders/*\n");
    printed(place.path(), &["publish", "other", "1"])?;
    printed(place.path(), &["publish", "orders/1", r#"{"a": 1.50}"#, "--name", "order:created"])?;
    printed(place.path(), &["publish", "orders/2"])?;
    let output = String::from_utf8(tailing.wait_with_output()?.stdout)?;
    let lines: Vec<Value> = output.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let line = |line: &Value| json!([line["topic"], line["name"], line["payload"]]);
    let told: Vec<_> = lines.iter().map(line).collect();
    assert_eq!(told, [json!(["orders/1", "order:created", {"a": 1.5}]), json!(["orders/2", "orders/2", null])]);
    let refusal = refused(place.path(), &["publish", "room/1", "1"])?;
    assert!(refusal.contains("are reserved"), "{refusal}");
    assert!(refused(place.path(), &["publish", "orders/1", "hello"])?.contains("no JSON"));
    server.stop(Signal::TERM)?;
    Ok(())
}
