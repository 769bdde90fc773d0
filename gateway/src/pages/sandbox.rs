//! The sandbox's checkout: a page with the test cards, and the same by JSON for scripts.
//!
//! Who knows a checkout's name may pay it, as with a real provider's page; the name is 160 random
//! bits. The host name is checked, so that a page elsewhere cannot point its own name here.

use askama::Template;
use axum::{
    Form, Json,
    extract::{FromRequestParts, Path, Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_billing_ledger::sandbox::{CheckoutStatus, PayOutcome, Sandbox, SandboxCheckout};
use bursar_kernel::{DomainError, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{failure, page};
use crate::{
    http::{body::Body, codes::ROUTE_NOT_FOUND, failure::Failure, origin},
    state::AppState,
};

/// The cards that the page offers, as they are embossed, and what each does.
const CARDS: &[(&str, &str)] = &[
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "lacks funds"),
    ("4000 0025 0000 3155", "asks first"),
];

/// Its routes. They are put in only where the configuration serves the sandbox.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit)).routes(routes!(pay)).routes(routes!(authenticate))
}

/// The sandbox, for a request that came under a name of ours.
struct Here(Sandbox);

impl FromRequestParts<AppState> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        origin::check_host(&parts.headers, &state.config.public_url)?;
        state.sandbox.clone().map(Self).ok_or_else(|| (&ROUTE_NOT_FOUND).into())
    }
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage<'a> {
    product_name: &'a str,
    checkout: &'a SandboxCheckout,
    amount: String,
    declined: Option<&'static str>,
    cards: &'a [(&'a str, &'a str)],
}

impl CheckoutPage<'_> {
    fn is(&self, status: &str) -> bool {
        self.checkout.status.as_str() == status
    }
}

#[derive(Deserialize)]
struct Shown {
    declined: Option<String>,
}

/// The page of a checkout, and of what became of it.
#[utoipa::path(get, path = "/sandbox/checkout/{id}", params(("id" = String, Path)), responses((status = 200)), security(()))]
async fn show(
    State(state): State<AppState>,
    Here(sandbox): Here,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Response {
    match checkout(&state, &sandbox, &id).await {
        Ok(checkout) => {
            let content = CheckoutPage {
                product_name: &state.config.product_name,
                amount: dollars(checkout.amount_cents, &checkout.currency),
                declined: shown.declined.as_deref().map(why),
                checkout: &checkout,
                cards: CARDS,
            };
            page(StatusCode::OK, &content)
        }
        Err(error) => failure(&state, error),
    }
}

async fn checkout(state: &AppState, sandbox: &Sandbox, id: &str) -> Result<SandboxCheckout> {
    let reader = state.db.reader();
    let found = sandbox.checkout(reader, id).await?;
    let mut checkout =
        found.ok_or_else(|| DomainError::from(&ROUTE_NOT_FOUND).saying("There is no such checkout"))?;
    // Its end is noted in the database only when somebody asks the provider.
    if checkout.status == CheckoutStatus::Open && checkout.expires_at <= reader.now() {
        checkout.status = CheckoutStatus::Expired;
    }
    Ok(checkout)
}

/// Why a card did not pay, for people. The address says it, and anybody can write an address: what
/// it says is never shown as it came.
fn why(reason: &str) -> &'static str {
    match reason {
        "insufficient_funds" => "The card has insufficient funds.",
        "payment_intent_authentication_failure" => "The card's holder did not approve the payment.",
        _ => "The card was declined.",
    }
}

/// `12.50 USD`.
fn dollars(cents: i64, currency: &str) -> String {
    format!("{}.{:02} {}", cents / 100, cents % 100, currency.to_uppercase())
}

/// A button of the page: a card, or the answer of its holder.
#[derive(Deserialize, ToSchema)]
struct Pressed {
    card: Option<String>,
    approve: Option<bool>,
}

/// Tries a card, or answers for its holder, and shows the page again.
#[utoipa::path(post, path = "/sandbox/checkout/{id}", params(("id" = String, Path)), request_body(content = Pressed, content_type = "application/x-www-form-urlencoded"), responses((status = 303)), security(()))]
async fn submit(
    State(state): State<AppState>,
    Here(sandbox): Here,
    Path(id): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Response {
    let outcome = match (pressed.card, pressed.approve) {
        (Some(card), _) => sandbox.pay(&id, &card).await,
        (None, Some(approve)) => sandbox.authenticate(&id, approve).await,
        (None, None) => Err(DomainError::invalid("card", "is required")),
    };
    match outcome {
        Ok(PayOutcome::Declined { reason }) => {
            Redirect::to(&format!("/sandbox/checkout/{id}?declined={reason}")).into_response()
        }
        Ok(PayOutcome::Paid | PayOutcome::AuthenticationRequired) => {
            Redirect::to(&format!("/sandbox/checkout/{id}")).into_response()
        }
        Err(error) => failure(&state, error),
    }
}

/// A card to try.
#[derive(Deserialize, ToSchema)]
struct Pay {
    /// One of the test cards.
    #[schema(example = "4242424242424242")]
    card: String,
}

/// The answer of a card's holder.
#[derive(Deserialize, ToSchema)]
struct Authenticate {
    approve: bool,
}

/// What became of an attempt.
#[derive(Serialize, ToSchema)]
struct Outcome {
    /// `paid`, `declined` or `authentication_required`.
    status: &'static str,
    /// Why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl From<PayOutcome> for Outcome {
    fn from(outcome: PayOutcome) -> Self {
        let (status, reason) = match outcome {
            PayOutcome::Paid => ("paid", None),
            PayOutcome::Declined { reason } => ("declined", Some(reason)),
            PayOutcome::AuthenticationRequired => ("authentication_required", None),
        };
        Self { status, reason }
    }
}

/// Tries a card.
#[utoipa::path(post, path = "/sandbox/checkout/{id}/pay", params(("id" = String, Path)), request_body = Pay, responses((status = 200, body = Outcome)), security(()))]
async fn pay(
    Here(sandbox): Here,
    Path(id): Path<String>,
    Body(asked): Body<Pay>,
) -> Result<Json<Outcome>, Failure> {
    Ok(Json(sandbox.pay(&id, &asked.card).await?.into()))
}

/// Answers for the holder of a card that asked for authentication.
#[utoipa::path(post, path = "/sandbox/checkout/{id}/authenticate", params(("id" = String, Path)), request_body = Authenticate, responses((status = 200, body = Outcome)), security(()))]
async fn authenticate(
    Here(sandbox): Here,
    Path(id): Path<String>,
    Body(asked): Body<Authenticate>,
) -> Result<Json<Outcome>, Failure> {
    Ok(Json(sandbox.authenticate(&id, asked.approve).await?.into()))
}
