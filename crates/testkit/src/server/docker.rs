//! PostgreSQL in a container.

use testcontainers::{
    GenericImage, ImageExt as _,
    core::{IntoContainerPort as _, WaitFor, wait::LogWaitStrategy},
    runners::AsyncRunner as _,
};

/// The newest release line that distributions ship servers of.
const IMAGE: (&str, &str) = ("postgres", "17-alpine");

/// Runs a server, gives its URL away, and removes the server when that returns.
///
/// # Errors
/// When there is no Docker engine, or none that can get the image.
pub fn with_container<T>(serve: impl FnOnce(&str) -> T) -> Result<T, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(run(serve)).map_err(|error| format!("Docker: {error}"))
}

async fn run<T>(serve: impl FnOnce(&str) -> T) -> testcontainers::core::error::Result<T> {
    let container = GenericImage::new(IMAGE.0, IMAGE.1)
        .with_exposed_port(5432.tcp())
        // Said once by the server that makes the cluster and once by the one that serves it.
        .with_wait_for(WaitFor::log(
            LogWaitStrategy::stderr("database system is ready to accept connections").with_times(2),
        ))
        .with_env_var("POSTGRES_PASSWORD", "bursar")
        .with_cmd(["postgres", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=400"])
        .start()
        .await?;
    let (host, port) = (container.get_host().await?, container.get_host_port_ipv4(5432.tcp()).await?);
    let served =
        tokio::task::block_in_place(|| serve(&format!("postgres://postgres:bursar@{host}:{port}/postgres")));
    container.rm().await?;
    Ok(served)
}
