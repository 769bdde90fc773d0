//! The binary `bursar`.

use clap::Parser as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    bursar_gateway::cli::run(bursar_gateway::cli::Arguments::parse()).await
}
