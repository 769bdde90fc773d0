//! Who imports whom, as `docs/architecture.md` draws it: among our own crates, which library is
//! used where, and in which folders the database library is named at all.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};

const KERNEL: &str = "bursar-kernel";
const MIGRATIONS: &str = "bursar-migrations";
const TESTKIT: &str = "bursar-testkit";
const OPERATIONS: &str = "bursar-operations";
const GATEWAY: &str = "bursar-gateway";
/// Asks every reader of what strangers send, wherever it is; nothing imports it.
const FUZZ_PROPERTIES: &str = "bursar-fuzz-properties";
/// Siblings: none imports another.
const DOMAINS: &[&str] = &[
    "bursar-identity",
    "bursar-orgs-and-membership",
    "bursar-api-keys",
    "bursar-billing-ledger",
    "bursar-plans-and-contracts",
    "bursar-usage-metering",
    "bursar-notifications",
];

/// A library that only some crates may depend on, tests aside. A name that ends in `*` is a
/// family.
const CONFINED: &[(&str, &[&str])] = &[
    ("axum*", &[GATEWAY]),
    ("http", &[GATEWAY, FUZZ_PROPERTIES]),
    ("hyper*", &[GATEWAY]),
    ("tower*", &[GATEWAY]),
    ("utoipa*", &[GATEWAY]),
    ("askama", &[GATEWAY, "bursar-notifications"]),
    ("lettre", &["bursar-notifications"]),
    ("figment", &[GATEWAY]),
    ("anyhow", &[GATEWAY, "xtask"]),
    ("clap", &[GATEWAY, "xtask"]),
    ("sea-orm-migration", &[MIGRATIONS]),
    ("sqlx*", &[]),
    ("async-stripe*", &["bursar-billing-ledger"]),
    ("argon2", &["bursar-identity"]),
    ("totp-rs", &["bursar-identity", TESTKIT]),
    ("zxcvbn", &["bursar-identity"]),
    ("jsonwebtoken", &["bursar-identity"]),
    ("getrandom", &[KERNEL]),
    ("aes-gcm", &[KERNEL]),
    ("testcontainers*", &[TESTKIT]),
];

/// One line of a manifest.
struct Edge {
    from: String,
    to: String,
    is_for_tests: bool,
}

fn edge(from: &str, to: &str) -> Edge {
    Edge { from: from.to_owned(), to: to.to_owned(), is_for_tests: false }
}

/// What is wrong with a line of a manifest.
fn fault(edge: &Edge) -> Option<String> {
    let Edge { from, to, is_for_tests } = edge;
    let (from, to) = (from.as_str(), to.as_str());
    if is_ours(to) {
        let allowed = if *is_for_tests { for_tests(from, to) } else { for_use(from, to) };
        return (!allowed).then(|| format!("{from} must not import {to}"));
    }
    if *is_for_tests {
        return None;
    }
    if to == "sea-orm" && from != KERNEL && from != TESTKIT && !DOMAINS.contains(&from) {
        return Some(format!("{from} must not know the database library {to}"));
    }
    let (_, homes) = CONFINED.iter().find(|(name, _)| matches(name, to))?;
    (!homes.contains(&from)).then(|| format!("{to} belongs in {homes:?}, not in {from}"))
}

fn is_ours(name: &str) -> bool {
    name.starts_with("bursar-") || name == "xtask"
}

fn for_use(from: &str, to: &str) -> bool {
    match from {
        _ if DOMAINS.contains(&from) => to == KERNEL,
        OPERATIONS => to == KERNEL || DOMAINS.contains(&to),
        FUZZ_PROPERTIES => [KERNEL, GATEWAY].contains(&to) || DOMAINS.contains(&to),
        // The gateway puts them together; the testkit's worlds are made by the operations themselves.
        GATEWAY | TESTKIT => [KERNEL, OPERATIONS, MIGRATIONS].contains(&to) || DOMAINS.contains(&to),
        _ => false,
    }
}

fn for_tests(from: &str, to: &str) -> bool {
    match from {
        "xtask" => false,
        _ if to == TESTKIT || to == KERNEL || to == MIGRATIONS => true,
        OPERATIONS | GATEWAY => to != "xtask",
        _ => false,
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |family| {
        name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

/// Whether a source file names the database library where it must not. `path` is within the
/// crate.
fn names_the_database(package: &str, path: &Path, source: &str) -> bool {
    let may = [KERNEL, MIGRATIONS, TESTKIT].contains(&package)
        // A test looks past the services, and a host that embeds one has a pool of its own.
        || path.starts_with("tests")
        || path.starts_with("examples")
        || (DOMAINS.contains(&package)
            && (path.starts_with("src/store") || path == Path::new("src/store.rs")));
    let code = |line: &str| !line.trim_start().starts_with("//");
    !may && source.lines().any(|line| code(line) && line.contains("sea_orm"))
}

#[test]
fn every_manifest_keeps_the_rule() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let edges = metadata.packages.iter().flat_map(|package| {
        package.dependencies.iter().map(|dependency| Edge {
            from: package.name.to_string(),
            to: dependency.name.clone(),
            is_for_tests: dependency.kind == DependencyKind::Development,
        })
    });
    let faults: Vec<_> = edges.filter_map(|edge| fault(&edge)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_crate_is_known_to_the_rule() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let known = [KERNEL, MIGRATIONS, TESTKIT, OPERATIONS, GATEWAY, FUZZ_PROPERTIES, "xtask"];
    for package in &metadata.packages {
        let name = package.name.as_str();
        assert!(known.contains(&name) || DOMAINS.contains(&name), "{name} has no place in the rule");
        assert!(package.publish.as_ref().is_some_and(Vec::is_empty), "{name} must not be published");
    }
}

#[test]
fn the_database_library_is_named_only_where_rows_are_kept() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        for file in rust_files(folder) {
            let within = file.strip_prefix(folder).unwrap();
            if names_the_database(&package.name, within, &fs::read_to_string(&file).unwrap()) {
                faults.push(file);
            }
        }
    }
    assert!(faults.is_empty(), "sea_orm is named in {faults:#?}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn a_planted_violation_is_found() {
    for (from, to) in [
        (KERNEL, "bursar-identity"),
        ("bursar-identity", "bursar-api-keys"),
        ("bursar-billing-ledger", OPERATIONS),
        (OPERATIONS, GATEWAY),
        (MIGRATIONS, KERNEL),
        ("xtask", KERNEL),
        (KERNEL, "axum"),
        (OPERATIONS, "axum-extra"),
        (OPERATIONS, "sea-orm"),
        (GATEWAY, "sea-orm"),
        (GATEWAY, "argon2"),
        ("bursar-api-keys", "async-stripe-core"),
        ("bursar-api-keys", "anyhow"),
        (GATEWAY, FUZZ_PROPERTIES),
        (OPERATIONS, "http"),
        (KERNEL, "sqlx-core"),
    ] {
        assert!(fault(&edge(from, to)).is_some(), "{from} → {to} is let through");
    }
    assert!(fault(&edge("bursar-identity", "jsonwebtoken")).is_none());
    assert!(fault(&edge("bursar-identity", "towerlike")).is_none(), "a family is not every longer name");
    let planted = "use sea_orm::EntityTrait;";
    assert!(names_the_database("bursar-identity", Path::new("src/users.rs"), planted));
    assert!(names_the_database(OPERATIONS, Path::new("src/store/users.rs"), planted));
    assert!(!names_the_database("bursar-identity", Path::new("src/store/users.rs"), planted));
    assert!(!names_the_database("bursar-identity", Path::new("src/users.rs"), "/// not sea_orm"));
}
