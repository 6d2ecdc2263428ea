//! The crew of a bench: workers that answer what they are given, one for each SDK that is found.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use quintet_bench::Runner;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::output;

/// How long workers may take to offer their procedures: a Jac program is compiled first.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked whether they have.
const GLANCE: Duration = Duration::from_millis(200);

const PYTHON: &str = "\
from quintet import procedure, run

@procedure('bench:python')
async def echo(payload):
    return payload

run()
";

const TYPESCRIPT: &str = "\
import { Worker } from 'SDK';
const worker = new Worker();
worker.procedure('bench:typescript', ({ payload }) => payload);
await worker.run();
";

const JAC: &str = "\
walker bench_walker {
    has n: int;

    can answer with `root entry {
        report self.n;
    }
}
";

/// The workers that were hired; they are let go with it.
#[derive(Default)]
pub(crate) struct Crew {
    workers: Vec<Child>,
    runners: Vec<Runner>,
}

/// A program that could be a worker.
struct Applicant {
    who: &'static str,
    procedure: &'static str,
    command: Option<Command>,
    /// How to come by it.
    advice: &'static str,
}

/// The server for which they work: its address, a token, and how to ask it for its procedures.
pub(crate) struct Employer<'a> {
    pub(crate) url: &'a str,
    pub(crate) token: String,
    pub(crate) list: Command,
}

impl Crew {
    /// Starts what is found, and waits until all of it is ready. What is not found is told.
    pub(crate) fn hire(scratch: &Path, employer: Employer<'_>) -> Result<Self> {
        let here = std::env::current_dir().context("cannot find the current directory")?;
        let mut crew = Self::default();
        for Applicant { who, procedure, command, advice } in applicants(scratch, &here)? {
            let Some(mut command) = command else {
                output::tell(format_args!("no {who} here, so none is measured: {advice}"));
                continue;
            };
            command.env("QUINTET_URL", employer.url).env("QUINTET_TOKEN", &employer.token).current_dir(scratch);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            crew.workers.push(command.spawn().with_context(|| format!("cannot start a {who}"))?);
            crew.runners.push(Runner { who: who.to_owned(), procedure: procedure.to_owned() });
        }
        crew.wait(employer.list)?;
        Ok(crew)
    }

    /// What they run.
    pub(crate) fn runners(&self) -> &[Runner] {
        &self.runners
    }

    /// Their processes.
    pub(crate) fn pids(&self) -> impl Iterator<Item = u32> {
        self.workers.iter().map(Child::id)
    }

    #[expect(clippy::disallowed_methods, reason = "nobody tells when a worker has offered its procedures")]
    fn wait(&mut self, mut list: Command) -> Result<()> {
        let begun = Instant::now();
        loop {
            let listed: Value = serde_json::from_slice(&list.output()?.stdout)?;
            let names: Vec<_> =
                listed.as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
            let missing = self.runners.iter().position(|runner| !names.contains(&runner.procedure.as_str()));
            let Some(missing) = missing else { return Ok(()) };
            let ended = self.workers[missing].try_wait()?.is_some();
            if ended || begun.elapsed() > PATIENCE {
                bail!("a {} did not begin to work", self.runners[missing].who);
            }
            thread::sleep(GLANCE);
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            // A worker that is asked to go takes its own children along.
            if let Some(pid) = i32::try_from(worker.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::TERM);
            }
        }
        for worker in &mut self.workers {
            // The SDKs leave within a bound of their own, at once where nothing is under way.
            let _ = worker.wait();
        }
    }
}

fn applicants(scratch: &Path, here: &Path) -> Result<[Applicant; 3]> {
    let file = |name: &str, text: &str| {
        let path = scratch.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok::<_, anyhow::Error>(path)
    };
    let sdk = here.join("sdk/typescript/dist/index.js");
    let python = file("worker.py", PYTHON)?;
    let typescript = file("worker.mjs", &TYPESCRIPT.replace("SDK", &sdk.to_string_lossy()))?;
    let walker = file("walker.jac", JAC)?;
    let run = |program: PathBuf, file: &Path, more: &[&str]| {
        let mut command = Command::new(program);
        command.arg(file).args(more);
        command
    };
    Ok([
        Applicant {
            who: "Python worker",
            procedure: "bench:python",
            command: python_with("quintet", here).map(|program| run(program, &python, &[])),
            advice: "pip install ./sdk/python",
        },
        Applicant {
            who: "TypeScript worker",
            procedure: "bench:typescript",
            command: sdk.exists().then(|| run("node".into(), &typescript, &[])),
            advice: "npm --prefix sdk/typescript ci, and run the bench from the repository",
        },
        Applicant {
            who: "walker",
            procedure: "bench_walker",
            command: python_with("quintet_jac, jaclang", here).map(|program| {
                let mut command = Command::new(program);
                command.args(["-m", "quintet_jac"]).arg(&walker);
                command
            }),
            advice: "pip install './sdk/python[jac]'",
        },
    ])
}

/// A Python that has these modules: that of the repository's own environment, else the system's.
fn python_with(modules: &str, here: &Path) -> Option<PathBuf> {
    let programs = [here.join("sdk/python/.venv/bin/python").into_os_string(), OsString::from("python3")];
    let has = |program: &OsString| {
        let mut command = Command::new(program);
        command.args(["-c", &format!("import {modules}")]).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    programs.into_iter().find(has).map(PathBuf::from)
}
