//! What every handler can reach. Cheap to clone.

use std::{ops::Deref, sync::Arc};

use bursar_billing_ledger::sandbox::Sandbox;
use bursar_kernel::{CursorCodec, Db};
use bursar_notifications::SandboxMailbox;
use bursar_operations::Core;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    config::Config,
    http::{family::Routes, rate_limits::RateLimits},
    openapi::Documents,
};

/// The parts that [`crate::routes::router`] puts together with the routes.
pub struct Parts {
    /// The configuration.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// The operations.
    pub core: Core,
    /// Signs list cursors.
    pub cursors: CursorCodec,
    /// The sandbox provider, where it is the one.
    pub sandbox: Option<Sandbox>,
    /// Where mail is kept that is not sent, in development.
    pub mailbox: Option<SandboxMailbox>,
    /// What `/metrics` shows.
    pub metrics: Option<PrometheusHandle>,
}

/// The state of the router.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] leads to.
pub struct Inner {
    parts: Parts,
    /// How often callers asked.
    pub rates: RateLimits,
    /// Which operation a request is.
    pub routes: Routes,
    /// The published documents.
    pub documents: Documents,
}

impl AppState {
    pub(crate) fn new(parts: Parts, routes: Routes, documents: Documents) -> Self {
        let rates = RateLimits::new(parts.config.limits, parts.db.clock().clone());
        Self(Arc::new(Inner { parts, rates, routes, documents }))
    }
}

impl Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
