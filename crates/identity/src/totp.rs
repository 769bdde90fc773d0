use std::fmt::Write as _;

use bursar_kernel::{Secret, UnixTimestamp};
use totp_rs::{Algorithm, Builder, Totp};

use crate::{base32, second_factor::Enrolment};

/// As long as the digest, by RFC 4226's advice.
pub(crate) const SECRET_LENGTH: usize = 20;
/// What every authenticator reads; some take anything else for it in silence.
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// Steps before and after now whose codes are taken: clocks differ, and people type.
const TOLERANCE: u16 = 1;

/// The step that a code belongs to, if it is right now. A step has one code: who keeps it in mind
/// takes no code twice.
pub(crate) fn step_of(secret: [u8; SECRET_LENGTH], code: &str, now: UnixTimestamp) -> Option<i64> {
    let seconds = u64::try_from(now.seconds()).ok()?;
    totp(secret).check(code, seconds).and_then(|step| i64::try_from(step).ok())
}

fn totp(secret: [u8; SECRET_LENGTH]) -> Totp {
    // That these values keep to the RFC is seen here; the other way to build asks at run time.
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP_SECONDS)
        .with_skew(TOLERANCE)
        .with_secret(totp_rs::Secret::new_stack(secret))
        .build_noncompliant()
}

/// What an authenticator needs to know.
pub(crate) fn enrolment(secret: &[u8; SECRET_LENGTH], issuer: &str, account: &str) -> Enrolment {
    let secret = Secret::new(base32::encode(base32::UPPER, secret));
    let (issuer, account) = (escaped(issuer), escaped(account));
    let uri = format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        secret.expose()
    );
    Enrolment { secret_base32: secret, otpauth_uri: Secret::new(uri) }
}

/// In the form of addresses. A space is `%20`: authenticators show a plus as one.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECRET: [u8; SECRET_LENGTH] = *b"12345678901234567890";
    const STEP: Duration = Duration::from_secs(STEP_SECONDS);

    fn at(seconds: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(SECRET, code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_right_in_its_step_and_in_its_neighbours() {
        let begins = at(1_111_111_110);
        let step_at = |now| step_of(SECRET, "050471", now);
        let moment = Duration::from_micros(1);
        for now in [begins.before(STEP), begins, begins.after(STEP * 2).before(moment)] {
            assert_eq!(step_at(now), Some(37_037_037), "{now}");
        }
        for now in [begins.before(STEP).before(moment), begins.after(STEP * 2), at(0), at(-1)] {
            assert_eq!(step_at(now), None, "{now}");
        }
    }

    #[test]
    fn nothing_but_six_digits_is_a_code() {
        for text in ["", "50471", "0050471", "+50471", "05047a", "٠٥٠٤٧١", "050 471"] {
            assert_eq!(step_of(SECRET, text, at(1_111_111_111)), None, "{text}");
        }
    }

    #[test]
    fn an_authenticator_reads_the_secret_and_shows_whose_it_is() {
        let enrolment = enrolment(&SECRET, "Ada & Söhne: bills", "ada+bills@example.com");
        assert_eq!(enrolment.secret_base32.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            enrolment.otpauth_uri.expose(),
            "otpauth://totp/Ada%20%26%20S%C3%B6hne%3A%20bills:ada%2Bbills@example.com\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ada%20%26%20S%C3%B6hne%3A%20bills\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert!(!format!("{enrolment:?}").contains("GEZ"));
    }
}
