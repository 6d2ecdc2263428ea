//! The stage of a bench: the processes that it measures, and a directory that goes with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use quintet_bench::{Process, Runner};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tempfile::TempDir;

use super::crew::{Crew, Employer};
use super::password;

/// What a bench starts, and ends when it is over.
pub(crate) struct Stage {
    // They go before the server for which they work.
    crew: Crew,
    own: Option<Process>,
    floor: Process,
}

impl Stage {
    /// Starts the floor, and a server where none is to be measured that runs already; with workers for it, if they are asked for.
    pub(crate) fn set(scratch: &Path, with_server: bool, with_crew: bool) -> Result<Self> {
        let own = if with_server { Some(own_server(scratch)?) } else { None };
        let crew = match &own {
            Some(server) if with_crew => Crew::hire(scratch, employer(server, scratch)?)?,
            _ => Crew::default(),
        };
        let floor = Process::start(this()?.args(["bench", "floor"]))?;
        Ok(Self { crew, own, floor })
    }

    /// What can be called besides the server's own procedures.
    pub(crate) fn runners(&self) -> Vec<Runner> {
        let closure = Runner { who: "closure".to_owned(), procedure: CLOSURE.to_owned() };
        self.own.iter().map(|_| closure.clone()).chain(self.crew.runners().iter().cloned()).collect()
    }

    /// The server that was started for the bench.
    pub(crate) fn own(&self) -> Option<&Process> {
        self.own.as_ref()
    }

    /// What the server is measured beside.
    pub(crate) fn floor(&self) -> &Process {
        &self.floor
    }

    /// Ends the processes under the feet of those who measure them, and waits until they are gone.
    pub(crate) fn clear(&self) {
        let servers = self.own.iter().chain([&self.floor]).map(Process::pid);
        for pid in servers.chain(self.crew.pids()) {
            let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { continue };
            // It may have ended by itself. Its handle collects it later, so it is only waited for.
            let _ = kill_process(pid, Signal::KILL);
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        }
    }
}

/// A directory on a real disk, removed when it is dropped. The system's own place for such things is often in memory.
pub(crate) fn scratch() -> Result<TempDir> {
    let make = |place: &Path| tempfile::Builder::new().prefix("quintet-bench-").tempdir_in(place);
    let build = std::env::current_exe().ok().as_deref().and_then(build_directory);
    if let Some(made) = build.and_then(|place| make(&place).ok()) {
        return Ok(made);
    }
    let here = std::env::current_dir().context("cannot find the current directory")?;
    make(&here).context("cannot make a directory for the bench in the current one")
}

/// The directory of a build that a file is in: cargo marks it as one for things that can be made again.
fn build_directory(file: &Path) -> Option<PathBuf> {
    file.ancestors().skip(1).find(|place| place.join("CACHEDIR.TAG").exists()).map(Path::to_owned)
}

/// This program, to be started once more, without what the environment says to it.
fn this() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("cannot find this program's own file")?);
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"QUINTET_") {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// Where the bench's own server has its data, in the scratch directory.
const DATA: &str = "data";

/// The procedure that the bench's own server runs as a closure.
pub(crate) const CLOSURE: &str = "bench:closure";

/// The bench's own server, as its workers know it.
fn employer<'a>(server: &'a Process, scratch: &Path) -> Result<Employer<'a>> {
    let here = || {
        this().map(|mut command| {
            command.current_dir(scratch);
            command
        })
    };
    let issued = here()?.args(["token", "--worker", "bench", "--data", DATA]).output()?;
    ensure!(issued.status.success(), "no token for workers: {}", String::from_utf8_lossy(&issued.stderr).trim_end());
    let token = String::from_utf8(issued.stdout)?.trim_end().to_owned();
    let mut list = here()?;
    list.args(["procedures", "--json", "--data", DATA]);
    Ok(Employer { url: server.url(), token, list })
}

/// A server as it comes, with one procedure of its own. It starts in the scratch directory, where no configuration file is found.
fn own_server(scratch: &Path) -> Result<Process> {
    let mut command = this()?;
    command.args(["bench", "server", "--conformance", "--listen", "127.0.0.1:0", "--data", DATA]).current_dir(scratch);
    command.env("QUINTET_ADMIN_PASSWORD", password::make_up()?).env("QUINTET_LOG_LEVEL", "warn");
    Ok(Process::start(&mut command)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_directory_is_known_by_its_mark() {
        let place = tempfile::tempdir().unwrap();
        let program = place.path().join("target/release/quintet");
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        assert_eq!(build_directory(&program).filter(|found| found.starts_with(place.path())), None);
        std::fs::write(place.path().join("target/CACHEDIR.TAG"), "").unwrap();
        assert_eq!(build_directory(&program), Some(place.path().join("target")));
    }
}
