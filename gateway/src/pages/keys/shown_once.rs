//! The one page that shows the whole text of a key. It is the answer to the form that made the text:
//! there is no page to come back to.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use bursar_api_keys::CreatedKey;
use bursar_operations::Profile;

use super::{row::account_name, told::Told};
use crate::{
    pages::{
        area::{Area, Place},
        page,
        when::When,
    },
    state::AppState,
};

/// What has become of the text before this one.
pub(super) enum Before {
    /// There was none.
    None,
    /// It is refused.
    Refused,
    /// It is good until then.
    Until(When),
}

#[derive(Template)]
#[template(path = "keys_shown_once.html")]
struct ShownOncePage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Told,
    name: &'a str,
    account: String,
    secret: &'a str,
    before: Before,
}

/// The page.
pub(super) fn shown_once(
    state: &AppState,
    profile: &Profile,
    created: &CreatedKey,
    before: Before,
) -> Response {
    let content = ShownOncePage {
        product_name: &state.config.product_name,
        area: Area::of(profile, Place::Keys),
        said: &Told::default(),
        name: &created.key.name,
        account: account_name(profile, created.key.account),
        secret: created.secret.expose(),
        before,
    };
    page(StatusCode::OK, &content)
}
