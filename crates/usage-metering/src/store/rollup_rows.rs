//! What a batch adds to the rollups: sums in rows that meters share, levels and different values in
//! rows of each meter.

use std::{borrow::Cow, collections::BTreeMap};

use bursar_kernel::{DomainError, Result, Tx};
use rust_decimal::Decimal;
use sea_orm::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    bulk::{self, Kind, Table},
    sum_rows,
};
use crate::{
    meter::MeterCatalogue,
    rollup::{Measured, RollupKey, Rollups, kept_windows},
    sums::Sums,
};

/// A level gives way to a later one, so that the order of batches does not matter.
const LEVEL: Table = Table {
    name: "metering_level",
    columns: &[
        ("account_id", Kind::Id),
        ("meter", Kind::Text),
        ("size", Kind::Text),
        ("window_start", Kind::Integer),
        ("group_hash", Kind::Id),
        ("detail", Kind::OptionalText),
        ("group_values", Kind::Text),
        ("max_micros", Kind::Integer),
        ("latest_micros", Kind::Integer),
        ("latest_at", Kind::Integer),
    ],
    on_conflict: "ON CONFLICT (account_id, meter, size, window_start, group_hash) DO UPDATE SET \
         max_micros = CASE WHEN excluded.max_micros > metering_level.max_micros \
             THEN excluded.max_micros ELSE metering_level.max_micros END, \
         latest_micros = CASE WHEN excluded.latest_at >= metering_level.latest_at \
             THEN excluded.latest_micros ELSE metering_level.latest_micros END, \
         latest_at = CASE WHEN excluded.latest_at >= metering_level.latest_at \
             THEN excluded.latest_at ELSE metering_level.latest_at END",
};

const UNIQUE: Table = Table {
    name: "metering_unique",
    columns: &[
        ("account_id", Kind::Id),
        ("meter", Kind::Text),
        ("size", Kind::Text),
        ("window_start", Kind::Integer),
        ("group_hash", Kind::Id),
        ("value_hash", Kind::Id),
        ("detail", Kind::OptionalText),
        ("group_values", Kind::Text),
    ],
    on_conflict: "ON CONFLICT DO NOTHING",
};

/// Counts events in every meter of their kind: one statement a table.
pub(super) async fn add(tx: &Tx, catalogue: &MeterCatalogue, events: &[Measured<'_>]) -> Result<()> {
    let (mut sums, mut rollups) = (Sums::default(), Rollups::default());
    for event in events {
        let event_type = event.payload.event_type();
        for layout in catalogue.layouts_of(event_type) {
            sums.add(layout, event);
        }
        for meter in catalogue.of(event_type) {
            for &window in kept_windows(meter.aggregation) {
                rollups.count(meter, window, event);
            }
        }
    }
    sum_rows::add(tx, sums).await?;
    let words = |key: &RollupKey<'_>| {
        let names = catalogue.get(key.meter).map(|meter| meter.group_by.as_slice()).unwrap_or_default();
        words_of(names, &key.group)
    };
    let rows: Vec<_> = rollups
        .tallies
        .iter()
        .map(|(key, tally)| {
            let mut row = key_values(key, None, &words(key)?);
            row.extend([micros(tally.max).into(), micros(tally.latest).into(), tally.latest_at.into()]);
            Ok(row)
        })
        .collect::<Result<_>>()?;
    let expected = rows.len();
    bulk::expect_rows(bulk::insert(tx, &LEVEL, rows).await?, expected, &LEVEL)?;
    let rows: Vec<_> = rollups
        .values
        .iter()
        .map(|(key, value)| Ok(key_values(key, Some(value), &words(key)?)))
        .collect::<Result<_>>()?;
    bulk::insert(tx, &UNIQUE, rows).await?;
    Ok(())
}

/// The words of a group as JSON text: what readings are split by.
pub(super) fn words_of(names: &[String], group: &[Cow<'_, str>]) -> Result<String> {
    let words: BTreeMap<&str, &str> =
        names.iter().map(String::as_str).zip(group.iter().map(AsRef::as_ref)).collect();
    serde_json::to_string(&words).map_err(DomainError::internal)
}

/// The columns up to the words, in their order; the hash of a value stands among them.
fn key_values(key: &RollupKey<'_>, value: Option<&str>, words: &str) -> Vec<Value> {
    let detail = key.detail.unwrap_or_default();
    let mut values = vec![
        key.account.into(),
        key.meter.into(),
        key.window.as_str().into(),
        key.start.into(),
        name_hash(&[detail, words]).into(),
    ];
    values.extend(value.map(|value| Value::from(name_hash(&[value]))));
    values.push(key.detail.map(str::to_owned).into());
    values.push(words.into());
    values
}

/// 128 bits that stand for texts in a key, whatever their length.
pub(super) fn name_hash(texts: &[&str]) -> Uuid {
    let digest = texts
        .iter()
        .fold(Sha256::new(), |digest, text| digest.chain_update(text.len().to_be_bytes()).chain_update(text));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    Uuid::from_bytes(bytes)
}

/// Millionths. A value beyond them is as good as the greatest: only costs are, and they are summed.
pub(super) fn micros(value: Decimal) -> i64 {
    i64::try_from(value.saturating_mul(Decimal::from(1_000_000)).trunc()).unwrap_or(i64::MAX)
}
