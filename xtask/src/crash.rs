use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};

use crate::step::{built, cargo, run};

/// What to prove.
#[derive(Args)]
pub(crate) struct Options {
    /// How often the server is killed, on each engine.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How often PostgreSQL is stopped at once and started again while the server runs on.
    #[arg(long, default_value_t = 5)]
    restarts: u32,
    /// Only this engine.
    #[arg(long)]
    engine: Option<Engine>,
    /// The seed of an earlier run, for the same choices.
    #[arg(long)]
    seed: Option<u64>,
    /// The binary as it is released.
    #[arg(long)]
    release: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

/// Kills the real server again and again, and compares what it acknowledged with its books.
pub(crate) fn prove(options: &Options) -> Result<()> {
    let profile: &[&str] = if options.release { &["--release"] } else { &[] };
    let bursar = ["build", "--package", "bursar-gateway", "--bin", "bursar"];
    run("build bursar", cargo(&bursar).args(profile))?;
    let driver = ["build", "--package", "bursar-testkit", "--features", "crash", "--bin", "bursar-crash"];
    run("build bursar-crash", &mut cargo(&driver))?;
    let both = [Engine::Sqlite, Engine::Postgres];
    let failed: Vec<_> = both
        .into_iter()
        .filter(|engine| options.engine.is_none_or(|only| only == *engine))
        .map(name)
        .filter(|engine| on(engine, options).is_err())
        .collect();
    if failed.is_empty() { Ok(()) } else { bail!("not proved on {}", failed.join(" and ")) }
}

const fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

fn on(engine: &str, options: &Options) -> Result<()> {
    let restarts = if engine == "postgres" { options.restarts } else { 0 };
    let mut driver = Command::new(built("bursar-crash")?);
    driver
        .stdin(Stdio::null())
        .arg(bursar(options.release)?)
        .arg(engine)
        .args([options.rounds, restarts].map(|count| count.to_string()))
        .args(options.seed.map(|seed| seed.to_string()));
    run(&format!("{} kills on {engine}", options.rounds), &mut driver)
}

/// The profiles lie side by side.
fn bursar(release: bool) -> Result<PathBuf> {
    let bursar = built("bursar")?;
    if !release {
        return Ok(bursar);
    }
    let profiles = bursar.parent().and_then(std::path::Path::parent).context("where the profiles are")?;
    Ok(profiles.join("release").join(bursar.file_name().unwrap_or_default()))
}
