use std::fmt;

use bursar_kernel::{Secret, UnixTimestamp};

/// What is to be said, without the words for it.
///
/// Its links are secrets: who has one may do what it says.
#[derive(Clone)]
pub enum Letter {
    /// Somebody is asked to join an organization.
    Invite {
        /// What the organization is called.
        organization: String,
        /// Who asks.
        inviter: String,
        /// Where to accept.
        link: Secret<String>,
        /// Until when.
        expires_at: UnixTimestamp,
        /// As what.
        role: String,
    },
    /// A new password can be set.
    ResetPassword {
        /// Where.
        link: Secret<String>,
        /// Until when.
        expires_at: UnixTimestamp,
    },
    /// An address is to be confirmed.
    VerifyEmail {
        /// Where.
        link: Secret<String>,
        /// Until when.
        expires_at: UnixTimestamp,
    },
    /// To the new address: it is to be confirmed before it is used.
    ChangeEmail {
        /// Where.
        link: Secret<String>,
        /// Until when.
        expires_at: UnixTimestamp,
        /// The address.
        new_email: String,
    },
    /// A link that signs in.
    MagicLink {
        /// The link.
        link: Secret<String>,
        /// Until when it does.
        expires_at: UnixTimestamp,
    },
    /// To the old address: another one is used from now on.
    EmailChanged {
        /// The other one.
        new_email: String,
    },
    /// Another password is good from now on.
    PasswordChanged {},
    /// Somebody registered with an address that has an account.
    AlreadyRegistered {
        /// Where its owner goes on.
        link: Secret<String>,
    },
    /// The account is gone.
    AccountDeleted {},
    /// The second factor was switched.
    SecondFactorChanged {
        /// Whether it is on now.
        is_on: bool,
    },
}

impl Letter {
    /// Which one, for logs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "invite",
            Self::ResetPassword { .. } => "reset_password",
            Self::VerifyEmail { .. } => "verify_email",
            Self::ChangeEmail { .. } => "change_email",
            Self::MagicLink { .. } => "magic_link",
            Self::EmailChanged { .. } => "email_changed",
            Self::PasswordChanged {} => "password_changed",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::AccountDeleted {} => "account_deleted",
            Self::SecondFactorChanged { .. } => "second_factor_changed",
        }
    }
}

/// Logs learn which letter it is, and nothing that stands in it.
impl fmt::Debug for Letter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Letter({})", self.kind())
    }
}

/// A letter to somebody.
#[derive(Clone)]
pub struct Addressed {
    /// The e-mail address.
    pub to: String,
    /// How to call them, when it is known.
    pub name: Option<String>,
    /// The letter.
    pub letter: Letter,
}

/// Logs do not learn who gets it.
impl fmt::Debug for Addressed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Addressed").field("letter", &self.letter).finish_non_exhaustive()
    }
}
