use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::Subcommand;

use crate::step::{built, cargo, root, run as run_step};

/// What to do with the PostgreSQL for development.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Start it and say how to use it.
    Start,
    /// Stop it; what it holds is kept until the temporary folder is emptied.
    Stop,
    /// Open a prompt on it.
    Psql {
        /// Passed on to `psql`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

pub(crate) fn run(verb: &Verb) -> Result<()> {
    match verb {
        Verb::Start => {
            let url = url()?;
            println!(
                "\nPostgreSQL runs. To serve from it:\n\n  BURSAR_DATABASE_URL='{url}' cargo xtask dev\n"
            );
            Ok(())
        }
        Verb::Stop => run_step("stop PostgreSQL", server()?.arg("stop")),
        Verb::Psql { arguments } => run_step("psql", Command::new("psql").arg(url()?).args(arguments)),
    }
}

fn url() -> Result<String> {
    let output = server()?.arg("start").stderr(Stdio::inherit()).output().context("bursar-postgres")?;
    if !output.status.success() {
        bail!("PostgreSQL does not start");
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn server() -> Result<Command> {
    let package = ["build", "--package", "bursar-testkit", "--bin", "bursar-postgres"];
    run_step("build bursar-postgres", &mut cargo(&package))?;
    let mut server = Command::new(built("bursar-postgres")?);
    server.current_dir(root());
    Ok(server)
}
