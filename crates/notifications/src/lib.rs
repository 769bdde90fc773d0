//! Mail to people: what is to be said goes into the outbox with its cause, and from there to them.
//!
//! What it owns: the letters ([`Letter`]), their words and their look ([`compose`]), the way into
//! the outbox ([`MailOutbox`]: sealed as a whole, for who gets it is personal and the link in it a
//! secret) and out of it ([`MailDelivery`]), and those who carry mail ([`MailTransport`]:
//! [`SmtpTransport`], [`SandboxMailbox`] for development, [`NoTransport`]).
//!
//! What it refuses to know: users, organizations, tokens, what makes a letter due, HTTP. It is told
//! an address, a name and a link.
//!
//! To embed it: run `KernelMigrator` (and `NotificationsMigrator` for the sandbox's mailbox) in your
//! database, call [`MailOutbox::send`] with the `Tx` of the cause, and give a [`MailDelivery`] to
//! your `Relay`. A letter whose `Tx` is rolled back is never sent.

mod delivery;
pub mod error;
mod letter;
mod mail;
mod one_line;
mod outbox;
mod payload;
mod sandbox_mailbox;
mod smtp;
mod store;
mod transport;
mod words;

pub use delivery::MailDelivery;
pub use letter::{Addressed, Letter};
pub use mail::{Mail, MailDraft, MailId, compose};
pub use outbox::{MAIL_REQUESTED, MailOutbox};
pub use sandbox_mailbox::SandboxMailbox;
pub use smtp::SmtpTransport;
pub use transport::{MailTransport, NoTransport};
