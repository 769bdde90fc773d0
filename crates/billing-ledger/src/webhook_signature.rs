//! How webhooks are signed: Stripe's scheme, `t=<seconds>,v1=<hex>`, where `v1` is HMAC-SHA256
//! over `<seconds>.<body>`.

use std::fmt::Write as _;

use bursar_kernel::{DomainError, Result, UnixTimestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::error::WEBHOOK_SIGNATURE_INVALID;

/// How far the signed instant may be from ours, either way: a webhook that was overheard is good
/// for no longer.
pub const TOLERANCE_SECONDS: u64 = 300;

/// The header of a body that is signed now.
#[must_use]
pub fn sign(secret: &str, body: &[u8], now: UnixTimestamp) -> String {
    let seconds = now.seconds().to_string();
    let tag = tag(secret, &seconds, body);
    format!("t={seconds},v1={tag}")
}

/// Believes a body that one of the header's `v1` signatures covers: while a secret is rolled there
/// is one for each. Other schemes are not looked at.
///
/// # Errors
/// `webhook_signature_invalid`, whatever is wrong: who forges a signature learns nothing.
pub fn verify(secret: &str, header: &str, body: &[u8], now: UnixTimestamp) -> Result<()> {
    let refused = |why: &'static str| DomainError::from(&WEBHOOK_SIGNATURE_INVALID).because(why);
    let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
    let mut instants = fields().filter(|(scheme, _)| *scheme == "t").map(|(_, value)| value);
    let (Some(signed_at), None) = (instants.next(), instants.next()) else {
        return Err(refused("the header does not hold one instant"));
    };
    let seconds: i64 = signed_at.parse().map_err(|_| refused("the instant is not a number"))?;
    // The instant is signed as it is written, so `+5` and `5` are two texts.
    let expected = tag(secret, signed_at, body);
    let is_signed = fields()
        .filter(|(scheme, _)| *scheme == "v1")
        .fold(subtle::Choice::from(0), |found, (_, tag)| found | expected.as_bytes().ct_eq(tag.as_bytes()));
    if !bool::from(is_signed) {
        return Err(refused("no signature covers the body"));
    }
    if seconds.abs_diff(now.seconds()) > TOLERANCE_SECONDS {
        return Err(refused("the signature is too old or from the future"));
    }
    Ok(())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn tag(secret: &str, seconds: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes any key");
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "whsec_test_secret";
    const BODY: &[u8] = br#"{"id":"evt_1","type":"ping"}"#;

    fn at(seconds: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(seconds * 1_000_000)
    }

    /// printf '%s' '<seconds>.<body>' | openssl dgst -sha256 -hmac '<secret>'
    #[test]
    fn the_vectors_that_openssl_computed_hold() {
        for (secret, seconds, body, tag) in VECTORS {
            let header = format!("t={seconds},v1={tag}");
            assert_eq!(sign(secret, body.as_bytes(), at(*seconds)), header);
            verify(secret, &header, body.as_bytes(), at(*seconds)).unwrap();
        }
    }

    const VECTORS: &[(&str, i64, &str, &str)] = &[
        (
            "whsec_test_secret",
            1_790_000_000,
            "{\"id\":\"evt_1\",\"type\":\"ping\"}",
            "17b50dc6e7cc5f4e37a3a322277b300a9a40724fa41df6f91b2804bebde5f96a",
        ),
        ("whsec_test_secret", 5, "", "b53060ca2ba96bebc66758fa3737eb9b742a2a7e9843c0f245a56d644c011e5f"),
        (
            "s",
            1,
            "{\"name\":\"Grüße 🦀\"}",
            "3f6a67c2e8f928e47d1121d52f5072c03db2948a432f19654b3b5e1fc18a0698",
        ),
        (
            "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
            1_790_000_001,
            "{\"a\":1}\n",
            "b8a80192d09bafc644adca4e508d66bfa9ad06fb297b42679c06db4e52a2abdb",
        ),
    ];

    #[test]
    fn a_signature_is_good_for_five_minutes_either_way() {
        let header = sign(SECRET, BODY, at(1_790_000_000));
        for seconds in [-300, -1, 0, 300] {
            verify(SECRET, &header, BODY, at(1_790_000_000 + seconds)).unwrap();
        }
        for seconds in [-301, 301, 1_000_000_000] {
            assert!(verify(SECRET, &header, BODY, at(1_790_000_000 + seconds)).is_err(), "{seconds}");
        }
    }

    #[test]
    fn one_good_signature_among_several_is_enough_and_other_schemes_are_none() {
        let header = sign(SECRET, BODY, at(5));
        let tag = header.strip_prefix("t=5,v1=").unwrap();
        let other = sign("whsec_other", BODY, at(5));
        let other = other.strip_prefix("t=5,v1=").unwrap();
        for good in [
            format!("t=5,v1={other},v1={tag}"),
            format!("t=5,v1={tag},v1={other},v0=x"),
            format!("v1={tag}, t=5"),
            format!("t=5,v2={other},v1={tag},nonsense,,"),
        ] {
            verify(SECRET, &good, BODY, at(5)).unwrap();
        }
        for bad in [
            String::new(),
            "t=5".to_owned(),
            "t=5,v1=".to_owned(),
            format!("v1={tag}"),
            format!("t=5,v0={tag}"),
            format!("t=5,v1={other}"),
            format!("t=6,v1={tag}"),
            format!("t=+5,v1={tag}"),
            format!("t=5,t=5,v1={tag}"),
            format!("t=99999999999999999999,v1={tag}"),
            format!("t=5,v1={}", tag.to_uppercase()),
            format!("t=5,v1={}", &tag[..62]),
            format!("t=5;v1={tag}"),
        ] {
            let refused = verify(SECRET, &bad, BODY, at(5)).unwrap_err();
            assert!(refused.is(&WEBHOOK_SIGNATURE_INVALID), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_change_of_one_byte_is_refused(index in 0_usize..10_000, flip in 1_u8..=255) {
            let header = sign(SECRET, BODY, at(5));
            let mut body = BODY.to_vec();
            body[index % BODY.len()] ^= flip;
            prop_assert!(verify(SECRET, &header, &body, at(5)).is_err());
            let mut tampered = header.into_bytes();
            let tag = b"t=5,v1=".len();
            let place = tag + index % (tampered.len() - tag);
            tampered[place] ^= flip;
            if let Ok(tampered) = String::from_utf8(tampered) {
                prop_assert!(verify(SECRET, &tampered, BODY, at(5)).is_err());
            }
        }

        #[test]
        fn no_header_panics(header in ".{0,200}", body in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(verify(SECRET, &header, &body, at(5)).is_err());
        }
    }
}
