//! A letter as it waits in the outbox: JSON, of which nobody sees but the sealed form.

use std::borrow::Cow;

use bursar_kernel::{DomainError, Result, Secret, UnixTimestamp};
use serde::{Deserialize, Serialize};

use crate::letter::{Addressed, Letter};

/// Messages outlive a release: a field may be added with a default, none renamed.
#[derive(Serialize, Deserialize)]
struct Payload<'a> {
    to: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
    letter: Kept<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kept<'a> {
    Invite {
        organization: Cow<'a, str>,
        inviter: Cow<'a, str>,
        link: Cow<'a, str>,
        expires_at: i64,
        role: Cow<'a, str>,
    },
    ResetPassword {
        link: Cow<'a, str>,
        expires_at: i64,
    },
    VerifyEmail {
        link: Cow<'a, str>,
        expires_at: i64,
    },
    ChangeEmail {
        link: Cow<'a, str>,
        expires_at: i64,
        new_email: Cow<'a, str>,
    },
    MagicLink {
        link: Cow<'a, str>,
        expires_at: i64,
    },
    EmailChanged {
        new_email: Cow<'a, str>,
    },
    PasswordChanged {},
    AlreadyRegistered {
        link: Cow<'a, str>,
    },
    AccountDeleted {},
    SecondFactorChanged {
        is_on: bool,
    },
}

pub(crate) fn write(addressed: &Addressed) -> Result<Secret<String>> {
    let payload = Payload {
        to: Cow::Borrowed(&addressed.to),
        name: addressed.name.as_deref().map(Cow::Borrowed),
        letter: Kept::from(&addressed.letter),
    };
    serde_json::to_string(&payload).map(Secret::new).map_err(DomainError::internal)
}

/// What is wrong with one that cannot be read is not said: it could quote what is secret.
pub(crate) fn read(json: &[u8]) -> Result<Addressed> {
    let payload: Payload<'_> = serde_json::from_slice(json)
        .map_err(|_| DomainError::internal("a letter of the outbox is not in a known form"))?;
    Ok(Addressed {
        to: payload.to.into_owned(),
        name: payload.name.map(Cow::into_owned),
        letter: payload.letter.into(),
    })
}

fn shown(secret: &Secret<String>) -> Cow<'_, str> {
    Cow::Borrowed(secret.expose())
}

impl<'a> From<&'a Letter> for Kept<'a> {
    fn from(letter: &'a Letter) -> Self {
        match letter {
            Letter::Invite { organization, inviter, link, expires_at, role } => Self::Invite {
                organization: organization.into(),
                inviter: inviter.into(),
                link: shown(link),
                expires_at: expires_at.micros(),
                role: role.into(),
            },
            Letter::ResetPassword { link, expires_at } => {
                Self::ResetPassword { link: shown(link), expires_at: expires_at.micros() }
            }
            Letter::VerifyEmail { link, expires_at } => {
                Self::VerifyEmail { link: shown(link), expires_at: expires_at.micros() }
            }
            Letter::ChangeEmail { link, expires_at, new_email } => Self::ChangeEmail {
                link: shown(link),
                expires_at: expires_at.micros(),
                new_email: new_email.into(),
            },
            Letter::MagicLink { link, expires_at } => {
                Self::MagicLink { link: shown(link), expires_at: expires_at.micros() }
            }
            Letter::EmailChanged { new_email } => Self::EmailChanged { new_email: new_email.into() },
            Letter::PasswordChanged {} => Self::PasswordChanged {},
            Letter::AlreadyRegistered { link } => Self::AlreadyRegistered { link: shown(link) },
            Letter::AccountDeleted {} => Self::AccountDeleted {},
            Letter::SecondFactorChanged { is_on } => Self::SecondFactorChanged { is_on: *is_on },
        }
    }
}

fn hidden(text: Cow<'_, str>) -> Secret<String> {
    Secret::new(text.into_owned())
}

impl From<Kept<'_>> for Letter {
    fn from(kept: Kept<'_>) -> Self {
        let at = UnixTimestamp::from_micros;
        match kept {
            Kept::Invite { organization, inviter, link, expires_at, role } => Self::Invite {
                organization: organization.into_owned(),
                inviter: inviter.into_owned(),
                link: hidden(link),
                expires_at: at(expires_at),
                role: role.into_owned(),
            },
            Kept::ResetPassword { link, expires_at } => {
                Self::ResetPassword { link: hidden(link), expires_at: at(expires_at) }
            }
            Kept::VerifyEmail { link, expires_at } => {
                Self::VerifyEmail { link: hidden(link), expires_at: at(expires_at) }
            }
            Kept::ChangeEmail { link, expires_at, new_email } => Self::ChangeEmail {
                link: hidden(link),
                expires_at: at(expires_at),
                new_email: new_email.into_owned(),
            },
            Kept::MagicLink { link, expires_at } => {
                Self::MagicLink { link: hidden(link), expires_at: at(expires_at) }
            }
            Kept::EmailChanged { new_email } => Self::EmailChanged { new_email: new_email.into_owned() },
            Kept::PasswordChanged {} => Self::PasswordChanged {},
            Kept::AlreadyRegistered { link } => Self::AlreadyRegistered { link: hidden(link) },
            Kept::AccountDeleted {} => Self::AccountDeleted {},
            Kept::SecondFactorChanged { is_on } => Self::SecondFactorChanged { is_on },
        }
    }
}
