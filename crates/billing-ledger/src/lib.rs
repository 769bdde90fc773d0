//! The money of Bursar's accounts: what each has paid, what was charged to it, what is left.
//!
//! What it owns: one book per account in double entry (`Ledger`), the lots that credits come in
//! and the order in which they burn, the proof that every projection equals its entries.
//!
//! What it refuses to know: what was used and at which price, plans, who may do what, HTTP.
//!
//! A host that embeds it runs `KernelMigrator` and `LedgerMigrator`, opens a
//! [`bursar_kernel::Db`] and calls `SeaLedger` inside its own transactions.

mod error;
mod store;

pub use error as codes;
