//! A durable PostgreSQL database that every part's nodes are over.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use bursar_gateway::compose;
use bursar_kernel::{Db, DbOptions, Engine};
use bursar_testkit::TestDb;

use crate::people;

/// The bounded wait for nodes that begin to listen to the channel, or stop.
const LISTEN_LIMIT: Duration = Duration::from_secs(30);
/// What a session did last that listens to the channel.
const LISTENERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                         AND query LIKE 'LISTEN \"bursar_invalidation\"%'";

/// The database, and who is in it.
pub(crate) struct Stage {
    /// Where nodes find it.
    pub(crate) url: String,
    /// The socket of its server.
    pub(crate) socket: PathBuf,
    name: String,
    sql: TestDb,
    admin: TestDb,
}

impl Stage {
    /// Makes it, with so many people in it.
    pub(crate) async fn open(many: usize) -> Self {
        let server = bursar_testkit::server::start_development().expect("PostgreSQL starts");
        let (_, folder) = server.split_once("host=").expect("the server is behind a socket");
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let name = format!("bursar_security_{}", std::process::id());
        let admin = at(&server).await;
        admin.execute(&format!("CREATE DATABASE {name}")).await.expect("a database is made");
        let url = server.replacen("/postgres?", &format!("/{name}?"), 1);
        let sql = at(&url).await;
        sql.db.assert_durable().await.expect("the database keeps what it acknowledges");
        compose::migrate(&sql.db).await.expect("the tables are made");
        people::move_in(&sql.db, many).await;
        Self { url, socket, name, sql, admin }
    }

    /// The same database by TCP, behind a port of this machine.
    pub(crate) fn url_by(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode=disable", self.name)
    }

    /// Waits until exactly so many nodes listen to the channel.
    pub(crate) async fn until_listened_by(&self, nodes: i64) {
        let began = Instant::now();
        while self.sql.number(LISTENERS).await != nodes {
            assert!(began.elapsed() < LISTEN_LIMIT, "{nodes} nodes should listen to the channel");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Drops it.
    pub(crate) async fn close(self) {
        drop(self.sql.db.close().await);
        let drop_it = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.admin.execute(&drop_it).await.expect("the database is dropped");
    }
}

async fn at(url: &str) -> TestDb {
    let options = DbOptions { max_connections: 1, ..DbOptions::new(url) };
    let db = Db::connect(&options).await.expect("the database opens");
    TestDb {
        engine: Engine::Postgres,
        db,
        clock: Arc::default(),
        ids: Arc::default(),
        entropy: Arc::default(),
        url: url.to_owned(),
    }
}
