//! A durable database with 64 organizations, each with a key, and servers over it.

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use bursar_api_keys::{KeyName, Scope};
use bursar_billing_ledger::{Grant, Ledger as _, PostingKind, SeaLedger};
use bursar_gateway::{
    compose::{self, Server},
    config::Config,
};
use bursar_identity::EmailAddress;
use bursar_kernel::{Account, Amount, Db, Engine, OrganizationId, Secret};
use bursar_operations::{
    BatchLimits, Core, CreateApiKey, Credential, Origin, SignUp, authenticate, create_api_key,
    create_organization, sign_up, switch_account,
};
use bursar_orgs_and_membership::OrganizationName;
use bursar_testkit::TestDb;
use tokio::net::TcpListener;

/// Organizations that the load is about, and connections of it.
pub(crate) const MANY: usize = 64;
/// The organizations beside them whose rows are looked at: after batches, after single events.
pub(crate) const BATCH_AT: usize = MANY;
pub(crate) const SINGLE_AT: usize = MANY + 1;
/// Connections of the pool.
pub(crate) const CONNECTIONS: u32 = 32;
/// Credits of each organization: a million USD, so that every event burns them and none the last.
const CREDITS: Amount = Amount::from_micros(1_000_000_000_000);

/// An organization that reports usage.
pub(crate) struct Reporter {
    pub(crate) organization: OrganizationId,
    pub(crate) key: String,
}

/// A database that waits for its disk, and who is in it.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) db: Db,
    /// The same database, for plain SQL.
    pub(crate) sql: TestDb,
    pub(crate) reporters: Arc<Vec<Reporter>>,
    config: Arc<Config>,
    _folder: tempfile::TempDir,
    drop_by: Option<TestDb>,
}

impl Stage {
    /// # Panics
    /// When there is no database server, or it is not durable.
    pub(crate) async fn open(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a folder is made");
        let (url, drop_by) = match engine {
            Engine::Sqlite => (format!("sqlite://{}", folder.path().join("bench.db").display()), None),
            Engine::Postgres => {
                let server = bursar_testkit::server::start_development().expect("PostgreSQL starts");
                let name = format!("bursar_bench_{}", std::process::id());
                let admin = at(engine, &server).await;
                admin.execute(&format!("CREATE DATABASE {name}")).await.expect("a database is made");
                (server.replacen("/postgres?", &format!("/{name}?"), 1), Some(admin))
            }
        };
        let connections = CONNECTIONS.to_string();
        let variables = [
            ("BURSAR_DATABASE_URL", url.as_str()),
            ("BURSAR_LISTEN", "127.0.0.1:8080"),
            ("BURSAR_DATABASE_MAX_CONNECTIONS", connections.as_str()),
            ("BURSAR_LOG", "off"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Arc::new(Config::load(None, variables).expect("the configuration is good"));
        let db = Db::connect(&config.db_options()).await.expect("the database opens");
        db.assert_durable().await.expect("the database keeps what it acknowledges");
        compose::migrate(&db).await.expect("the tables are made");
        let sql = at(engine, &url).await;
        let (core, _) = compose::core(&config, db.clone()).expect("the catalogue is good");
        core.prepare().await.expect("a signing key is made");
        let reporters = Arc::new(cast(&core).await);
        core.drain().await;
        endow(&db, &reporters).await;
        Self { engine, db, sql, reporters, config, _folder: folder, drop_by }
    }

    /// What the engine is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self.engine {
            Engine::Postgres => "postgres",
            Engine::Sqlite => "sqlite",
        }
    }

    /// A server with an ingest queue of its own, listening.
    pub(crate) async fn serve(&self, limits: BatchLimits) -> SocketAddr {
        self.serve_over(&self.db, limits).await
    }

    /// The same over connections of its own, which end when the database that is given back is
    /// closed.
    pub(crate) async fn serve_apart(&self) -> (SocketAddr, Db) {
        let db = Db::connect(&self.config.db_options()).await.expect("the database opens");
        (self.serve_over(&db, BatchLimits::default()).await, db)
    }

    async fn serve_over(&self, db: &Db, limits: BatchLimits) -> SocketAddr {
        let (mut assembly, sandbox) =
            compose::assembly(&self.config, db.clone()).expect("the catalogue is good");
        assembly.batch_limits = limits;
        let core = Core::new(assembly.services());
        let Server { router, .. } =
            compose::server_over(self.config.clone(), db, core, sandbox, None).expect("a server is made");
        listen(router).await
    }

    /// Ends it, and drops the database.
    pub(crate) async fn close(self) {
        let name = format!("bursar_bench_{}", std::process::id());
        drop(self.db.close().await);
        if let Some(admin) = self.drop_by {
            admin
                .execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await
                .expect("the database is dropped");
        }
    }
}

/// Serves routes on a free port until the process ends.
pub(crate) async fn listen(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port is known");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn at(engine: Engine, url: &str) -> TestDb {
    let options = bursar_kernel::DbOptions { max_connections: 1, ..bursar_kernel::DbOptions::new(url) };
    let db = Db::connect(&options).await.expect("the database opens");
    TestDb {
        engine,
        db,
        clock: Arc::default(),
        ids: Arc::default(),
        entropy: Arc::default(),
        url: url.to_owned(),
    }
}

async fn cast(core: &Core) -> Vec<Reporter> {
    let command = SignUp {
        email: EmailAddress::parse("bench@example.com").expect("the address is one"),
        password: Secret::new("a password of a bench".to_owned()),
        display_name: None,
        organization: None,
    };
    let signed_in = sign_up(core, &Origin::default(), command).await.expect("a person signs up");
    let signed_in = signed_in.expect("it is let in at once");
    let token = Credential::Token(Secret::new(signed_in.access_token.expose().clone()));
    let mut reporters = Vec::with_capacity(MANY);
    for number in 0..=SINGLE_AT {
        let actor = authenticate(core, Some(&token), Origin::default()).await.expect("the token is good");
        let name = OrganizationName::new(&format!("Organization {number}")).expect("the name is good");
        let organization = create_organization(core, &actor, name).await.expect("it is made").id;
        switch_account(core, &actor, Some(organization)).await.expect("it becomes active");
        let actor = authenticate(core, Some(&token), Origin::default()).await.expect("the token is good");
        let command = CreateApiKey {
            scopes: Some(Scope::ALL.to_vec()),
            ..CreateApiKey::named(KeyName::new("bench").expect("the name is good"))
        };
        let key = create_api_key(core, &actor, command).await.expect("a key is made").secret.expose().clone();
        reporters.push(Reporter { organization, key });
    }
    reporters
}

/// Gives every organization credits, as those who pay have.
async fn endow(db: &Db, reporters: &[Reporter]) {
    let mut tx = db.begin().await.expect("a transaction begins");
    for reporter in reporters {
        let grant = Grant {
            account: Account::Organization(reporter.organization),
            kind: PostingKind::Topup,
            reference: "bench".to_owned(),
            amount: CREDITS,
            promotional: false,
            priority: 0,
            expires_at: None,
            description: "Credits".to_owned(),
            actor: "system".to_owned(),
        };
        SeaLedger.post(&mut tx, grant).await.expect("credits are granted");
    }
    tx.commit().await.expect("the grants are committed");
}
