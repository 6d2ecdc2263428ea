//! `quintet check`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use quintet_server::config::{self, Loaded};
use serde_json::json;

use super::configuration::Configuration;

/// Arguments of `check`.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    configuration: Configuration,
    /// Print the example file instead: every key, with its default
    #[arg(long)]
    example: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "example")]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.example {
            print!("{}", config::example());
            return Ok(ExitCode::SUCCESS);
        }
        match self.configuration.load(Vec::new()) {
            Ok(loaded) => self.good(&loaded),
            Err(error) => return self.bad(error),
        }
        Ok(ExitCode::SUCCESS)
    }

    fn good(&self, loaded: &Loaded) {
        let file = loaded.file.as_deref().map(Path::display);
        if self.json {
            println!(
                "{}",
                json!({"ok": true, "file": file.map(|file| file.to_string()), "problems": [], "warnings": loaded.warnings})
            );
            return;
        }
        for warning in &loaded.warnings {
            eprintln!("warning: {warning}");
        }
        match file {
            Some(file) => println!("{file} is good"),
            None => println!("there is no {}; the defaults hold", config::FILE),
        }
    }

    fn bad(&self, error: anyhow::Error) -> Result<ExitCode> {
        let error = error.downcast::<config::Error>()?;
        if self.json {
            let problems: Vec<_> =
                error.problems.iter().map(|one| json!({"place": one.place, "message": one.message})).collect();
            println!("{}", json!({"ok": false, "problems": problems}));
        } else {
            for problem in &error.problems {
                eprintln!("error: {problem}");
            }
        }
        Ok(ExitCode::FAILURE)
    }
}
