use bursar_kernel::{DomainError, Result, Tx};
use rust_decimal::Decimal;
use sea_orm::Value;

use super::{
    bulk::{self, Kind, Table},
    rollup_rows::{micros, name_hash, words_of},
};
use crate::sums::{Added, SumKey, Sums};

/// Sums add up, so that the order of batches does not matter.
const SUM: Table = Table {
    name: "metering_sum",
    columns: &[
        ("account_id", Kind::Id),
        ("event_type", Kind::Text),
        ("size", Kind::Text),
        ("window_start", Kind::Integer),
        ("group_hash", Kind::Id),
        ("meters", Kind::Text),
        ("detail", Kind::OptionalText),
        ("group_values", Kind::Text),
        ("event_count", Kind::Integer),
        ("sum0_whole", Kind::Integer),
        ("sum0_micros", Kind::Integer),
        ("sum1_whole", Kind::Integer),
        ("sum1_micros", Kind::Integer),
        ("sum2_whole", Kind::Integer),
        ("sum2_micros", Kind::Integer),
        ("sum3_whole", Kind::Integer),
        ("sum3_micros", Kind::Integer),
        ("sum4_whole", Kind::Integer),
        ("sum4_micros", Kind::Integer),
        ("sum5_whole", Kind::Integer),
        ("sum5_micros", Kind::Integer),
        ("sum6_whole", Kind::Integer),
        ("sum6_micros", Kind::Integer),
        ("sum7_whole", Kind::Integer),
        ("sum7_micros", Kind::Integer),
    ],
    on_conflict: "ON CONFLICT (account_id, event_type, size, window_start, group_hash) DO UPDATE SET \
         event_count = metering_sum.event_count + excluded.event_count, \
         sum0_whole = metering_sum.sum0_whole + excluded.sum0_whole, \
         sum0_micros = metering_sum.sum0_micros + excluded.sum0_micros, \
         sum1_whole = metering_sum.sum1_whole + excluded.sum1_whole, \
         sum1_micros = metering_sum.sum1_micros + excluded.sum1_micros, \
         sum2_whole = metering_sum.sum2_whole + excluded.sum2_whole, \
         sum2_micros = metering_sum.sum2_micros + excluded.sum2_micros, \
         sum3_whole = metering_sum.sum3_whole + excluded.sum3_whole, \
         sum3_micros = metering_sum.sum3_micros + excluded.sum3_micros, \
         sum4_whole = metering_sum.sum4_whole + excluded.sum4_whole, \
         sum4_micros = metering_sum.sum4_micros + excluded.sum4_micros, \
         sum5_whole = metering_sum.sum5_whole + excluded.sum5_whole, \
         sum5_micros = metering_sum.sum5_micros + excluded.sum5_micros, \
         sum6_whole = metering_sum.sum6_whole + excluded.sum6_whole, \
         sum6_micros = metering_sum.sum6_micros + excluded.sum6_micros, \
         sum7_whole = metering_sum.sum7_whole + excluded.sum7_whole, \
         sum7_micros = metering_sum.sum7_micros + excluded.sum7_micros",
};

/// One statement for all rows.
pub(super) async fn add(tx: &Tx, sums: Sums<'_>) -> Result<()> {
    let rows = sums.0.iter().map(|(key, added)| row(key, added)).collect::<Result<Vec<_>>>()?;
    let expected = rows.len();
    bulk::expect_rows(bulk::insert(tx, &SUM, rows).await?, expected, &SUM)
}

fn row(key: &SumKey<'_>, added: &Added<'_>) -> Result<Vec<Value>> {
    let words = words_of(&added.layout.group_by, &key.group)?;
    let mut row: Vec<Value> = vec![
        key.account.into(),
        key.event_type.into(),
        key.window.as_str().into(),
        key.start.into(),
        name_hash(&[key.meters, key.detail.unwrap_or_default(), &words]).into(),
        key.meters.into(),
        key.detail.map(str::to_owned).into(),
        words.into(),
        added.count.into(),
    ];
    for sum in &added.sums {
        row.extend([whole(*sum)?.into(), micros(sum.fract()).into()]);
    }
    Ok(row)
}

fn whole(sum: Decimal) -> Result<i64> {
    i64::try_from(sum.trunc()).map_err(DomainError::internal)
}
