//! Who a person is here, and what is left.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{Amount, Result};
use bursar_operations::{Actor, Profile, read_balance, read_profile};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure, page,
    return_to::{self, ACCOUNT},
    visitor::Visitor,
};
use crate::state::AppState;

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    product_name: &'a str,
    name: &'a str,
    email: &'a str,
    /// The organization that the person acts for, and its role there.
    organization: Option<(&'a str, &'a str)>,
    balance: String,
    is_overdrawn: bool,
}

/// The person, the account that it acts on, and what is left in it.
#[utoipa::path(get, path = "/account", responses((status = 200), (status = 303)), security(()))]
async fn show(State(state): State<AppState>, Visitor(visitor): Visitor) -> Response {
    let Some(actor) = visitor else {
        return Redirect::to(&return_to::sign_in(ACCOUNT)).into_response();
    };
    match read(&state, &actor).await {
        Ok((profile, balance)) => {
            let active = profile.organizations.iter().find(|it| profile.is_active(it.organization));
            let content = AccountPage {
                product_name: &state.config.product_name,
                name: &profile.user.display_name,
                email: profile.user.email.as_str(),
                organization: active.map(|it| (it.name.as_str(), it.role.as_str())),
                balance: dollars(balance),
                is_overdrawn: balance.is_negative(),
            };
            page(StatusCode::OK, &content)
        }
        Err(error) => failure(&state, error),
    }
}

async fn read(state: &AppState, actor: &Actor) -> Result<(Profile, Amount)> {
    let profile = read_profile(&state.core, actor).await?;
    let balance = read_balance(&state.core, actor, profile.active_account).await?;
    Ok((profile, balance))
}

/// `1,234.5678`: exact, with cents always and what is smaller where there is any.
fn dollars(amount: Amount) -> String {
    let magnitude = amount.micros().unsigned_abs();
    let whole = (magnitude / 1_000_000).to_string();
    let grouped =
        whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
    let rest = format!("{:06}", magnitude % 1_000_000);
    let (cents, smaller) = rest.split_at(2);
    let sign = if amount.is_negative() { "−" } else { "" };
    format!("{sign}{grouped}.{cents}{}", smaller.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_exactly_and_with_cents() {
        for (micros, shown) in [
            (0, "0.00"),
            (5_000_000, "5.00"),
            (99_847_500, "99.8475"),
            (1_234_567_000_001, "1,234,567.000001"),
            (-140_000, "−0.14"),
            (i64::MIN, "−9,223,372,036,854.775808"),
        ] {
            assert_eq!(dollars(Amount::from_micros(micros)), shown);
        }
    }
}
