//! PostgreSQL in a container.

use testcontainers::{
    ContainerAsync, GenericImage, ImageExt as _,
    core::{IntoContainerPort as _, WaitFor, wait::LogWaitStrategy},
    runners::AsyncRunner as _,
};

/// The newest release line that distributions ship servers of.
const IMAGE: (&str, &str) = ("postgres", "17-alpine");

/// A server that lives as long as this value.
pub struct Container {
    container: ContainerAsync<GenericImage>,
    url: String,
}

impl Container {
    /// Starts it.
    ///
    /// # Errors
    /// When there is no Docker engine, or none that can get the image.
    pub async fn start() -> Result<Self, String> {
        let image = GenericImage::new(IMAGE.0, IMAGE.1)
            .with_exposed_port(5432.tcp())
            // Said once by the server that makes the cluster and once by the one that serves it.
            .with_wait_for(WaitFor::log(
                LogWaitStrategy::stderr("database system is ready to accept connections").with_times(2),
            ))
            .with_env_var("POSTGRES_PASSWORD", "bursar")
            .with_cmd([
                "postgres",
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
                "-c",
                "max_connections=400",
            ]);
        let started = async {
            let container = image.start().await?;
            let (host, port) = (container.get_host().await?, container.get_host_port_ipv4(5432.tcp()).await?);
            let url = format!("postgres://postgres:bursar@{host}:{port}/postgres");
            testcontainers::core::error::Result::Ok(Self { container, url })
        };
        started.await.map_err(|error| format!("Docker: {error}"))
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the engine refuses; it is then removed by hand.
    pub async fn stop(self) -> Result<(), String> {
        self.container.rm().await.map_err(|error| format!("Docker: {error}"))
    }
}
