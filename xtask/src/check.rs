use anyhow::{Result, bail};

use crate::{
    openapi,
    step::{cargo, is_installed, run},
};

/// What a service may embed, and the engines that it may have one of.
const EMBEDDED: &[&str] = &[
    "kernel",
    "identity",
    "orgs-and-membership",
    "api-keys",
    "billing-ledger",
    "plans-and-contracts",
    "usage-metering",
    "notifications",
];
const ENGINES: &[&str] = &["sqlite", "postgres"];

/// Runs every check, also after one has failed, and sums up.
pub(crate) fn run_all() -> Result<()> {
    let mut failed = Vec::new();
    let mut note = |name: &'static str, outcome: Result<()>| {
        if outcome.is_err() {
            failed.push(name);
        }
    };
    note("format", run("format", &mut cargo(&["fmt", "--all", "--check"])));
    // A workspace of its own, which `--all` does not reach.
    let targets = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    note("format of fuzz targets", run("format of fuzz targets", &mut cargo(&targets)));
    note(
        "lints",
        run("lints", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])),
    );
    note("each crate alone", each_alone());
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

/// Each crate by itself with one engine, since together they lend one another their features.
fn each_alone() -> Result<()> {
    let alone = EMBEDDED.iter().flat_map(|name| ENGINES.iter().map(move |engine| (name, engine)));
    let failed: Vec<_> = alone.filter(|(name, engine)| one_alone(name, engine).is_err()).collect();
    if failed.is_empty() { Ok(()) } else { bail!("not alone: {failed:?}") }
}

fn one_alone(name: &str, engine: &str) -> Result<()> {
    let package = format!("bursar-{name}");
    let check = ["clippy", "--quiet", "--package", &package, "--no-default-features", "--features", engine];
    run(&format!("{package} alone with {engine}"), cargo(&check).args(["--", "--deny", "warnings"]))
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
