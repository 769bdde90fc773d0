//! Reads events in Stripe's form, which the sandbox speaks too: only the fields that we act on,
//! found leniently, since providers add and move fields all the time.

use bursar_kernel::{DomainError, Result};
use serde_json::Value;

use crate::{
    card::CardSummary,
    error::PROVIDER_EVENT_INVALID,
    provider::{ProviderEvent, SignedEvent},
};

/// Where a payment's metadata names the checkout session that it was tried on.
pub(crate) const SESSION_METADATA: &str = "checkout_session";

/// The longest id or type that is taken: as long as the provider says they can be.
const MAX_NAME_LENGTH: usize = 255;

/// The id and type of an event.
pub(crate) fn envelope(body: &[u8]) -> Result<SignedEvent> {
    let event: Value = serde_json::from_slice(body).map_err(|cause| invalid("body").because(cause))?;
    let name = |field: &'static str| {
        let text = event.get(field).and_then(Value::as_str).unwrap_or_default();
        let is_name =
            (1..=MAX_NAME_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name { Ok(text.to_owned()) } else { Err(invalid(field)) }
    };
    Ok(SignedEvent { id: name("id")?, event_type: name("type")? })
}

/// What an event means.
pub(crate) fn interpret(event_type: &str, body: &str) -> Result<ProviderEvent> {
    match event_type {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            let session = object(body)?;
            // A page can be completed with money that is still on its way.
            if session.get("payment_status").and_then(Value::as_str) != Some("paid") {
                return Ok(ProviderEvent::Ignored);
            }
            let charge = session.pointer("/payment_intent/latest_charge");
            Ok(ProviderEvent::CheckoutPaid {
                session_id: text(&session, "id")?,
                payment_id: name_or_object(&session, "payment_intent")?,
                card: charge.and_then(card),
                receipt_url: charge.and_then(|charge| optional_text(charge, "receipt_url")),
            })
        }
        "checkout.session.async_payment_failed" => Ok(ProviderEvent::CheckoutFailed {
            session_id: text(&object(body)?, "id")?,
            reason: "payment_failed".to_owned(),
        }),
        "checkout.session.expired" => {
            Ok(ProviderEvent::CheckoutExpired { session_id: text(&object(body)?, "id")? })
        }
        "payment_intent.payment_failed" => {
            let intent = object(body)?;
            let session =
                intent.get("metadata").and_then(|metadata| optional_text(metadata, SESSION_METADATA));
            Ok(session.map_or(ProviderEvent::Ignored, |session_id| ProviderEvent::CheckoutFailed {
                session_id,
                reason: failure_reason(&intent),
            }))
        }
        _ => Ok(ProviderEvent::Ignored),
    }
}

fn object(body: &str) -> Result<Value> {
    let mut event: Value = serde_json::from_str(body).map_err(|cause| invalid("body").because(cause))?;
    event.pointer_mut("/data/object").map(Value::take).ok_or_else(|| invalid("data.object"))
}

fn text(object: &Value, field: &'static str) -> Result<String> {
    optional_text(object, field).ok_or_else(|| invalid(field))
}

fn optional_text(object: &Value, field: &str) -> Option<String> {
    object.get(field)?.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// A reference: the other object's id, or the other object itself where it was expanded.
fn name_or_object(object: &Value, field: &'static str) -> Result<String> {
    match object.get(field) {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        Some(expanded @ Value::Object(_)) => text(expanded, "id"),
        _ => Err(invalid(field)),
    }
}

fn card(charge: &Value) -> Option<CardSummary> {
    let card = charge.pointer("/payment_method_details/card")?;
    Some(CardSummary { brand: optional_text(card, "brand")?, last4: optional_text(card, "last4")? })
}

/// The bank's word where it says more than "declined", else the provider's.
fn failure_reason(intent: &Value) -> String {
    let error = intent.get("last_payment_error").unwrap_or(&Value::Null);
    optional_text(error, "decline_code")
        .filter(|code| code != "generic_decline")
        .or_else(|| optional_text(error, "code"))
        .unwrap_or_else(|| "payment_failed".to_owned())
}

fn invalid(field: &'static str) -> DomainError {
    DomainError::from(&PROVIDER_EVENT_INVALID).param("field", field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(object: &str) -> String {
        format!(r#"{{"id":"evt_1","object":"event","data":{{"object":{object}}}}}"#)
    }

    #[test]
    fn a_paid_session_is_read_with_and_without_its_payment_expanded() {
        let plain = event(r#"{"id":"cs_1","payment_status":"paid","payment_intent":"pi_1","new":[1.5]}"#);
        let paid = |card, receipt_url| ProviderEvent::CheckoutPaid {
            session_id: "cs_1".to_owned(),
            payment_id: "pi_1".to_owned(),
            card,
            receipt_url,
        };
        assert_eq!(interpret("checkout.session.completed", &plain).unwrap(), paid(None, None));
        let expanded = event(
            r#"{"id":"cs_1","payment_status":"paid","payment_intent":{"id":"pi_1","latest_charge":{
                "receipt_url":"https://x","payment_method_details":{"card":{"brand":"visa","last4":"4242"}}}}}"#,
        );
        let card = CardSummary { brand: "visa".to_owned(), last4: "4242".to_owned() };
        assert_eq!(
            interpret("checkout.session.async_payment_succeeded", &expanded).unwrap(),
            paid(Some(card), Some("https://x".to_owned()))
        );
    }

    #[test]
    fn a_session_that_is_complete_but_not_paid_moves_nothing() {
        for status in [r#""unpaid""#, r#""no_payment_required""#, "null", "true"] {
            let body = event(&format!(r#"{{"id":"cs_1","payment_status":{status}}}"#));
            assert_eq!(interpret("checkout.session.completed", &body).unwrap(), ProviderEvent::Ignored);
        }
    }

    #[test]
    fn a_refused_attempt_tells_the_most_telling_reason() {
        for (error, reason) in [
            (r#"{"code":"card_declined","decline_code":"insufficient_funds"}"#, "insufficient_funds"),
            (r#"{"code":"card_declined","decline_code":"generic_decline"}"#, "card_declined"),
            (r#"{"code":"expired_card"}"#, "expired_card"),
            ("null", "payment_failed"),
        ] {
            let body = event(&format!(
                r#"{{"id":"pi_1","metadata":{{"checkout_session":"cs_1"}},"last_payment_error":{error}}}"#
            ));
            let failed =
                ProviderEvent::CheckoutFailed { session_id: "cs_1".to_owned(), reason: reason.to_owned() };
            assert_eq!(interpret("payment_intent.payment_failed", &body).unwrap(), failed);
        }
        let elsewhere = event(r#"{"id":"pi_1","metadata":{}}"#);
        assert_eq!(interpret("payment_intent.payment_failed", &elsewhere).unwrap(), ProviderEvent::Ignored);
    }

    #[test]
    fn what_we_do_not_know_is_ignored_and_what_we_need_is_named_when_it_is_missing() {
        assert_eq!(interpret("customer.created", "not even JSON").unwrap(), ProviderEvent::Ignored);
        for (body, field) in [
            ("not JSON", "body"),
            ("{}", "data.object"),
            (r#"{"data":{"object":{"payment_status":"paid"}}}"#, "id"),
            (r#"{"data":{"object":{"id":7,"payment_status":"paid"}}}"#, "id"),
            (r#"{"data":{"object":{"id":"cs_1","payment_status":"paid"}}}"#, "payment_intent"),
            (r#"{"data":{"object":{"id":"cs_1","payment_status":"paid","payment_intent":{}}}}"#, "id"),
        ] {
            let refused = interpret("checkout.session.completed", body).unwrap_err();
            assert!(refused.is(&PROVIDER_EVENT_INVALID));
            assert_eq!(refused.get("field"), Some(field), "{body}");
        }
    }

    #[test]
    fn an_event_without_a_usable_id_or_type_is_refused() {
        let long = format!(r#"{{"id":"{}","type":"ping"}}"#, "e".repeat(256));
        for body in [
            "",
            "[]",
            "null",
            r#"{"id":"evt_1"}"#,
            r#"{"id":1,"type":"ping"}"#,
            r#"{"id":"","type":"ping"}"#,
            r#"{"id":"evt 1","type":"ping"}"#,
            "\u{feff}{}",
            &long,
        ] {
            assert!(envelope(body.as_bytes()).unwrap_err().is(&PROVIDER_EVENT_INVALID), "{body}");
        }
        assert!(envelope(&[0xff, 0xfe]).is_err());
        let good = envelope(br#"{"type":"ping","data":{},"id":"evt_1"}"#).unwrap();
        assert_eq!((good.id.as_str(), good.event_type.as_str()), ("evt_1", "ping"));
    }
}
