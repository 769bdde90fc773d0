//! What a page about keys says beside itself.

use askama::Template;
use axum::response::Response;
use bursar_api_keys::error::SCOPE_TOO_WIDE;
use bursar_kernel::{DomainError, Result};
use serde::Deserialize;

use crate::pages::said::Said;

/// What has been done, by the word that the address says it with. What an address says is never shown
/// as it came.
const DONE: &[(&str, &str)] = &[
    ("again", "Thank you. Nothing is done yet: look at it once more and send it."),
    ("changed", "The key is changed."),
    (
        "made",
        "Nothing was made: your keys or your account have changed since that form was opened. Whoever lost \
         the text of a key rotates it.",
    ),
    ("off", "The key is off: it is refused until it is turned on again."),
    ("on", "The key is on."),
    ("regenerated", "The organization has a new key, and the one before is refused from now on."),
    ("revoked", "The key is revoked: it is refused from now on."),
    (
        "rotated",
        "Nothing was rotated: the key has another text since that form was opened. Whoever lost that text \
         rotates the key once more.",
    ),
];

/// The fields of the API and those of the page: the field, the place on the page where its refusals
/// stand, and what it is called there.
const FIELDS: &[(&str, &str, &str)] = &[
    ("allowedCidrs", "networks", "The networks"),
    ("amountUsd", "spending", "The amount"),
    ("expiresAt", "ends", "The end"),
    ("name", "name", "The name"),
    ("overlapSeconds", "rotate", "The time"),
    ("perMinuteLimit", "uses", "The uses a minute"),
    ("reason", "revoke", "The reason"),
    ("scopes", "scopes", "What it may do"),
    ("spendLimit.amountUsd", "spending", "The amount"),
];

/// What an address says of what was done.
#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) done: Option<String>,
}

/// What a page says beside itself: what has been done, or beside which field what was refused.
#[derive(Default)]
pub(super) struct Told {
    done: Option<&'static str>,
    said: Said,
}

impl From<Asked> for Told {
    fn from(Asked { done }: Asked) -> Self {
        Self::done(done.as_deref())
    }
}

impl Told {
    pub(super) fn done(word: Option<&str>) -> Self {
        let known = DONE.iter().find(|(known, _)| Some(*known) == word);
        Self { done: known.map(|(_, sentence)| *sentence), said: Said::default() }
    }

    /// That something was refused. It stands beside the field that it is about, or else at `otherwise`.
    ///
    /// # Errors
    /// The failure itself, where trying again does not help.
    pub(super) fn refused(otherwise: &'static str, error: DomainError) -> Result<Self> {
        let field = error.get("field");
        let known = FIELDS.iter().find(|(known, ..)| Some(*known) == field);
        let said = match known {
            Some((_, place, label)) => Said::refused(place, error.of_field(label), [])?,
            None if error.is(&SCOPE_TOO_WIDE) => {
                Said::refused("scopes", error.saying("You may not give this to a key"), [])?
            }
            None => Said::refused(otherwise, error, [])?,
        };
        Ok(Self { done: None, said })
    }

    /// What has been done.
    pub(super) const fn notice(&self) -> Option<&'static str> {
        self.done
    }

    /// What was refused at this place of the page.
    pub(super) fn refusal(&self, place: &str) -> Option<&str> {
        self.said.refusal(place)
    }

    /// Whether something was refused there.
    pub(super) fn is_at(&self, place: &str) -> bool {
        self.refusal(place).is_some()
    }

    /// The page that says it.
    pub(super) fn on(&self, template: &impl Template) -> Response {
        self.said.on(template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_stands_beside_its_field_under_the_name_that_the_page_gives_it() {
        for (error, place, sentence) in [
            (DomainError::invalid("expiresAt", "must be late"), "ends", "The end must be late."),
            (DomainError::invalid("name", "must be short"), "name", "The name must be short."),
            (DomainError::invalid("other", "is wrong"), "form", "Other is wrong."),
            ((&SCOPE_TOO_WIDE).into(), "scopes", "You may not give this to a key."),
        ] {
            let told = Told::refused("form", error).unwrap();
            assert_eq!(told.refusal(place), Some(sentence));
        }
        assert!(Told::refused("form", DomainError::internal("a cause")).is_err());
    }

    #[test]
    fn an_address_says_only_what_is_known() {
        assert_eq!(Told::done(Some("changed")).notice(), Some("The key is changed."));
        assert_eq!(Told::done(Some("<b>")).notice(), None);
        assert!(DONE.is_sorted_by_key(|(word, _)| word) && FIELDS.is_sorted());
    }
}
