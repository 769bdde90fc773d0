//! Metering through its public face: reading requests without a database, and rows and meters on
//! both engines.

mod cloudevents;
mod content;
mod meters;
mod usage;
mod world;
