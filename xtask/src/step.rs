use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Cargo, from the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// A binary that cargo built for this profile: they all lie beside this one.
pub(crate) fn built(name: &str) -> Result<PathBuf> {
    let here = env::current_exe().context("where this program is")?;
    Ok(here.with_file_name(name).with_extension(env::consts::EXE_EXTENSION))
}

/// Whether a subcommand of cargo is installed.
pub(crate) fn is_installed(subcommand: &str) -> bool {
    let mut asked = cargo(&[subcommand, "--version"]);
    asked.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a command to its end, saying what runs and how long it took.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<()> {
    println!("── {name}");
    let began = Instant::now();
    let status = command.status().with_context(|| format!("{name}: {command:?} does not start"))?;
    let seconds = began.elapsed().as_secs();
    if status.success() {
        println!("── {name}: done in {seconds} s");
        Ok(())
    } else {
        println!("── {name}: FAILED after {seconds} s");
        bail!("{name} failed")
    }
}
