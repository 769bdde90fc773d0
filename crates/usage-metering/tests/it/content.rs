//! What makes two events the same, and how old a new one may be.

use std::{collections::BTreeMap, time::Duration};

use bursar_kernel::UnixTimestamp;
use bursar_usage_metering::{Conflict, UsageEvent, age_fault, dedupe};
use proptest::prelude::*;

use crate::world::{event, organization};

fn gauge(id: &str, data: &str) -> UsageEvent {
    event(id, &organization().to_string(), "gauge", data, None)
}

#[test]
fn content_is_what_was_sent_whatever_its_spelling() {
    let first = gauge("1", r#"{"meter":"agents","value":1.5,"note":"ünïcode\n"}"#).content_hash;
    for same in [
        r#"{"note":"\u00fcn\u00efcode\n","value":15e-1,"meter":"agents"}"#,
        r#" { "value" : 1.50 , "meter" : "agents" , "note" : "ünïcode\u000a" } "#,
    ] {
        assert_eq!(gauge("1", same).content_hash, first, "{same}");
    }
    for other in [
        r#"{"meter":"agents","value":1.6,"note":"ünïcode\n"}"#,
        r#"{"meter":"agents","value":1.5,"note":"ünïcode"}"#,
        r#"{"meter":"agents","value":1.5}"#,
        r#"{"meter":"agents","value":1.5,"note":"ünïcode\n","more":null}"#,
    ] {
        assert_ne!(gauge("1", other).content_hash, first, "{other}");
    }
}

#[test]
fn a_default_that_is_spelt_out_is_other_content_and_an_offset_is_not() {
    let subject = organization().to_string();
    let engine = |data: &str| event("1", &subject, "engine", data, None).content_hash;
    assert_ne!(engine(r#"{"eventType":"x"}"#), engine(r#"{"eventType":"x","count":1}"#));
    let at = |time: Option<&str>| event("1", &subject, "log", "{}", time).content_hash;
    assert_eq!(at(Some("2026-10-01T10:00:00Z")), at(Some("2026-10-01T12:00:00+02:00")));
    assert_ne!(at(Some("2026-10-01T10:00:00Z")), at(None));
}

proptest! {
    /// Members in any order and numbers with any exponent make one hash; another number another.
    #[test]
    fn the_hash_of_content_does_not_depend_on_its_spelling(
        values in proptest::collection::btree_map("[a-z]{1,8}", -1_000_000_000_000_i64..1_000_000_000_000, 1..8),
        zeros in 0..6_usize, nudged in any::<proptest::sample::Index>(),
    ) {
        let hash = |members: Vec<String>| {
            let data = format!(r#"{{"meter":"agents","value":1,"more":{{{}}}}}"#, members.join(","));
            gauge("1", &data).content_hash
        };
        let plain: Vec<_> = values.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
        let mut spelt: Vec<_> = values
            .iter()
            .map(|(name, value)| format!(" {name:?} : {value}{}e-{zeros}", "0".repeat(if *value == 0 { 0 } else { zeros })))
            .collect();
        spelt.reverse();
        let first = hash(plain.clone());
        prop_assert_eq!(first, hash(spelt));
        let mut other = plain;
        let place = nudged.index(other.len());
        other[place].push('1');
        prop_assert_ne!(first, hash(other));
    }
}

#[test]
fn the_same_event_again_is_a_duplicate_within_a_batch_and_across_batches() {
    let (first, second) =
        (gauge("1", r#"{"meter":"agents","value":1}"#), gauge("2", r#"{"meter":"agents","value":1}"#));
    let batch = [first.clone(), second.clone(), first.clone()];
    let deduped = dedupe(&batch, &BTreeMap::new()).unwrap();
    assert_eq!(deduped.duplicates, 1);
    assert_eq!(deduped.fresh.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 1]);

    let known = BTreeMap::from([(first.key(), first.content_hash)]);
    let deduped = dedupe(&batch, &known).unwrap();
    assert_eq!((deduped.duplicates, deduped.fresh.len()), (2, 1));
}

#[test]
fn the_same_key_with_other_content_is_a_conflict_that_names_its_place() {
    let (first, other) =
        (gauge("1", r#"{"meter":"agents","value":1}"#), gauge("1", r#"{"meter":"agents","value":2}"#));
    let batch = [first.clone(), other.clone()];
    assert_eq!(dedupe(&batch, &BTreeMap::new()).unwrap_err(), Conflict { index: 1 });
    let known = BTreeMap::from([(first.key(), first.content_hash)]);
    assert_eq!(dedupe(&[other], &known).unwrap_err(), Conflict { index: 0 });
}

#[test]
fn events_of_two_accounts_do_not_know_each_other() {
    let mine = gauge("1", r#"{"meter":"agents","value":1}"#);
    let theirs =
        event("1", "user_00000000000000000000000001", "gauge", r#"{"meter":"agents","value":2}"#, None);
    assert_eq!(dedupe(&[mine, theirs], &BTreeMap::new()).unwrap().fresh.len(), 2);
}

#[test]
fn a_new_event_is_refused_past_35_days_and_5_minutes_ahead() {
    let received_at = UnixTimestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let at = |time: UnixTimestamp| {
        let event = event("1", &organization().to_string(), "log", "{}", Some(&time.rfc3339()));
        age_fault(4, &event, received_at)
    };
    let (days, minutes) = (Duration::from_hours(35 * 24), Duration::from_mins(5));
    let moment = Duration::from_micros(1);
    assert_eq!(at(received_at.before(days)), None);
    assert_eq!(at(received_at.after(minutes)), None);
    for outside in [received_at.before(days).before(moment), received_at.after(minutes).after(moment)] {
        let fault = at(outside).unwrap();
        assert_eq!((fault.index, fault.field.as_str()), (4, "time"));
    }
    assert_eq!(age_fault(0, &gauge("1", r#"{"meter":"a","value":1}"#), received_at), None);
}
