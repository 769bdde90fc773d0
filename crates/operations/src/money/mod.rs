//! What is left, what was paid, and buying more.

mod balance;
mod checkout;
mod payments;
mod provider_event;

pub use balance::read_balance;
pub use checkout::{CheckoutReconciliation, CheckoutStarted, StartCheckout, start_checkout};
pub use payments::{list_payments, read_payment, read_payment_by_reference};
pub use provider_event::{ProviderEventSettlement, receive_provider_event};
