use anyhow::Result;
use clap::ValueEnum;

use crate::step::{cargo, run};

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Bench {
    /// How fast the house is, each figure beside its physical limit.
    House,
    /// How it holds out against floods, revocations on another node, a cut channel, a lost database.
    Security,
}

impl Bench {
    const fn target(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Security => "security",
        }
    }
}

/// Measures. What comes behind `--` is the bench's own: `--json PATH`, `--only NAME`, and `--quick` of
/// the house, `--small` of security.
pub(crate) fn measure(which: Bench, arguments: &[String]) -> Result<()> {
    let mut bench = cargo(&["bench", "--package", "bursar-gateway", "--bench", which.target(), "--"]);
    run("bench", bench.args(arguments))
}
