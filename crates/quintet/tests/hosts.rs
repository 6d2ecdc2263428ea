//! Two servers on two hosts, with names, addresses and TLS, in network namespaces where the machine allows that.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_quintet");
const NAMESPACES: [&str; 7] = ["--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child"];
const PATIENCE: Duration = Duration::from_mins(1);

/// The two hosts. Dropping them takes everything away.
struct Hosts {
    one: TempDir,
    other: TempDir,
    orders: ChildStdin,
    _script: Child,
}

/// A line of a child, which must come in time.
async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    let line =
        tokio::time::timeout(PATIENCE, lines.next_line()).await.context("nothing was printed for too long")??;
    line.context("it ended")
}

/// A directory with a configuration and a certificate of an authority that both believe.
fn furnish(name: &str, address: &str, authority: &Issuer<'_, KeyPair>, root: &str) -> Result<TempDir> {
    let directory = tempfile::tempdir()?;
    let path = |file: &str| directory.path().join(file);
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, authority)?;
    std::fs::write(path("key.pem"), key.serialize_pem())?;
    std::fs::write(path("certificate.pem"), certificate.pem())?;
    std::fs::write(path("roots.pem"), root)?;
    let configuration = format!(
        "listen = \"{address}:443\"\norigin = \"https://{name}\"\n\n[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n\n\
         [federation]\nroots = \"{}\"\n\n[log]\nlevel = \"warn\"\n",
        path("certificate.pem").display(),
        path("key.pem").display(),
        path("roots.pem").display()
    );
    std::fs::write(path("quintet.toml"), configuration)?;
    Ok(directory)
}

impl Hosts {
    async fn build() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let root = params.self_signed(&key)?.pem();
        let authority = Issuer::new(params, key);
        let one = furnish("one.quintet.test", "11.22.33.1", &authority, &root)?;
        let other = furnish("other.quintet.test", "11.22.33.2", &authority, &root)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts/apart.sh");
        let mut script = Command::new("unshare")
            .args(NAMESPACES)
            .arg(script)
            .arg(PROGRAM)
            .args([one.path(), other.path()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut output = BufReader::new(script.stdout.take().context("it is piped")?).lines();
        let mut missing = vec!["https://one.quintet.test", "https://other.quintet.test"];
        while !missing.is_empty() {
            let line = line(&mut output).await?;
            missing.retain(|name| !line.contains(name));
        }
        // Who prints must not be told that nobody listens.
        tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
        let orders = script.stdin.take().context("it is piped")?;
        Ok(Self { one, other, orders, _script: script })
    }

    /// The cable between them.
    async fn cable(&mut self, state: &str) -> Result<()> {
        Ok(self.orders.write_all(format!("{state}\n").as_bytes()).await?)
    }
}

/// Runs the program for the server that lives in a directory; tells what it printed.
async fn quintet(home: &TempDir, arguments: &[&str]) -> Result<String> {
    let output = command(home, arguments).stdin(Stdio::null()).output().await?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "quintet {}: {error}", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}

fn command(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .arg("--data")
        .arg(home.path().join("data"))
        .env("QUINTET_PASSWORD", "a-secret-of-theirs")
        .kill_on_drop(true);
    command
}

/// Listens to what comes from a host.
fn tail(home: &TempDir, host: &str) -> Result<(Child, Lines<BufReader<ChildStdout>>)> {
    let mut child = command(home, &["tail", &format!("instance/{host}")]).stdout(Stdio::piped()).spawn()?;
    let lines = BufReader::new(child.stdout.take().context("it is piped")?).lines();
    Ok((child, lines))
}

/// Why there are no two hosts here; `None` where there can be.
async fn hindrance() -> Option<String> {
    let tried = Command::new("unshare")
        .args(NAMESPACES)
        .args(["ip", "link", "add", "name", "cable", "type", "veth", "peer", "name", "cable2"])
        .output()
        .await;
    match tried {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Some(format!("unshare: {error}")),
    }
}

async fn heard(lines: &mut Lines<BufReader<ChildStdout>>, text: &str) -> Result<()> {
    for _ in 0..100 {
        if line(lines).await?.contains(text) {
            return Ok(());
        }
    }
    bail!("{text} was not heard")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_two_hosts_know_each_other_by_name_and_certificate() -> Result<()> {
    if let Some(why) = hindrance().await {
        println!("skipped: this machine gives no network namespaces ({why})");
        return Ok(());
    }
    let mut hosts = Hosts::build().await?;
    quintet(&hosts.one, &["user", "add", "alice"]).await?;
    quintet(&hosts.other, &["user", "add", "bob"]).await?;
    let (_child, mut lines) = tail(&hosts.one, "other.quintet.test")?;
    quintet(&hosts.one, &["follow", "alice@one.quintet.test", "bob@other.quintet.test"]).await?;
    heard(&mut lines, "FollowAccept").await?;
    quintet(&hosts.other, &["post", "--as", "bob", "hello from afar"]).await?;
    heard(&mut lines, "hello from afar").await?;
    // What is said while the cable is out comes when it is in again.
    hosts.cable("down").await?;
    quintet(&hosts.other, &["post", "--as", "bob", "are you there?"]).await?;
    hosts.cable("up").await?;
    heard(&mut lines, "are you there?").await?;
    let timeline = quintet(&hosts.one, &["timeline", "alice"]).await?;
    ensure!(timeline.contains("bob@other.quintet.test") && timeline.contains("are you there?"), "{timeline}");
    let peers = quintet(&hosts.one, &["peers"]).await?;
    ensure!(peers.contains("other.quintet.test"), "{peers}");
    Ok(())
}
