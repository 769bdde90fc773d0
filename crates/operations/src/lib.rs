//! What Bursar does: one function for each thing that a caller can do.
//!
//! An operation takes the [`Core`], who calls ([`Actor`]) and a plain command; it authorizes
//! (`authorize.rs`, one table), opens the transaction, calls the services of the domains, writes
//! one audit row and commits. API families translate to these functions and from them, and call
//! nothing else.
//!
//! Usage is recorded through [`IngestQueue`], which gathers what many callers report into one
//! transaction.

mod assembly;
mod audit_log;
mod audited;
mod authenticate;
mod authorize;
mod core;
pub mod error;
mod ingest;
mod key_usage;
mod keys;
mod links;
mod money;
mod operation;
mod organizations;
mod people;
mod plans;
mod rates;
mod remembered;
mod usage;

pub use assembly::Assembly;
pub use audit_log::{AuditEntry, AuditLogFilter, list_audit_log};
pub use authenticate::{Credential, Origin, authenticate, looks_like_key};
pub use bursar_identity::Actor;
pub use core::{Core, Services};
pub use ingest::{Accepted, BatchLimits, Ingest, IngestQueue, ingest_events};
pub use key_usage::write_key_usage;
pub use keys::{
    CreateApiKey, OrganizationWithKey, RegeneratedKey, UpdateApiKey, Verification, VerifiedKey, VerifyApiKey,
    create_api_key, create_organization_api_key, create_service_key, delete_api_key, grantable_scopes,
    import_api_keys, list_api_keys, list_organization_api_keys, list_service_keys,
    read_organization_with_key, regenerate_organization_key, revoke_service_key, rotate_api_key,
    update_api_key, verify_api_key,
};
pub use links::Links;
pub use money::{
    CheckoutReconciliation, CheckoutStarted, ProviderEventSettlement, StartCheckout, list_payments,
    read_balance, read_payment, read_payment_by_reference, receive_provider_event, start_checkout,
};
pub use operation::Operation;
pub use organizations::{
    AcceptedInvite, InviteTo, Member, Metrics, OwnRemoteConfig, PeekedInvite, RemoteConfigOfOrganization,
    Seats, UpdateOrganization, accept_invite, assignable_roles, count_invites, create_invites,
    create_organization, delete_organization, list_invites, list_members, peek_invite, read_member,
    read_metrics, read_organization, read_own_remote_config, read_provider_keys, read_remote_config,
    read_seats, remove_members, revoke_invite, set_member_role, set_provider_keys, update_organization,
};
pub use people::{
    FinishExternalSignIn, GrantCode, LinkMailing, MagicSignIn, OrganizationOfUser, OwnSession, Profile,
    RedeemCode, SignIn, SignOut, SignUp, SignedIn, accept_terms, begin_external_sign_in, begin_second_factor,
    browser_issuers, change_email, change_password, confirm_second_factor, delete_user, end_session,
    exchange_external_token, finish_external_sign_in, grant_code, list_sessions, open_cookie_session,
    open_cookie_session_by_link, published_keys, read_profile, read_second_factor, redeem_code,
    refresh_session, remove_second_factor, renew_recovery_codes, request_email_change,
    request_email_verification, request_magic_link, request_password_reset, reset_password,
    rotate_signing_key, sign_in, sign_in_by_link, sign_out, sign_up, sign_up_with_cookie, step_up,
    suspend_user, switch_account, update_profile, verify_email,
};
pub use plans::{PlanKindFilter, list_plans, requests_per_minute, set_account_plan};
pub use rates::RateCounters;
pub use usage::{
    OrganizationUsageFilter, QueryMeter, UsageOfMember, list_member_usages, list_organization_usages,
    list_usages, query_meter,
};
