//! What was paid, and the state of what is being paid.

use axum::extract::State;
use bursar_billing_ledger::PaymentId;
use bursar_kernel::{Account, OrganizationId, UnixTimestamp, UserId};
use bursar_operations::{Actor, list_payments, read_payment, read_payment_by_reference};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    body::Data,
    error::ErrorEnvelope,
    page::{PageQuery, next_token},
};
use crate::{
    api::caller::Caller,
    http::{failure::Failure, ids::Ids, query::Query},
    state::AppState,
};

/// A payment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    /// `pay_…`
    id: String,
    /// Who pays: the person whose account it is, or who began it for the organization.
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    creator_id: String,
    /// One of `checkout`, `direct_purchase`, `auto_top_up`, `subscription`.
    r#type: String,
    /// One of `pending`, `processing`, `succeeded`, `failed`, `canceled`, `refunded`.
    status: String,
    amount_cents: i64,
    currency: String,
    /// Micro-USD of credits.
    credits: i64,
    /// `stripe` or `sandbox`.
    provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_payment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    paid_at: Option<String>,
}

impl From<bursar_billing_ledger::Payment> for Payment {
    fn from(payment: bursar_billing_ledger::Payment) -> Self {
        let user = match payment.account {
            Account::Personal(user) => user,
            Account::Organization(_) => payment.creator,
        };
        Self {
            id: payment.id.to_string(),
            user_id: user.to_string(),
            organization_id: payment.account.organization().map(|id| id.to_string()),
            creator_id: payment.creator.to_string(),
            r#type: payment.kind.to_string(),
            status: payment.status.to_string(),
            amount_cents: payment.amount_cents,
            currency: payment.currency,
            credits: payment.credits.micros(),
            provider: payment.provider.to_string(),
            provider_payment_id: payment.provider_payment_id,
            receipt_url: payment.receipt_url,
            failure_reason: payment.failure_reason,
            created_at: payment.created_at.rfc3339(),
            paid_at: payment.paid_at.map(UnixTimestamp::rfc3339),
        }
    }
}

/// Payments, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payments {
    payment_transactions: Vec<Payment>,
    /// Goes back as `cursor`; absent when there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// How far a payment is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentStatus {
    payment_id: String,
    /// As in a payment.
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    /// Micro-USD, once they are granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    credits: Option<i64>,
}

/// A payment as its provider knows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProviderPayment {
    /// `stripe` or `sandbox`.
    provider: String,
    /// The provider's identifier of the payment, or of its checkout while it is not paid.
    provider_payment_id: String,
    payment_id: String,
    /// As in a payment.
    status: String,
    amount_cents: i64,
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<Card>,
}

/// A card, as far as it is shown.
#[derive(Serialize, ToSchema)]
struct Card {
    brand: String,
    last4: String,
}

async fn list(
    state: &AppState,
    actor: &Actor,
    account: Account,
    query: &PageQuery,
) -> Result<Data<Payments>, Failure> {
    let list = format!("payments:{account}");
    let slice = list_payments(&state.core, actor, account, query.page(&state.cursors, &list)?).await?;
    let next_token = next_token(&state.cursors, &list, slice.next);
    Ok(Data::new(Payments {
        payment_transactions: slice.items.into_iter().map(Payment::from).collect(),
        next_token,
    }))
}

async fn one(
    state: &AppState,
    actor: &Actor,
    account: Account,
    payment: PaymentId,
) -> Result<Data<Payment>, Failure> {
    Ok(Data::new(read_payment(&state.core, actor, account, payment).await?.into()))
}

async fn status(
    state: &AppState,
    actor: &Actor,
    account: Account,
    payment: PaymentId,
) -> Result<Data<PaymentStatus>, Failure> {
    let payment = read_payment(&state.core, actor, account, payment).await?;
    Ok(Data::new(PaymentStatus {
        payment_id: payment.id.to_string(),
        status: payment.status.to_string(),
        credits: payment.paid_at.map(|_| payment.credits.micros()),
        paid_at: payment.paid_at.map(UnixTimestamp::rfc3339),
    }))
}

async fn at_provider(
    state: &AppState,
    actor: &Actor,
    account: Account,
    reference: &str,
) -> Result<Data<ProviderPayment>, Failure> {
    let payment = read_payment_by_reference(&state.core, actor, account, reference).await?;
    Ok(Data::new(ProviderPayment {
        provider: payment.provider.to_string(),
        provider_payment_id: payment.provider_payment_id.or(payment.provider_session_id).unwrap_or_default(),
        payment_id: payment.id.to_string(),
        status: payment.status.to_string(),
        amount_cents: payment.amount_cents,
        currency: payment.currency,
        receipt_url: payment.receipt_url,
        payment_method: payment.card.map(|card| Card { brand: card.brand, last4: card.last4 }),
    }))
}

/// List the payments of the caller's own account
///
/// Those that were paid, newest first.
#[utoipa::path(get, path = "/api/v1/users/{id}/payments", tag = "payments", operation_id = "listUserPayments",
    params(("id" = String, Path, description = "The caller's own `user_…`"), PageQuery),
    responses((status = 200, body = Data<Payments>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_user_payments(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account,)): Ids<(UserId,)>,
    Query(query): Query<PageQuery>,
) -> Result<Data<Payments>, Failure> {
    list(&state, &actor, Account::Personal(account), &query).await
}

/// Get a payment of the caller's own account
#[utoipa::path(get, path = "/api/v1/users/{id}/payments/{paymentId}", tag = "payments", operation_id = "getUserPayment",
    params(("id" = String, Path, description = "The caller's own `user_…`"), ("paymentId" = String, Path, description = "`pay_…`")),
    responses((status = 200, body = Data<Payment>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_user_payment(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account, payment)): Ids<(UserId, PaymentId)>,
) -> Result<Data<Payment>, Failure> {
    one(&state, &actor, Account::Personal(account), payment).await
}

/// Get the status of a payment of the caller's own account
#[utoipa::path(get, path = "/api/v1/users/{id}/payments/{paymentId}/status", tag = "payments",
    operation_id = "getUserPaymentStatus",
    params(("id" = String, Path, description = "The caller's own `user_…`"), ("paymentId" = String, Path, description = "`pay_…`")),
    responses((status = 200, body = Data<PaymentStatus>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_user_payment_status(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account, payment)): Ids<(UserId, PaymentId)>,
) -> Result<Data<PaymentStatus>, Failure> {
    status(&state, &actor, Account::Personal(account), payment).await
}

/// Get a payment of the caller's own account as its provider knows it
#[utoipa::path(get, path = "/api/v1/users/{id}/payments/provider/{paymentId}", tag = "payments",
    operation_id = "getUserProviderPayment",
    params(("id" = String, Path, description = "The caller's own `user_…`"),
        ("paymentId" = String, Path, description = "The provider's identifier of the payment or its checkout, or ours")),
    responses((status = 200, body = Data<ProviderPayment>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_user_provider_payment(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account, reference)): Ids<(UserId, String)>,
) -> Result<Data<ProviderPayment>, Failure> {
    at_provider(&state, &actor, Account::Personal(account), &reference).await
}

/// List the payments of an organization
///
/// Those that were paid, newest first.
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/payments", tag = "payments", operation_id = "listOrganizationPayments",
    params(("orgId" = String, Path, description = "`org_…`"), PageQuery),
    responses((status = 200, body = Data<Payments>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_organization_payments(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account,)): Ids<(OrganizationId,)>,
    Query(query): Query<PageQuery>,
) -> Result<Data<Payments>, Failure> {
    list(&state, &actor, Account::Organization(account), &query).await
}

/// Get a payment of an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/payments/{paymentId}", tag = "payments", operation_id = "getOrganizationPayment",
    params(("orgId" = String, Path, description = "`org_…`"), ("paymentId" = String, Path, description = "`pay_…`")),
    responses((status = 200, body = Data<Payment>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_payment(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account, payment)): Ids<(OrganizationId, PaymentId)>,
) -> Result<Data<Payment>, Failure> {
    one(&state, &actor, Account::Organization(account), payment).await
}

/// Get the status of a payment of an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/payments/{paymentId}/status", tag = "payments",
    operation_id = "getOrganizationPaymentStatus",
    params(("orgId" = String, Path, description = "`org_…`"), ("paymentId" = String, Path, description = "`pay_…`")),
    responses((status = 200, body = Data<PaymentStatus>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_payment_status(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account, payment)): Ids<(OrganizationId, PaymentId)>,
) -> Result<Data<PaymentStatus>, Failure> {
    status(&state, &actor, Account::Organization(account), payment).await
}

/// Get a payment of an organization as its provider knows it
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/payments/provider/{paymentId}", tag = "payments",
    operation_id = "getOrganizationProviderPayment",
    params(("orgId" = String, Path, description = "`org_…`"),
        ("paymentId" = String, Path, description = "The provider's identifier of the payment or its checkout, or ours")),
    responses((status = 200, body = Data<ProviderPayment>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_provider_payment(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((account, reference)): Ids<(OrganizationId, String)>,
) -> Result<Data<ProviderPayment>, Failure> {
    at_provider(&state, &actor, Account::Organization(account), &reference).await
}
