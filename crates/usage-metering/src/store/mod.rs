//! Metering's own tables.

mod bulk;
mod known;
mod meter_readings;
mod rollup_rows;
mod sum_rows;
mod summaries;
mod usage_events;
pub(crate) mod usage_row;

pub use meter_readings::SeaMeterReadings;
pub use summaries::SeaUsageSummaries;
pub use usage_events::SeaUsageEvents;
