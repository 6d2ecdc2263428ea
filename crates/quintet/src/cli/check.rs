//! `quintet check`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use quintet_server::config::{self, Loaded};
use serde_json::json;

use super::configuration::Configuration;
use super::output;

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
            output::print(&config::example())?;
            return Ok(ExitCode::SUCCESS);
        }
        match self.configuration.load(Vec::new()) {
            Ok(loaded) => self.good(&loaded)?,
            Err(error) => return self.bad(error),
        }
        Ok(ExitCode::SUCCESS)
    }

    fn good(&self, loaded: &Loaded) -> Result<()> {
        let file = loaded.file.as_deref().map(Path::display);
        if self.json {
            return output::line(json!({
                "ok": true,
                "file": file.map(|file| file.to_string()),
                "problems": [],
                "warnings": loaded.warnings,
                "config": config::in_force_json(&loaded.config),
            }));
        }
        for warning in &loaded.warnings {
            output::tell(format_args!("warning: {warning}"));
        }
        let verdict = match file {
            Some(file) => format!("{file} is good"),
            None => format!("there is no {}; the defaults hold", config::FILE),
        };
        // The verdict is a comment, so that the whole reads as a configuration file.
        output::print(&format!("# {verdict}. In force:\n\n{}", config::in_force(&loaded.config)))
    }

    fn bad(&self, error: anyhow::Error) -> Result<ExitCode> {
        let error = error.downcast::<config::Error>()?;
        if self.json {
            let problems: Vec<_> =
                error.problems.iter().map(|one| json!({"place": one.place, "message": one.message})).collect();
            output::line(json!({"ok": false, "problems": problems}))?;
        } else {
            for problem in &error.problems {
                output::tell(format_args!("error: {problem}"));
            }
        }
        Ok(ExitCode::FAILURE)
    }
}
