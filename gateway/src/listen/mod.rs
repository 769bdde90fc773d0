//! Takes connections, each within limits. HTTP/1.1 in clear: TLS and HTTP/2 end at a proxy in front.

mod patience;
#[cfg(test)]
mod tests;

use std::{
    io::{Error, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinSet, yield_now},
    time::{sleep, timeout},
};
use tower::Service as _;

use self::patience::Patient;
use crate::{config::Http, http::metrics, serve::told_to_stop};

/// How long to wait when the system has no file left for a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections until told to stop; then answers the open ones, for as long as the grace.
pub(crate) async fn listen(
    listener: TcpListener,
    router: Router,
    limits: Http,
    stopped: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    // The time for a head is also the longest that a connection waits for its next request.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_header_size(limits.max_header_bytes);

    let mut connections = JoinSet::new();
    let told = told_to_stop(stopped.clone());
    tokio::pin!(told);
    loop {
        // Who comes to a full house waits outside, in the system's queue.
        let has_room = connections.len() < limits.max_connections;
        tokio::select! {
            () = &mut told => break,
            Some(_) = connections.join_next() => {}
            (stream, peer) = accept(&listener), if has_room => {
                let stream = Patient::new(stream, limits.request_timeout);
                connections.spawn(serve(http.clone(), stream, peer, router.clone(), stopped.clone()));
                // Those who are inside are served between one newcomer and the next: a crowd at the
                // door makes nobody wait but itself.
                yield_now().await;
            }
        }
        metrics::open_connections(connections.len());
    }
    drop(listener);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.shutdown_grace, all_ended).await.is_err() {
        let (open, grace) = (connections.len(), limits.shutdown_grace);
        tracing::warn!(open, ?grace, "some connections did not end in time and are dropped");
    }
}

/// The next connection, however many fail before it.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if went_away(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken for now");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether the client went away before it was taken.
fn went_away(error: &Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers one connection's requests, one after another.
async fn serve(
    http: http1::Builder,
    stream: Patient,
    peer: SocketAddr,
    router: Router,
    stopped: watch::Receiver<bool>,
) {
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let connection = http.serve_connection(TokioIo::new(stream), answer);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = told_to_stop(stopped) => {
            // The request under way is the connection's last.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
