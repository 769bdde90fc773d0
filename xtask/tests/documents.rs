//! What documents say is there: every link leads somewhere, every test that is cited exists, and
//! every failure that is declared is in the list that `docs/errors.md` is made of.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold nothing of ours.
const NOT_OURS: &[&str] = &[".git", "target", "var"];
/// The list of lists of failures.
const ERROR_TABLE: &str = "gateway/src/error_table.rs";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|is| is == extension) {
            found.push(path);
        }
    }
    found
}

/// The links of a document: what they show and where they lead. Code is not read.
fn links(document: &str) -> Vec<(String, String)> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let mut rest = if in_code { "" } else { line };
        while let Some((before, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else { break };
            let shown = before.rsplit_once('[').map_or(before, |(_, shown)| shown);
            found.push((shown.to_owned(), target.to_owned()));
            rest = after;
        }
    }
    found
}

/// What is wrong with a link of a document that lies in `folder`.
fn fault(folder: &Path, shown: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or_default();
    if target.is_empty() || target.contains("://") {
        return None;
    }
    let path = folder.join(target);
    if !path.exists() {
        return Some(format!("{target} is not there"));
    }
    // A name in code that leads to a Rust file is a test in it.
    let cited = shown.strip_prefix('`').and_then(|shown| shown.strip_suffix('`'))?;
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let is_test = is_rust && cited.contains('_') && !cited.contains(['.', '/', ':']);
    if !is_test || fs::read_to_string(&path).unwrap().contains(&format!("fn {cited}(")) {
        return None;
    }
    Some(format!("{target} has no test {cited}"))
}

#[test]
fn every_link_leads_somewhere_and_every_cited_test_exists() {
    let mut faults = Vec::new();
    for path in files(root(), "md") {
        let document = fs::read_to_string(&path).unwrap();
        for (shown, target) in links(&document) {
            let fault = fault(path.parent().unwrap(), &shown, &target);
            faults.extend(fault.map(|fault| format!("{}: {fault}", path.display())));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_planted_fault_is_found() {
    let here = root().join("xtask");
    for (shown, target) in [("it", "nowhere.md"), ("`a_test_that_is_not_there`", "tests/documents.rs")] {
        assert!(fault(&here, shown, target).is_some(), "{target} is let through");
    }
    assert!(fault(&here, "`a_planted_fault_is_found`", "tests/documents.rs").is_none());
    assert!(fault(&here, "elsewhere", "https://example.com/x.md").is_none());
    assert_eq!(
        links("see [a](b.md) and [`c`](d.rs)\n```\n[e](f)\n```"),
        [("a".to_owned(), "b.md".to_owned()), ("`c`".to_owned(), "d.rs".to_owned())]
    );
}

/// The failures that a source file declares, and those of them that its own `ALL` leaves out.
fn declared(source: &str) -> (usize, Vec<&str>) {
    let names = || {
        source
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("pub static ")?.split_once(": Code ="))
            .map(|(name, _)| name)
    };
    let listed = source.split_once("pub static ALL").map(|(_, list)| list).unwrap_or_default();
    let is_listed = |name: &str| listed.split(['[', ',', ']']).any(|item| item.trim() == format!("&{name}"));
    (names().count(), names().filter(|name| !is_listed(name)).collect())
}

#[test]
fn every_declared_failure_is_listed() {
    let table = fs::read_to_string(root().join(ERROR_TABLE)).unwrap();
    let mut faults = Vec::new();
    let mut homes = 0;
    for path in
        files(&root().join("crates"), "rs").into_iter().chain(files(&root().join("gateway/src"), "rs"))
    {
        let source = fs::read_to_string(&path).unwrap();
        let (declared, left_out) = declared(&source);
        if declared == 0 {
            continue;
        }
        homes += 1;
        faults.extend(left_out.iter().map(|name| format!("{}: {name} is not in ALL", path.display())));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(table.matches("::ALL)").count(), homes, "{ERROR_TABLE} does not name each list once");
    let planted = "pub static ONE: Code =\npub static TWO: Code =\npub static ALL: &[&Code] = &[&ONE];";
    assert_eq!(declared(planted), (2, vec!["TWO"]));
}
