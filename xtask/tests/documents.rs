//! What documents say is there: every link leads somewhere, every test and constant that is cited
//! exists, every block about embedding is taken from a host that runs, and every failure that is
//! declared is in the list that `docs/errors.md` is made of.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold nothing of ours.
const NOT_OURS: &[&str] = &[".git", "node_modules", "target", "var"];
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
    // A name in code that leads to a Rust file is a constant or a test in it.
    let cited = shown.strip_prefix('`').and_then(|shown| shown.strip_suffix('`'))?;
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let declared = match cited {
        _ if !is_rust || cited.contains(['.', '/', ':']) => return None,
        _ if cited.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') => {
            format!("const {cited}: ")
        }
        _ if cited.contains('_') => format!("fn {cited}("),
        _ => return None,
    };
    let is_there = fs::read_to_string(&path).unwrap().contains(&declared);
    (!is_there).then(|| format!("{target} has no {declared}"))
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
    for (shown, target) in [
        ("it", "nowhere.md"),
        ("`a_test_that_is_not_there`", "tests/documents.rs"),
        ("`MAX_OF_NOTHING`", "tests/documents.rs"),
    ] {
        assert!(fault(&here, shown, target).is_some(), "{target} is let through");
    }
    assert!(fault(&here, "`a_planted_fault_is_found`", "tests/documents.rs").is_none());
    assert!(fault(&here, "`NOT_OURS`", "tests/documents.rs").is_none());
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

/// The lines of code, however deep they are indented, without the empty ones.
fn lines(code: &str) -> String {
    code.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .fold(String::new(), |all, line| all + line + "\n")
}

/// The blocks of Rust in a document, parted where something is left out.
fn rust_blocks(document: &str) -> Vec<String> {
    let blocks = document.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(|block| block.split("// …")).map(lines).filter(|part| !part.is_empty()).collect()
}

#[test]
fn every_rust_block_about_embedding_is_taken_from_a_host_that_runs() {
    let hosts: String = files(&root().join("crates"), "rs")
        .iter()
        .filter(|path| path.ends_with("examples/embed.rs"))
        .map(|path| lines(&fs::read_to_string(path).unwrap()))
        .collect();
    let blocks = rust_blocks(&fs::read_to_string(root().join("docs/embedding.md")).unwrap());
    assert!(!blocks.is_empty());
    let foreign: Vec<_> = blocks.iter().filter(|block| !hosts.contains(block.as_str())).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
    assert_eq!(rust_blocks("a\n```rust\n  b;\n\n// …\nc;\n```\nd"), ["b;\n", "c;\n"]);
}
