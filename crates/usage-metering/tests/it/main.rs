//! Metering through its public face: reading requests without a database, and rows and meters on
//! both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene cannot go on")]

mod cloudevents;
mod content;
mod embedding;
mod meters;
mod summaries;
mod summary_rollups;
mod usage;
mod world;
