//! The life of a server: start, serve, drain.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use bursar_operations::{Core, write_key_usage};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    compose::{self, Server},
    config::Config,
    listen::listen,
    telemetry, worker,
};

/// How often it is written down when keys were last used.
const KEY_USAGE_EVERY: Duration = Duration::from_secs(5);

/// Serves until SIGINT or SIGTERM, then finishes what is under way. `demo` seeds a demo
/// organization first and prints how to use it.
///
/// # Errors
/// When it cannot start.
pub(crate) async fn serve(config: Config, demo: bool) -> anyhow::Result<()> {
    telemetry::start_logs(&config)?;
    let metrics = telemetry::start_metrics()?;
    let opened = compose::open(&config).await?;
    if config.database.migrate_on_start {
        compose::migrate(&opened.db).await?;
    }
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener
        .with_context(|| format!("{} cannot be listened on (BURSAR_LISTEN names another)", config.listen))?;
    let config = Arc::new(config.listening_on(listener.local_addr()?));
    let server = compose::server(config.clone(), &opened.db, Some(metrics))?;
    server.core.prepare().await.context("the first signing key cannot be made")?;

    let (stop, stopped) = watch::channel(false);
    let working = start_work(&config, &server, &opened.db, stopped.clone());
    tracing::info!(listen = %config.listen, public_url = config.public_url, "serving");
    let listening =
        tokio::spawn(listen(listener, server.router.clone(), config.http.clone(), stopped.clone()));
    if demo {
        crate::demo::run(&config, &server).await.context("the demo cannot be made")?;
    }

    until_asked_to_stop().await?;
    tracing::info!("stopping: what is under way is finished first");
    stop.send_replace(true);
    listening.await?;
    for task in working {
        task.await?;
    }
    server.core.drain().await;
    opened.db.clone().close().await.context("the database does not close")?;
    tracing::info!("stopped");
    Ok(())
}

/// Runs the outbox and nothing else, until SIGINT or SIGTERM.
///
/// # Errors
/// When it cannot start.
pub(crate) async fn work(config: Config) -> anyhow::Result<()> {
    let config = Arc::new(config);
    telemetry::start_logs(&config)?;
    let opened = compose::open(&config).await?;
    let server = compose::server(config.clone(), &opened.db, None)?;
    let (stop, stopped) = watch::channel(false);
    let relay = tokio::spawn(worker::run(opened.db.clone(), server.subscribers, stopped));
    until_asked_to_stop().await?;
    stop.send_replace(true);
    relay.await?;
    server.core.drain().await;
    opened.db.clone().close().await.context("the database does not close")
}

fn start_work(
    config: &Config,
    server: &Server,
    db: &bursar_kernel::Db,
    stopped: watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let mut tasks = vec![
        tokio::spawn(write_key_usage_down(server.core.clone(), stopped.clone())),
        tokio::spawn(follow_invalidations(db.clone(), stopped.clone())),
    ];
    if config.worker_in_process {
        tasks.push(tokio::spawn(worker::run(db.clone(), server.subscribers.clone(), stopped)));
    }
    tasks
}

/// What other nodes make untrue is forgotten here too.
async fn follow_invalidations(db: bursar_kernel::Db, stopped: watch::Receiver<bool>) {
    tokio::select! {
        () = told_to_stop(stopped) => {}
        () = db.follow_invalidations() => {}
    }
}

async fn write_key_usage_down(core: Core, stopped: watch::Receiver<bool>) {
    let told = told_to_stop(stopped);
    tokio::pin!(told);
    loop {
        tokio::select! {
            () = &mut told => return,
            () = tokio::time::sleep(KEY_USAGE_EVERY) => {
                if let Err(error) = write_key_usage(&core).await {
                    tracing::warn!(%error, "when keys were last used could not be written down");
                }
            }
        }
    }
}

/// Ends when `stop` turns true, or when whoever could say so is gone: the process is ending.
pub(crate) async fn told_to_stop(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn until_asked_to_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
