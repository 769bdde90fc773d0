//! Usage events: how they come in, what they cost and the meters that count them.
//!
//! What it owns: CloudEvents as the HTTP binding carries them ([`ContentMode`], [`UsageEvent::read`]),
//! the price list and rating ([`PriceList`], [`rate`]), the record of every event ([`UsageEvents`]),
//! the meters over it ([`MeterCatalogue`], [`MeterReadings`]) and what they come to day by day
//! ([`UsageSummaries`]).
//!
//! What it refuses to know: HTTP, balances and who may report what. It says what an event costs;
//! somebody else charges it and tells [`UsageEvents::record`] what was charged.
//!
//! Counters go by the time of an event, charges by its receipt. Nothing here is a float.
//!
//! A host that embeds it runs the migrations of the kernel and of metering, reads its own price list
//! and meters, and records in a transaction of its own:
//!
//! ```no_run
//! # use std::{collections::BTreeMap, sync::Arc};
//! # use bursar_kernel::{Amount, Db, Result};
//! # use bursar_usage_metering::*;
//! # async fn embed(db: Db, body: &[u8], prices: &str, meters: &str) -> Result<()> {
//! let prices = PriceList::parse(prices).expect("the shipped prices");
//! let meters = Arc::new(MeterCatalogue::parse(meters).expect("the shipped meters"));
//! let usage = SeaUsageEvents::new(meters);
//!
//! let events = UsageEvent::read(ContentMode::Plain, &[], body).map_err(|faults| refusal(&faults))?;
//! let mut tx = db.begin().await?;
//! let keys: Vec<_> = events.iter().map(UsageEvent::key).collect();
//! let known = usage.known(&mut tx, &keys).await?;
//! let fresh = dedupe(&events, &known).map_err(|_| refusal(&[]))?.fresh;
//! let mut rows = Vec::new();
//! for (_, event) in fresh {
//!     let rated = rate(&prices, &event.payload)?;
//!     rows.push(NewUsage {
//!         id: UsageId::from_uuid(tx.id()),
//!         event: event.clone(),
//!         user: None,
//!         rated,
//!         charged: Amount::ZERO,
//!         posting: None,
//!     });
//! }
//! usage.record(&mut tx, rows).await?;
//! tx.commit().await
//! # }
//! ```

mod catalogue;
mod cloudevents;
mod dedupe;
pub mod error;
mod event;
mod fields;
mod meter;
mod payload;
mod price;
mod rating;
mod reading;
mod rollup;
mod store;
mod summary;
mod sums;
mod usage;
mod window;

pub use catalogue::CatalogueFault;
pub use cloudevents::{CloudEvent, ContentMode, Fault, Json, MAX_EVENTS, MAX_FAULTS, Number, parse, refusal};
pub use dedupe::{Conflict, Deduped, dedupe};
pub use event::{EventKey, MAX_AGE, MAX_AHEAD, Subject, UsageEvent, age_fault};
pub use meter::{Aggregation, Meter, MeterCatalogue};
pub use payload::{BillingMode, Engine, EventType, Gauge, Inference, Payload, Runtime, Service};
pub use price::{ModelPrice, PriceList};
pub use rating::{Rated, rate};
pub use reading::{MAX_READINGS, MeterQuery, MeterReadings, Reading};
pub use store::{SeaMeterReadings, SeaUsageEvents, SeaUsageSummaries};
pub use summary::{MAX_SUMMARY_ROWS, SummaryRow, UsageSummaries, UsageSums};
pub use usage::{NewUsage, UsageEvents, UsageFilter, UsageId, UsageRow};
pub use window::Window;
