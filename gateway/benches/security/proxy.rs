//! A wire between a node and PostgreSQL that can be cut.

use std::{path::Path, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::JoinHandle,
};

/// By which bytes the connection is recognized that listens to the invalidation channel.
const LISTEN: &[u8] = b"LISTEN \"bursar_invalidation\"";
/// What is read at once.
const CHUNK: usize = 16 * 1024;

/// What comes through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Everything.
    Open,
    /// The connection that listens to the channel is dropped, and whichever is about to listen; all
    /// others go on.
    WithoutChannel,
    /// Nothing: connections are dropped, new ones refused.
    Shut,
}

impl Gate {
    fn drops(self, is_channel: bool) -> bool {
        match self {
            Self::Open => false,
            Self::WithoutChannel => is_channel,
            Self::Shut => true,
        }
    }
}

/// It carries until it is dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    gate: watch::Sender<Gate>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Before the server that listens at a socket.
    pub(crate) async fn before(socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("the port is known").port();
        let (gate, seen) = watch::channel(Gate::Open);
        let accepting = tokio::spawn(accept(listener, port, socket.into(), seen));
        Self { port, gate, accepting }
    }

    /// Lets this through from now on.
    pub(crate) fn set(&self, gate: Gate) {
        self.gate.send_replace(gate);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The connections end with the sender of the gate.
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, port: u16, socket: Arc<Path>, mut gate: watch::Receiver<Gate>) {
    let mut listener = Some(listener);
    loop {
        if *gate.borrow_and_update() == Gate::Shut {
            // A closed port refuses: who connects hears of it at once, as from a server that is down.
            listener = None;
            if gate.changed().await.is_err() {
                return;
            }
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => TcpListener::bind(("127.0.0.1", port)).await.expect("the port is still free"),
        };
        tokio::select! {
            changed = gate.changed() => if changed.is_err() { return },
            Ok((client, _)) = open.accept() => {
                tokio::spawn(carry(client, socket.clone(), gate.clone()));
            }
        }
        listener = Some(open);
    }
}

/// Carries one connection until either end or the gate ends it.
async fn carry(mut client: TcpStream, socket: Arc<Path>, mut gate: watch::Receiver<Gate>) {
    let Ok(mut server) = UnixStream::connect(&*socket).await else { return };
    let _ = client.set_nodelay(true);
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut asked, mut told) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut is_channel = false;
    while !gate.borrow_and_update().drops(is_channel) {
        tokio::select! {
            changed = gate.changed() => if changed.is_err() { return },
            read = from_client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                is_channel |= asked[..length].windows(LISTEN.len()).any(|bytes| bytes == LISTEN);
                if gate.borrow().drops(is_channel) || to_server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
            }
            read = from_server.read(&mut told) => {
                let Ok(length @ 1..) = read else { return };
                if to_client.write_all(&told[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
