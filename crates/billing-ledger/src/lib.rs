//! The money of Bursar's accounts: what each has paid, what was charged to it, what is left.
//!
//! What it owns: one book per account in double entry ([`Ledger`]), the lots that credits come in
//! and the order in which they burn, the proof that every projection equals its entries; payments
//! ([`Payments`]), the port to who moves the money ([`PaymentProvider`]), what the providers told
//! us ([`ProviderEvents`]), and an embedded provider to try it all without one ([`sandbox`]).
//!
//! What it refuses to know: what was used and at which price, plans, who may do what, HTTP.
//!
//! A host that embeds it runs `KernelMigrator` and `LedgerMigrator`, opens a
//! [`bursar_kernel::Db`] and calls [`SeaLedger`] inside its own transactions.

mod book;
mod burn_down;
mod card;
mod charge;
mod content;
mod correction;
pub mod error;
mod grant;
mod ledger;
mod locked_books;
mod lot;
mod payment;
mod posting;
mod provider;
mod provider_event;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod store;
#[cfg(feature = "sandbox")]
mod stripe_event;
mod verification;
#[cfg(feature = "sandbox")]
pub mod webhook_signature;

pub use book::{Book, book_of_tag};
pub use burn_down::{Draw, burn_order, draw};
pub use card::CardSummary;
pub use charge::{Charge, Charged};
pub use correction::{Refund, Reversal};
pub use grant::{Grant, Posted};
pub use ledger::Ledger;
pub use locked_books::LockedBooks;
pub use lot::{Lot, LotId};
pub use payment::{
    CURRENCY, CreditPurchase, NewPayment, Payment, PaymentId, PaymentKind, PaymentOutcome, PaymentStatus,
    Payments,
};
pub use posting::{Entries, Entry, EntryAccount, Posting, PostingId, PostingKind};
pub use provider::{
    CheckoutRequest, CheckoutSession, PaymentProvider, ProviderEvent, ProviderName, SignedEvent,
    WebhookHeaders, check_return_url,
};
pub use provider_event::{ProviderEvents, StoredEvent};
pub use store::{ledger::SeaLedger, payment::SeaPayments, provider_event::SeaProviderEvents};
pub use verification::{Compared, Difference, Verification};
