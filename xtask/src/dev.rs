use std::{env, fs, process::Command};

use anyhow::{Context as _, Result};

use crate::step::{built, cargo, root, run};

/// Builds the product and serves it from the folder `var/`, with a demo organization.
pub(crate) fn serve(arguments: &[String]) -> Result<()> {
    let mut bursar = bursar()?;
    become_it(bursar.args(["serve", "--demo"]).args(arguments))
}

/// Puts the demo organization into the same database.
pub(crate) fn seed() -> Result<()> {
    run("seed", bursar()?.arg("seed"))
}

/// The built binary, set to a database in `var/` unless the environment names another.
fn bursar() -> Result<Command> {
    run("build bursar", &mut cargo(&["build", "--package", "bursar-gateway", "--bin", "bursar"]))?;
    let folder = root().join("var");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut bursar = Command::new(built("bursar")?);
    bursar.current_dir(root());
    // Those are for tests; the product refuses variables that it does not know.
    for name in ["BURSAR_TEST_DATABASE_URL", "BURSAR_REQUIRE_POSTGRES"] {
        bursar.env_remove(name);
    }
    for (name, value) in [
        ("BURSAR_ENVIRONMENT", "development".to_owned()),
        ("BURSAR_DATABASE_URL", format!("sqlite://{}", folder.join("bursar.db").display())),
    ] {
        if env::var_os(name).is_none() {
            bursar.env(name, value);
        }
    }
    Ok(bursar)
}

/// Hands the terminal over, so that an interrupt goes to the product and nothing is left behind.
fn become_it(command: &mut Command) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        Err(command.exec()).context("bursar does not start")
    }
    #[cfg(not(unix))]
    run("bursar", command)
}
