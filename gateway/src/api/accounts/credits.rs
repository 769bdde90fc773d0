//! Buying credits in the provider's checkout.

use axum::extract::State;
use bursar_billing_ledger::{CreditPurchase, check_return_url};
use bursar_kernel::{Account, OrganizationId};
use bursar_operations::{Actor, CheckoutStarted, StartCheckout, start_checkout};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{body::Data, error::ErrorEnvelope};
use crate::{
    api::caller::Caller,
    http::{
        body::Body,
        failure::Failure,
        idempotency_key::{IdempotencyKey, Replayable},
        ids::Ids,
    },
    state::AppState,
};

/// Credits to buy.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checkout {
    /// Cents, 500 to 100 000.
    #[schema(minimum = 500, maximum = 100_000)]
    amount_cents: i64,
    /// Where the browser goes after paying.
    success_url: Option<String>,
    /// Where it goes when the person gives up.
    cancel_url: Option<String>,
}

/// A checkout that waits for its person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckoutSession {
    checkout_url: String,
    /// The provider's identifier.
    session_id: String,
    /// `pay_…`, pending.
    payment_id: String,
}

impl From<CheckoutStarted> for CheckoutSession {
    fn from(started: CheckoutStarted) -> Self {
        Self {
            checkout_url: started.url,
            session_id: started.session_id,
            payment_id: started.payment.to_string(),
        }
    }
}

fn return_url(field: &'static str, url: Option<String>) -> Result<Option<String>, Failure> {
    if let Some(url) = &url {
        check_return_url(field, url)?;
    }
    Ok(url)
}

async fn start(
    state: &AppState,
    actor: &Actor,
    account: Account,
    body: Checkout,
    key: IdempotencyKey,
) -> Result<Replayable<Data<CheckoutSession>>, Failure> {
    let command = StartCheckout {
        account,
        purchase: CreditPurchase::new(body.amount_cents)?,
        success_url: return_url("successUrl", body.success_url)?,
        cancel_url: return_url("cancelUrl", body.cancel_url)?,
        idempotency_key: key.0,
    };
    let started = start_checkout(&state.core, actor, command).await?;
    let replayed = started.replayed;
    Ok(Replayable { answer: Data::new(started.into()), replayed })
}

/// Buy credits for the caller's own account
#[utoipa::path(post, path = "/api/v1/users/credits/checkout", tag = "credits", operation_id = "checkoutUserCredits",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters")),
    request_body = Checkout,
    responses((status = 200, body = Data<CheckoutSession>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_user_checkout(
    State(state): State<AppState>,
    Caller(actor): Caller,
    key: IdempotencyKey,
    Body(body): Body<Checkout>,
) -> Result<Replayable<Data<CheckoutSession>>, Failure> {
    let user = actor.user().ok_or_else(|| Failure::from(&bursar_operations::error::FORBIDDEN))?;
    start(&state, &actor, Account::Personal(user), body, key).await
}

/// Buy credits for an organization
#[utoipa::path(post, path = "/api/v1/organizations/{orgId}/credits/checkout", tag = "credits",
    operation_id = "checkoutOrganizationCredits",
    params(("orgId" = String, Path, description = "`org_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters")),
    request_body = Checkout,
    responses((status = 200, body = Data<CheckoutSession>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_organization_checkout(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    key: IdempotencyKey,
    Body(body): Body<Checkout>,
) -> Result<Replayable<Data<CheckoutSession>>, Failure> {
    start(&state, &actor, Account::Organization(organization), body, key).await
}
