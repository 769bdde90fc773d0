//! What was used: rows and meters.

mod meter;
mod usages;

pub use meter::{QueryMeter, query_meter};
pub use usages::list_usages;
