//! A server as a process of its own, for tests that kill it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::client::PATIENCE;

/// The password of `admin` in every test.
pub const ADMIN_PASSWORD: &str = "admin-secret";

/// A running server process. Dropping it kills it.
pub struct Process {
    child: Child,
    address: SocketAddr,
    /// Kept open: a server whose output is closed would be told so when it prints.
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts `binary serve --conformance` on a free loopback port with this data directory, and waits until it listens.
    pub async fn start(binary: &Path, data: &Path) -> Result<Self> {
        Self::start_with(binary, data, &[]).await
    }

    /// As [`Process::start`], reached at an origin that stays the same whatever the port.
    pub async fn start_at(binary: &Path, data: &Path, origin: &str) -> Result<Self> {
        Self::start_with(binary, data, &[("QUINTET_ORIGIN", origin)]).await
    }

    /// As [`Process::start`], with these variables.
    pub async fn start_with(binary: &Path, data: &Path, variables: &[(&str, &str)]) -> Result<Self> {
        Self::launch(binary, data, &["--conformance"], variables).await
    }

    /// As [`Process::start_with`], without conformance mode, which overrides some of what variables say.
    pub async fn start_plain(binary: &Path, data: &Path, variables: &[(&str, &str)]) -> Result<Self> {
        Self::launch(binary, data, &[], variables).await
    }

    async fn launch(binary: &Path, data: &Path, mode: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        let mut child = Command::new(binary)
            .arg("serve")
            .args(mode)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("QUINTET_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", binary.display()))?;
        let mut output = BufReader::new(child.stdout.take().context("the child's output is piped")?).lines();
        let address = tokio::time::timeout(PATIENCE, listening(&mut output))
            .await
            .context("the server did not start in time")??;
        Ok(Self { child, address, output })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it as a power cut would: no chance to finish anything.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to stop, as Ctrl-C would, and waits; tells the exit code and the rest of what it printed.
    pub async fn stop(mut self, signal: rustix::process::Signal) -> Result<(Option<i32>, Vec<String>)> {
        let id = self.child.id().context("it has ended already")?;
        let id = rustix::process::Pid::from_raw(i32::try_from(id)?).context("a process id is positive")?;
        rustix::process::kill_process(id, signal)?;
        let mut rest = Vec::new();
        while let Some(line) = self.output.next_line().await? {
            rest.push(line);
        }
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.context("it did not stop in time")??;
        Ok((status.code(), rest))
    }
}

async fn listening(output: &mut Lines<BufReader<ChildStdout>>) -> Result<SocketAddr> {
    while let Some(line) = output.next_line().await? {
        if let Some(at) = line.find("http://") {
            let rest = &line[at + "http://".len()..];
            let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
            return Ok(rest[..end].replace("localhost", "127.0.0.1").parse()?);
        }
    }
    anyhow::bail!("the server ended before it listened")
}
