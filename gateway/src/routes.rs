//! All routes, family by family, in one router.

use axum::{Router, middleware::from_fn_with_state};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    api,
    config::Config,
    http::{
        family::{Family, Routes},
        frame,
    },
    openapi::{self, Documents},
    pages, site,
    state::{AppState, Parts},
};

/// What is served in development only.
#[derive(Clone, Copy)]
struct Serves {
    sandbox: bool,
    mailbox: bool,
}

impl Serves {
    fn by(config: &Config) -> Self {
        Self { sandbox: config.serves_sandbox(), mailbox: config.keeps_mail() }
    }
}

/// The families in the order in which their paths are declared: where two share a path, a method
/// that neither has is refused in the words of the first.
fn families(serves: Serves) -> Vec<(Family, OpenApiRouter<AppState>)> {
    let mut site = site::routes();
    if serves.sandbox {
        site = site.merge(pages::sandbox::routes());
    }
    if serves.mailbox {
        site = site.merge(pages::mailbox::routes());
    }
    vec![
        (Family::Accounts, api::accounts::routes()),
        (Family::Auth, api::auth::routes()),
        (Family::Organization, api::organization::routes()),
        (Family::Platform, api::platform::routes()),
        (Family::Webhooks, api::webhooks::routes()),
        (Family::Site, site.merge(pages::routes())),
    ]
}

fn split(serves: Serves) -> Vec<(Family, Router<AppState>, OpenApi)> {
    let described = |(family, routes): (Family, OpenApiRouter<AppState>)| {
        let whole = OpenApiRouter::with_openapi(openapi::document(family)).merge(routes);
        let (router, document) = whole.split_for_parts();
        (family, router, document)
    };
    families(serves).into_iter().map(described).collect()
}

/// The published documents, without a database: what `bursar openapi` writes.
///
/// # Errors
/// When one cannot be written as JSON.
pub fn documents() -> serde_json::Result<Documents> {
    let parts = split(Serves { sandbox: true, mailbox: true });
    Documents::new(parts.iter().map(|(family, _, document)| (*family, document)))
}

/// The whole server as one service. Families have no fallbacks of their own: the frame words
/// every failure by the route's family, or by the path's where no route matched.
///
/// # Errors
/// When a document cannot be written as JSON.
pub fn router(parts: Parts) -> serde_json::Result<Router> {
    let families = split(Serves::by(&parts.config));
    let state = describe(parts, &families)?;
    let merged = families.into_iter().fold(Router::new(), |all, (_, router, _)| all.merge(router));
    Ok(framed(merged, state))
}

/// The state that [`router`] gives its routes.
///
/// # Errors
/// When a document cannot be written as JSON.
pub fn state(parts: Parts) -> serde_json::Result<AppState> {
    let families = split(Serves::by(&parts.config));
    describe(parts, &families)
}

fn describe(parts: Parts, families: &[(Family, Router<AppState>, OpenApi)]) -> serde_json::Result<AppState> {
    let described = || families.iter().map(|(family, _, document)| (*family, document));
    Ok(AppState::new(parts, Routes::new(described()), Documents::new(described())?))
}

/// Any routes inside the frame.
pub fn framed(routes: Router<AppState>, state: AppState) -> Router {
    routes
        .fallback(frame::not_found)
        .method_not_allowed_fallback(frame::method_not_allowed)
        .layer(from_fn_with_state(state.clone(), frame::frame))
        .with_state(state)
}
