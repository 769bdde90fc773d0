//! A stranger's terminal.

use std::process::Stdio;

use tokio::{process::Command, time::timeout};

use crate::server::PATIENCE;

/// Whether there is a curl to paste lines with; says so when there is none.
#[expect(clippy::print_stderr, reason = "what is not run is said")]
pub(crate) async fn has_curl() -> bool {
    let there = Command::new("curl").arg("--version").stdout(Stdio::null()).status().await.is_ok();
    if !there {
        eprintln!("NOT RUN: what is pasted needs curl");
    }
    there
}

/// What the lines say when they are pasted.
pub(crate) async fn paste(lines: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-euc", lines]).stdin(Stdio::null()).kill_on_drop(true);
    let ended = timeout(PATIENCE, shell.output()).await;
    let output = ended.unwrap_or_else(|_| panic!("it does not end: {lines}")).unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}
