use anyhow::{Result, bail};

use crate::{
    openapi,
    step::{cargo, is_installed, run},
};

/// Runs every check, also after one has failed, and sums up.
pub(crate) fn run_all() -> Result<()> {
    let mut failed = Vec::new();
    let mut note = |name: &'static str, outcome: Result<()>| {
        if outcome.is_err() {
            failed.push(name);
        }
    };
    note("format", run("format", &mut cargo(&["fmt", "--all", "--check"])));
    note(
        "lints",
        run("lints", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])),
    );
    note(
        "who imports whom",
        run("who imports whom", &mut cargo(&["test", "--quiet", "-p", "xtask", "--test", "dependency_rule"])),
    );
    if is_installed("deny") {
        let deny = ["deny", "--log-level", "error", "check", "bans", "licenses", "sources"];
        note("bans, licenses, sources", run("bans, licenses, sources", &mut cargo(&deny)));
        advisories(&mut note);
    } else {
        println!("── NOT RUN: bans, licenses, sources, advisories (cargo install cargo-deny)");
    }
    note("generated documents", openapi::compare());
    if failed.is_empty() {
        println!("── all checks passed");
        Ok(())
    } else {
        bail!("failed: {}", failed.join(", "))
    }
}

/// The advisories lie outside: without a network they are not asked, and that is said.
fn advisories(note: &mut impl FnMut(&'static str, Result<()>)) {
    if run("fetch advisories", &mut cargo(&["deny", "--log-level", "off", "fetch", "db"])).is_ok() {
        let deny = ["deny", "--log-level", "error", "check", "--disable-fetch", "advisories"];
        note("advisories", run("advisories", &mut cargo(&deny)));
    } else {
        println!("── NOT RUN: advisories (their database cannot be reached from here)");
    }
}
