//! The catalogue without a database, and the services through their traits on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod account_plans;
mod catalogue;
mod embedding;
mod publishing;
mod world;
