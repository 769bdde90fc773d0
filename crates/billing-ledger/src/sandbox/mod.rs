//! A payment provider for people who have none yet: a checkout page with Stripe's test cards, and
//! signed webhooks in Stripe's form that come through the very same door as Stripe's.
//!
//! It plays a party outside: tables of its own, transactions of its own, and it hears of nothing
//! but what a provider would be asked.

mod checkout;
mod delivery;
mod event;
mod provider;
mod test_card;

pub use checkout::{CheckoutStatus, PayOutcome, SandboxCheckout};
pub use delivery::{SandboxDelivery, WebhookDoor};
pub use provider::Sandbox;
pub use test_card::TestCard;
