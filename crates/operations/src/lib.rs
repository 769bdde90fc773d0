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
mod audited;
mod authenticate;
mod authorize;
mod core;
pub mod error;
mod ingest;
mod key_usage;
mod keys;
mod money;
mod operation;
mod organizations;
mod people;
mod remembered;
mod usage;

pub use assembly::Assembly;
pub use authenticate::{Credential, Origin, authenticate};
pub use bursar_identity::Actor;
pub use core::{Core, Services};
pub use ingest::{Accepted, BatchLimits, Ingest, IngestQueue, ingest_events};
pub use key_usage::write_key_usage;
pub use keys::{
    CreateApiKey, Verification, VerifiedKey, VerifyApiKey, create_api_key, delete_api_key, list_api_keys,
    verify_api_key,
};
pub use money::{
    CheckoutReconciliation, CheckoutStarted, ProviderEventSettlement, StartCheckout, list_payments,
    read_balance, read_payment, read_payment_by_reference, receive_provider_event, start_checkout,
};
pub use operation::Operation;
pub use organizations::{create_organization, read_organization};
pub use people::{
    GrantCode, OrganizationOfUser, Profile, RedeemCode, SignIn, SignOut, SignUp, SignedIn, accept_terms,
    grant_code, open_cookie_session, published_keys, read_profile, redeem_code, refresh_session,
    rotate_signing_key, sign_in, sign_out, sign_up, switch_account,
};
pub use usage::{
    OrganizationUsageFilter, QueryMeter, UsageOfMember, list_organization_usages, list_usages, query_meter,
};
