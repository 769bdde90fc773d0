//! The one table: the sandbox's mailbox. Letters that wait are the kernel's, in its outbox.

pub(crate) mod sandbox_mail;
