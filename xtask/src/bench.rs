use anyhow::Result;

use crate::step::{cargo, run};

/// Measures the house. What comes behind `--` is the bench's own: `--json PATH`, `--only NAME`,
/// `--quick`.
pub(crate) fn measure(arguments: &[String]) -> Result<()> {
    let mut bench = cargo(&["bench", "--package", "bursar-gateway", "--bench", "house", "--"]);
    run("bench", bench.args(arguments))
}
