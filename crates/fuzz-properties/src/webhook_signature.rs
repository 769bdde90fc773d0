//! The signature header of a webhook: what the provider did not sign, or not now, is not believed.

use bursar_billing_ledger::{
    error::WEBHOOK_SIGNATURE_INVALID,
    webhook_signature::{TOLERANCE_SECONDS, sign, verify},
};
use bursar_kernel::UnixTimestamp;

use crate::{
    choices::Choices,
    edit::{edited, edited_text},
};

const SECRET: &str = "whsec_of_the_property";
const BODY: &[u8] = br#"{"id":"evt_1","type":"checkout.session.completed"}"#;

/// A body is believed with a header that holds the one instant of its signing and the tag over
/// both, while that instant is near; nothing else is, and every refusal is the same.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    let kind = choices.below(4);
    let signed_at = instant(&mut choices);
    let body = if choices.one_in(2) { choices.slice() } else { BODY };
    let header = sign(SECRET, body, signed_at);
    let (instant, tag) = header.split_once(',').expect("an instant and a tag");
    let signed = Signed { body, signed_at, instant, tag };
    let now = nearby(signed_at, &mut choices);
    match kind {
        0 => signed.judged(&choices.rest_as_text(), body, now),
        1 => signed.judged(&edited_text(&header, &mut choices), body, now),
        2 => signed.judged(&header, &edited(body, &mut choices), now),
        _ => signed.judged(&signed.put_together(&mut choices), body, now),
    }
    let is_near = signed_at.seconds().abs_diff(now.seconds()) <= TOLERANCE_SECONDS;
    assert_eq!(verify(SECRET, &header, body, now).is_ok(), is_near, "{header} at {now}");
}

fn instant(choices: &mut Choices<'_>) -> UnixTimestamp {
    let usual = UnixTimestamp::from_micros(1_790_000_000_000_000);
    if choices.one_in(4) { UnixTimestamp::from_micros(i64::from_be_bytes(choices.bytes())) } else { usual }
}

/// Most often within the tolerance or at its edge.
fn nearby(signed_at: UnixTimestamp, choices: &mut Choices<'_>) -> UnixTimestamp {
    if choices.one_in(8) {
        return instant(choices);
    }
    let away = choices.one_of(&[0, 1, 299, 300, 301, -1, -299, -300, -301, 100_000]);
    UnixTimestamp::from_micros(signed_at.micros().saturating_add(away * 1_000_000))
}

/// The one thing that the provider signed.
struct Signed<'a> {
    body: &'a [u8],
    signed_at: UnixTimestamp,
    /// `t=…`
    instant: &'a str,
    /// `v1=…`
    tag: &'a str,
}

impl Signed<'_> {
    /// Nobody but the provider can make another tag, so whatever is believed holds this one, with
    /// its instant and over its body.
    fn judged(&self, header: &str, body: &[u8], now: UnixTimestamp) {
        match verify(SECRET, header, body, now) {
            Ok(()) => {
                let holds = |field: &str| header.split(',').any(|other| other.trim() == field);
                let instants = header.split(',').filter(|field| field.trim().starts_with("t="));
                assert!(holds(self.instant) && holds(self.tag), "{header:?} is believed");
                assert_eq!(instants.count(), 1, "{header:?}");
                assert_eq!(body, self.body, "under {header:?}");
                let away = self.signed_at.seconds().abs_diff(now.seconds());
                assert!(away <= TOLERANCE_SECONDS, "{header:?} at {now}");
            }
            Err(refused) => {
                assert!(refused.is(&WEBHOOK_SIGNATURE_INVALID), "{refused:?}");
                assert_eq!(refused.to_string(), WEBHOOK_SIGNATURE_INVALID.sentence);
            }
        }
    }

    /// The fields in any order and number, among others.
    fn put_together(&self, choices: &mut Choices<'_>) -> String {
        let mut fields = Vec::new();
        for _ in 0..choices.below(8) {
            fields.push(match choices.below(6) {
                0 => self.instant.to_owned(),
                1 => self.tag.to_owned(),
                2 => format!("v0={}", &self.tag[3..]),
                3 => format!(" {} ", choices.one_of(&[self.instant, self.tag])),
                4 => format!("v1={}", choices.text()),
                _ => choices.text().into_owned(),
            });
        }
        fields.join(",")
    }
}
