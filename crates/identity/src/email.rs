use std::fmt;

use bursar_kernel::{DomainError, Result, UserId, external_digest};

/// The longest address that mail can carry (RFC 5321 §4.5.3, without the angle brackets).
const MAX_LENGTH: usize = 254;
const MAX_LOCAL_LENGTH: usize = 64;
const MAX_LABEL_LENGTH: usize = 63;
/// Where nobody has a mailbox (RFC 2606): the address of somebody who was deleted.
const ERASED_DOMAIN: &str = "erased.invalid";
/// Likewise: the address of somebody whose issuer told none.
const PLACEHOLDER_DOMAIN: &str = "users.invalid";
/// Bytes of the digest in a placeholder: 128 bits, so that no two people share one.
const PLACEHOLDER_BYTES: usize = 16;

/// An e-mail address as its owner writes it. Two that differ in case alone are one mailbox.
///
/// ASCII only, without quoted parts: what nearly everybody has, and nothing in which two
/// addresses look alike.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    given: String,
    folded: String,
}

impl EmailAddress {
    /// Reads an address, without the white space around it.
    ///
    /// # Errors
    /// `invalid_field` for what cannot be the address of a mailbox.
    pub fn parse(text: &str) -> Result<Self> {
        let given = text.trim();
        let invalid = || DomainError::invalid("email", "must be an e-mail address");
        let (local, domain) = given.split_once('@').ok_or_else(invalid)?;
        if given.len() <= MAX_LENGTH && is_local_part(local) && is_domain(domain) {
            Ok(Self::stored(given.to_owned()))
        } else {
            Err(invalid())
        }
    }

    /// What stands in the place of a deleted person's address. Nobody can take it before.
    pub(crate) fn erased(user: UserId) -> Self {
        Self::stored(format!("{user}@{ERASED_DOMAIN}"))
    }

    /// What stands in the place of an address for a person whose issuer tells none, or one that is
    /// somebody else's: the person is known by its issuer and subject, never by address. No mail
    /// reaches it, and nobody can give it as their own.
    #[must_use]
    pub fn placeholder(issuer: &str, subject: &str) -> Self {
        let digest = external_digest(issuer, subject);
        let name: String = digest.iter().take(PLACEHOLDER_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Self::stored(format!("ext-{name}@{PLACEHOLDER_DOMAIN}"))
    }

    /// Whether it stands in the place of an address, so that no mail can be sent to it.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.folded.split_once('@').is_some_and(|(_, domain)| domain == PLACEHOLDER_DOMAIN)
    }

    /// One that was parsed before it was stored: a rule that became stricter locks nobody out.
    pub(crate) fn stored(given: String) -> Self {
        Self { folded: given.to_ascii_lowercase(), given }
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// In lower case: what is unique, and what tries to sign in are counted by.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.given.split_once('@').map_or("", |(local, _)| local)
    }
}

/// Words of letters, digits and `!#$%&'*+-/=?^_{|}~` or a grave accent, joined by single dots.
fn is_local_part(text: &str) -> bool {
    text.len() <= MAX_LOCAL_LENGTH
        && text.split('.').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
        })
}

/// At least two labels, the last of which is no number (that would be an address of a machine).
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_LENGTH).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.split('.').all(is_label)
        && text
            .rsplit_once('.')
            .is_some_and(|(_, last)| last.len() > 1 && !last.bytes().all(|byte| byte.is_ascii_digit()))
        && ![ERASED_DOMAIN, PLACEHOLDER_DOMAIN].iter().any(|ours| text.eq_ignore_ascii_case(ours))
}

/// Logs do not learn who it is.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.given.split_once('@').map_or("", |(_, domain)| domain);
        write!(formatter, "EmailAddress(…@{domain})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_kept_as_given_and_compared_in_lower_case() {
        let email = EmailAddress::parse("  Ada.Lovelace+bills@Example.COM\n").unwrap();
        assert_eq!(email.as_str(), "Ada.Lovelace+bills@Example.COM");
        assert_eq!(email.folded(), "ada.lovelace+bills@example.com");
        assert_eq!(email.local_part(), "Ada.Lovelace+bills");
        assert_eq!(format!("{email:?}"), "EmailAddress(…@Example.COM)");
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_label = format!("a@{}.com", "a".repeat(64));
        let long = format!("a@{}com", "example.".repeat(40));
        for text in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@@example.com",
            "ada@bob@example.com",
            "ada lovelace@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "ada@.example.com",
            "ada@example..com",
            "ada@example.com.",
            "ada@-example.com",
            "ada@example-.com",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "\"ada\"@example.com",
            "ada@exa\u{200b}mple.com",
            "ada@example.com\r\nBcc: eve@example.com",
            "аda@example.com",
            "ada\0@example.com",
            "Ada <ada@example.com>",
            "user_00000000000000000000000000@Erased.Invalid",
            "ext-00000000000000000000000000000000@Users.Invalid",
            long_local.as_str(),
            long_label.as_str(),
            long.as_str(),
        ] {
            let refused = EmailAddress::parse(text).unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("email")), "{text}");
        }
    }

    #[test]
    fn a_placeholder_belongs_to_one_subject_of_one_issuer() {
        let placeholder = EmailAddress::placeholder("https://issuer.example", "user_1");
        let (local, domain) = placeholder.as_str().split_once('@').unwrap();
        assert_eq!((local.len(), domain), (36, "users.invalid"));
        assert!(placeholder.is_placeholder());
        assert_eq!(placeholder, EmailAddress::placeholder("https://issuer.example", "user_1"));
        assert_ne!(placeholder, EmailAddress::placeholder("https://issuer.example", "user_2"));
        assert_ne!(placeholder, EmailAddress::placeholder("https://issuer.exampl", "euser_1"));
        assert!(!EmailAddress::parse("ext-1@users.example").unwrap().is_placeholder());
        assert!(EmailAddress::parse(placeholder.as_str()).is_err(), "nobody gives it as their own");
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic_and_what_passes_is_safe_in_a_header(text in "\\PC{0,300}|.*@.*") {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert!(email.as_str().len() <= MAX_LENGTH);
                prop_assert!(email.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
            }
        }

        #[test]
        fn every_plain_address_passes_and_folds_to_itself(
            text in "[a-z0-9_+-]{1,20}(\\.[a-z0-9]{1,20}){0,2}@([a-z0-9]{1,20}\\.){1,3}[a-z]{2,10}"
        ) {
            let email = EmailAddress::parse(&text).unwrap();
            prop_assert_eq!(email.folded(), text.as_str());
            let shouted = EmailAddress::parse(&text.to_uppercase()).unwrap();
            prop_assert_eq!(shouted.folded(), email.folded());
            prop_assert_eq!(EmailAddress::parse(email.as_str()).unwrap(), email);
        }
    }
}
