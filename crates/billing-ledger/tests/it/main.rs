//! The ledger through its services, on both engines.
