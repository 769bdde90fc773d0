//! What a page says beside itself: what has just been done, or what was refused.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use bursar_kernel::{DomainError, ErrorKind, Result, codes::INVALID_FIELD};
use bursar_operations::error::{INSUFFICIENT_PERMISSIONS, RECENT_SIGN_IN_REQUIRED};
use serde::Deserialize;

use super::page;
use crate::http::status;

/// What has been done, by the word that the address says it with. Anybody can write an address:
/// what it says is never shown as it came.
const DONE: &[(&str, &str)] = &[
    ("active", "You act for another account now."),
    ("address", "Your e-mail address is changed."),
    ("created", "The organization is made, and you own it."),
    ("deleted", "Your account is deleted."),
    ("ended", "The session has ended."),
    ("factor-off", "The second factor is off."),
    ("gone", "The organization is deleted."),
    ("invited", "The invite is on its way."),
    ("joined", "Welcome: you are a member now."),
    ("left", "You have left the organization."),
    ("mailed", "A link is on its way. Follow it from your mailbox."),
    ("named", "The name is changed."),
    ("others-ended", "Every other session has ended."),
    ("password", "Your password is changed, and every other session has ended."),
    ("removed", "The member is removed."),
    ("reset", "Your password is changed. Sign in with it."),
    ("revoked", "The invite is taken back."),
    ("role", "The role is changed."),
    ("signed-out", "You are signed out."),
    ("signed-up", "Follow the link that we mail to you, then sign in."),
    ("verified", "Your e-mail address is verified."),
];

/// What an address says of what was done.
#[derive(Deserialize)]
pub(super) struct Done {
    done: Option<String>,
}

/// What a page says beside itself.
#[derive(Default)]
pub(super) struct Said {
    done: Option<&'static str>,
    refusal: Option<Refusal>,
}

struct Refusal {
    /// Which of the page's forms.
    form: &'static str,
    error: DomainError,
    sentence: String,
    /// What stood in its fields, but for what is secret.
    typed: Vec<(&'static str, String)>,
}

impl From<Done> for Said {
    fn from(Done { done }: Done) -> Self {
        Self::done(done.as_deref())
    }
}

impl Said {
    pub(super) fn done(word: Option<&str>) -> Self {
        let known = DONE.iter().find(|(known, _)| Some(*known) == word);
        Self { done: known.map(|(_, sentence)| *sentence), refusal: None }
    }

    /// That a form was refused, and what had been typed.
    ///
    /// # Errors
    /// The failure itself, where trying the form again does not help.
    pub(super) fn refused(
        form: &'static str,
        error: DomainError,
        typed: impl Into<Vec<(&'static str, String)>>,
    ) -> Result<Self> {
        let ended = matches!(error.code(), "not_authenticated" | "invalid_token");
        if ended
            || [&RECENT_SIGN_IN_REQUIRED, &INSUFFICIENT_PERMISSIONS].into_iter().any(|code| error.is(code))
            || matches!(error.kind(), ErrorKind::Internal | ErrorKind::NotFound)
        {
            return Err(error);
        }
        let sentence = in_words(&error);
        Ok(Self { done: None, refusal: Some(Refusal { form, error, sentence, typed: typed.into() }) })
    }

    /// What has been done.
    pub(super) const fn notice(&self) -> Option<&'static str> {
        self.done
    }

    /// Why the form was refused, if it was.
    pub(super) fn refusal(&self, form: &str) -> Option<&str> {
        self.of(form).map(|refusal| refusal.sentence.as_str())
    }

    /// What stood in a field of the form, or else what stands there to begin with.
    pub(super) fn typed<'a>(&'a self, form: &str, field: &str, otherwise: &'a str) -> &'a str {
        let typed = self.of(form).and_then(|it| it.typed.iter().find(|(name, _)| *name == field));
        typed.map_or(otherwise, |(_, text)| text)
    }

    /// Whether a form of the page was refused with this code.
    pub(super) fn is(&self, code: &str) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.error.code() == code)
    }

    /// The page that says it.
    pub(super) fn on(&self, template: &impl Template) -> Response {
        let Some(refusal) = &self.refusal else { return page(StatusCode::OK, template) };
        let mut answer = page(status::of(&refusal.error), template);
        status::add_retry_after(&refusal.error, answer.headers_mut());
        answer
    }

    fn of(&self, form: &str) -> Option<&Refusal> {
        self.refusal.as_ref().filter(|refusal| refusal.form == form)
    }
}

/// A refusal for people: the failures' own sentences are for whoever reads an API.
pub(super) fn in_words(error: &DomainError) -> String {
    match error.get("retry_after_seconds") {
        Some("1") => return "Too many attempts. Try again in a second.".to_owned(),
        Some(seconds) => return format!("Too many attempts. Try again in {seconds} seconds."),
        None => {}
    }
    match plainly(error) {
        Some(said) => format!("{said}."),
        None if error.is(&INVALID_FIELD) => sentence(&of_a_field(error)),
        None => sentence(&error.to_string()),
    }
}

/// What is told to people in other words than to programs.
pub(super) fn plainly(error: &DomainError) -> Option<&'static str> {
    Some(match error.code() {
        "email_taken" => "There is an account with this address already",
        "insufficient_permissions" => "Your role does not allow this",
        "invite_other_email" => "This invite was sent to another address",
        "no_seats_available" => "Every seat is taken. Remove somebody first, or take an invite back",
        "already_member" => "This person is a member already",
        "wrong_password" => "The password is not right",
        _ => return None,
    })
}

/// `password must be …`, under the name that the field has on the page.
fn of_a_field(error: &DomainError) -> String {
    let said = error.to_string();
    let field = error.get("field").unwrap_or_default();
    let label = match field {
        "displayName" | "display_name" | "name" => "The name",
        "organization_name" => "The organization's name",
        "email" => "The e-mail address",
        "password" => "The password",
        _ => return said,
    };
    said.strip_prefix(field).map_or_else(|| said.clone(), |rule| format!("{label}{rule}"))
}

fn sentence(said: &str) -> String {
    let mut letters = said.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_sentence_that_names_the_field_as_the_page_does() {
        for (error, words) in [
            (DomainError::invalid("displayName", "must be short"), "The name must be short."),
            (
                DomainError::invalid("password", "is too easy to guess: a name"),
                "The password is too easy to guess: a name.",
            ),
            (DomainError::invalid("other", "is wrong"), "Other is wrong."),
            ((&bursar_operations::error::WRONG_PASSWORD).into(), "The password is not right."),
            ((&bursar_orgs_and_membership::error::LAST_OWNER).into(), "The organization must keep an owner."),
            (
                DomainError::invalid("x", "").param("retry_after_seconds", 9),
                "Too many attempts. Try again in 9 seconds.",
            ),
        ] {
            assert_eq!(in_words(&error), words);
        }
    }

    #[test]
    fn an_address_says_only_what_is_known_to_have_been_done() {
        assert_eq!(Said::done(Some("verified")).notice(), Some("Your e-mail address is verified."));
        assert_eq!(Said::done(Some("<b>")).notice(), None);
        assert!(DONE.is_sorted_by_key(|(word, _)| word));
    }

    #[test]
    fn a_form_knows_its_own_refusal_and_what_was_typed() {
        let said = Said::refused("name", DomainError::invalid("name", "is none"), [("name", "x".to_owned())])
            .unwrap();
        assert_eq!((said.refusal("name"), said.refusal("other")), (Some("The name is none."), None));
        assert_eq!((said.typed("name", "name", "y"), said.typed("other", "name", "y")), ("x", "y"));
        let ours = Said::refused("name", DomainError::internal("a cause"), []).map(|_| ()).unwrap_err();
        assert_eq!(ours.kind(), ErrorKind::Internal);
    }
}
