use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::step::{built, cargo, root, run as run_step};

/// The proof, beside the gateway's other tests.
const FOLDER: &str = "gateway/tests/browser";
/// Where its pictures are committed.
const PICTURES: &str = "docs/screenshots";
const CHROMIUM: &str = "BURSAR_CHROMIUM";
const BROWSERS: &[&str] = &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Does at a real browser what people do, and with `pictures` takes the committed ones anew.
pub(crate) fn run(require: bool, pictures: bool) -> Result<()> {
    let missing = missing();
    if !missing.is_empty() {
        println!(
            "\n   ████  NOT RUN: everything that people do at a browser. Missing: {}.\n   ████  \
             Debian: apt-get install chromium nodejs npm sqlite3; another browser: {CHROMIUM}=/path/to/it.\n",
            missing.join(", ")
        );
        if require {
            bail!("the browser proof is required and cannot run");
        }
        return Ok(());
    }
    run_step("build bursar", &mut cargo(&["build", "--package", "bursar-gateway", "--bin", "bursar"]))?;
    let folder = root().join(FOLDER);
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    run_step("npm ci", Command::new("npm").args(install).current_dir(&folder))?;
    let mut proof = Command::new("node");
    proof.arg("run.mjs").current_dir(&folder).env("BURSAR_BINARY", built("bursar")?);
    if pictures {
        proof.arg(root().join(PICTURES));
    }
    run_step("people at a browser", &mut proof)
}

/// What the proof needs and does not find.
fn missing() -> Vec<&'static str> {
    let mut missing = Vec::new();
    for program in ["node", "npm", "sqlite3"] {
        let mut asked = Command::new(program);
        let answers = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !answers.is_ok_and(|status| status.success()) {
            missing.push(program);
        }
    }
    let named = env::var_os(CHROMIUM).map(PathBuf::from);
    if !named.map_or_else(|| BROWSERS.iter().any(|path| Path::new(path).exists()), |path| path.exists()) {
        missing.push("chromium");
    }
    missing
}
