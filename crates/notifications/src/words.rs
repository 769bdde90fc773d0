//! The words of every letter, once for both versions of a mail.

use bursar_kernel::{DomainError, Result, Secret, UnixTimestamp};

use crate::{
    letter::Letter,
    one_line::{name_or, one_line, unlinked},
};

const NOT_YOU: &str = "If this was not you, ignore this mail.";

/// What a mail says, beside whom it greets and who sends it.
pub(crate) struct Words<'a> {
    pub(crate) subject: String,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) action: Option<Action<'a>>,
    pub(crate) closing: String,
}

/// The one thing that can be done about it.
pub(crate) struct Action<'a> {
    pub(crate) label: &'static str,
    pub(crate) link: &'a str,
    pub(crate) until: Option<String>,
}

/// The words for a letter from a product.
pub(crate) fn words<'a>(product: &str, letter: &'a Letter) -> Result<Words<'a>> {
    match letter {
        Letter::Invite { organization, inviter, link, expires_at, role } => {
            let (inviter, organization) =
                (name_or("Somebody", inviter), name_or("an organization", organization));
            let subject = format!("{inviter} invites you to join {organization}");
            let (inviter, organization) = (unlinked(&inviter), unlinked(&organization));
            let role = unlinked(&name_or("member", role));
            let said =
                format!("{inviter} invites you to join {organization} on {product}. Your role: {role}.");
            let closing = "If you did not expect this, ignore this mail.";
            Words::new(subject, said, closing).linked("Accept the invitation", link, Some(*expires_at))
        }
        Letter::ResetPassword { link, expires_at } => Words::new(
            format!("Set a new password for {product}"),
            format!("Somebody asked for a new password for your account at {product}."),
            "If this was not you, ignore this mail. Your password stays as it is.",
        )
        .linked("Set a new password", link, Some(*expires_at)),
        Letter::VerifyEmail { link, expires_at } => Words::new(
            format!("Confirm your address for {product}"),
            format!("Please confirm that {product} reaches you at this address."),
            NOT_YOU,
        )
        .linked("Confirm the address", link, Some(*expires_at)),
        Letter::ChangeEmail { link, expires_at, new_email } => {
            let address = one_line(new_email);
            let said = format!("You asked to use {address} for your account at {product}.");
            Words::new(format!("Confirm your new address for {product}"), said, NOT_YOU).linked(
                "Use this address",
                link,
                Some(*expires_at),
            )
        }
        Letter::MagicLink { link, expires_at } => Words::new(
            format!("Your link to sign in to {product}"),
            format!("This link signs you in to {product}. It works once."),
            NOT_YOU,
        )
        .linked("Sign in", link, Some(*expires_at)),
        Letter::AlreadyRegistered { link } => Words::new(
            format!("You have an account at {product} already"),
            format!(
                "Somebody registered at {product} with this address. It has an account already, and nothing was changed."
            ),
            NOT_YOU,
        )
        .linked("Go to your account", link, None),
        Letter::EmailChanged { .. }
        | Letter::PasswordChanged {}
        | Letter::AccountDeleted {}
        | Letter::SecondFactorChanged { .. } => Ok(notice(product, letter)),
    }
}

/// What was done: there is nothing to open, and whoever did not do it must act.
fn notice<'a>(product: &str, letter: &Letter) -> Words<'a> {
    let new_password = "If this was not you, set a new password at once.";
    match letter {
        Letter::EmailChanged { new_email } => Words::new(
            format!("Your address at {product} was changed"),
            format!(
                "Your account at {product} uses the address {} now. Mail about it goes there from now on.",
                one_line(new_email)
            ),
            "If this was not you, somebody else is in your account. Tell us at once.",
        ),
        Letter::AccountDeleted {} => Words::new(
            format!("Your account at {product} was deleted"),
            format!("Your account at {product} was deleted, and your personal data with it."),
            "If this was not you, tell us at once.",
        ),
        Letter::SecondFactorChanged { is_on: true } => Words::new(
            format!("Signing in to {product} takes a code now"),
            format!("From now on, signing in to your account at {product} takes a code as well."),
            new_password,
        ),
        Letter::SecondFactorChanged { is_on: false } => Words::new(
            format!("Signing in to {product} takes no code any more"),
            format!("From now on, signing in to your account at {product} takes no code any more."),
            new_password,
        ),
        _ => Words::new(
            format!("Your password at {product} was changed"),
            format!("The password of your account at {product} was changed."),
            new_password,
        ),
    }
}

impl<'a> Words<'a> {
    fn new(subject: String, paragraph: String, closing: &str) -> Self {
        Self { subject, paragraphs: vec![paragraph], action: None, closing: closing.to_owned() }
    }

    /// With something to open. A link that is none would stand on more than its line, or do
    /// something in a mail program.
    fn linked(
        mut self,
        label: &'static str,
        link: &'a Secret<String>,
        until: Option<UnixTimestamp>,
    ) -> Result<Self> {
        let link = link.expose().as_str();
        let is_web = link.starts_with("https://") || link.starts_with("http://");
        if !is_web || link.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(DomainError::internal("the link of a letter is no web address"));
        }
        let until = until.map(|until| format!("The link works until {}.", date_time(until)));
        self.action = Some(Action { label, link, until });
        Ok(self)
    }
}

/// `2 December 2026, 14:05 UTC`: the same for everybody, wherever they are.
fn date_time(at: UnixTimestamp) -> String {
    let at = at.datetime();
    let (day, month, year, hour, minute) = (at.day(), at.month(), at.year(), at.hour(), at.minute());
    format!("{day} {month} {year}, {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_said_in_utc_to_the_minute() {
        let at = UnixTimestamp::parse("2026-12-02T16:05:59+02:00").unwrap();
        assert_eq!(date_time(at), "2 December 2026, 14:05 UTC");
    }

    #[test]
    fn what_is_no_web_address_is_not_linked() {
        for link in ["", "javascript:alert(1)", "https://a.example/\nhttps://b.example", "mailto:a@b.c"] {
            let letter = Letter::AlreadyRegistered { link: Secret::new(link.to_owned()) };
            assert!(words("Acme", &letter).is_err_and(|error| error.code() == "internal"), "{link}");
        }
    }
}
