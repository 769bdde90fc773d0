//! The binary `bursar`.

use std::process::ExitCode;

use bursar_gateway::cli;
use clap::Parser as _;

/// What one thread allocates another often frees here: requests move between threads. The system's
/// allocator makes them wait for one another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
