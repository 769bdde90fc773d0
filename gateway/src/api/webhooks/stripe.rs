//! What the payment provider says happened.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use bursar_billing_ledger::WebhookHeaders;
use bursar_operations::receive_provider_event;

use crate::{
    api::platform::error::Problem,
    http::{body::RawBody, failure::Failure},
    state::AppState,
};

/// Take a payment provider's event
///
/// The signature over the raw body is checked, the event is stored once by its identifier, then
/// answered; its effect follows. The sandbox sends through this very route.
#[utoipa::path(post, path = "/webhooks/stripe", tag = "webhooks", operation_id = "receiveProviderEvent",
    security(()), params(("Stripe-Signature" = String, Header, description = "`t=…,v1=…`")),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn post_stripe(
    State(state): State<AppState>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, Failure> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let headers = WebhookHeaders { signature: signature.map(str::to_owned) };
    receive_provider_event(&state.core, &headers, &body).await?;
    Ok(StatusCode::OK)
}
