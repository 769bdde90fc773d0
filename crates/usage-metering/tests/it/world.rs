//! A metering service with the shipped catalogue, and short ways to say events.

use std::sync::Arc;

use bursar_kernel::{Account, Amount, OrganizationId, Tx, UserId};
use bursar_testkit::TestDb;
use bursar_usage_metering::{
    ContentMode, MeterCatalogue, NewUsage, PriceList, SeaMeterReadings, SeaUsageEvents, SeaUsageSummaries,
    UsageEvent, UsageEvents as _, UsageId, rate,
};
use uuid::Uuid;

const PRICES: &str = include_str!("../../../../gateway/catalogue/prices.toml");
pub(crate) const METERS: &str = include_str!("../../../../gateway/catalogue/meters.toml");

/// The organization that most tests are about.
pub(crate) fn organization() -> Account {
    Account::Organization(OrganizationId::from_uuid(Uuid::from_u128(101)))
}

/// Another one.
pub(crate) fn stranger() -> Account {
    Account::Organization(OrganizationId::from_uuid(Uuid::from_u128(102)))
}

pub(crate) fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

/// One event in CloudEvents JSON; `more` are further attributes, each with a comma before it.
pub(crate) fn event_json(id: &str, subject: &str, event_type: &str, data: &str, more: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:host","type":"{event_type}","subject":"{subject}","data":{data}{more}}}"#
    )
}

/// One event, read.
pub(crate) fn event(id: &str, subject: &str, event_type: &str, data: &str, time: Option<&str>) -> UsageEvent {
    let more = time.map(|time| format!(r#","time":"{time}""#)).unwrap_or_default();
    let body = event_json(id, subject, event_type, data, &more);
    UsageEvent::read(ContentMode::Plain, &[], body.as_bytes()).unwrap().remove(0)
}

/// A call of a model by the organization.
pub(crate) fn inference(id: &str, model: &str, prompt: i64, completion: i64) -> UsageEvent {
    let data = format!(
        r#"{{"model":"{model}","provider":"bursar","promptTokens":{prompt},"completionTokens":{completion}}}"#
    );
    event(id, &organization().to_string(), "inference", &data, None)
}

pub(crate) struct Metering {
    pub(crate) prices: PriceList,
    pub(crate) usage: SeaUsageEvents,
    pub(crate) meters: SeaMeterReadings,
    pub(crate) summaries: SeaUsageSummaries,
}

impl Metering {
    pub(crate) fn shipped() -> Self {
        Self::counting(METERS)
    }

    /// With meters of another catalogue.
    pub(crate) fn counting(meters: &str) -> Self {
        let meters = Arc::new(MeterCatalogue::parse(meters).unwrap());
        Self {
            prices: PriceList::parse(PRICES).unwrap(),
            usage: SeaUsageEvents::new(meters.clone()),
            meters: SeaMeterReadings::new(meters),
            summaries: SeaUsageSummaries,
        }
    }

    /// Rates and records events in an open transaction; what an event costs is charged, rounded
    /// down.
    pub(crate) async fn record_in(&self, tx: &mut Tx, events: &[UsageEvent], user: Option<UserId>) {
        let rows = events.iter().map(|event| self.new_usage(tx, event, user)).collect();
        self.usage.record(tx, rows).await.unwrap();
    }

    pub(crate) fn new_usage(&self, tx: &Tx, event: &UsageEvent, user: Option<UserId>) -> NewUsage {
        let rated = rate(&self.prices, &event.payload).unwrap();
        NewUsage {
            id: UsageId::from_uuid(tx.id()),
            event: event.clone(),
            user,
            rated,
            charged: Amount::from_micros(rated.nanos().unwrap().nanos() / 1000),
            posting: None,
        }
    }

    /// As [`Self::record_in`], in a transaction of its own.
    pub(crate) async fn record(&self, test: &TestDb, events: &[UsageEvent], user: Option<UserId>) {
        let mut tx = test.db.begin().await.unwrap();
        self.record_in(&mut tx, events, user).await;
        tx.commit().await.unwrap();
    }
}
