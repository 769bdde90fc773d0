use std::{borrow::Cow, error::Error, fmt};

/// What a function of the core answers.
pub type Result<T, E = DomainError> = std::result::Result<T, E>;

/// What kind of failure it is; an API family maps each to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input breaks a rule.
    Invalid,
    /// Nobody, or nobody that can be believed.
    Unauthenticated,
    /// Somebody who may not.
    Forbidden,
    /// There is no such thing, or none that the caller may know of.
    NotFound,
    /// The state does not allow it.
    Conflict,
    /// It was there, and is no more.
    Gone,
    /// Money is missing.
    PaymentRequired,
    /// Too often, too much; try later.
    RateLimited,
    /// Cannot be answered now; try again.
    Unavailable,
    /// Our fault.
    Internal,
}

/// One failure that callers can tell apart: declared once, as a `static`, in the `error.rs` of the
/// crate that raises it.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "`code` is the name that callers know")]
pub struct Code {
    /// Its kind.
    pub kind: ErrorKind,
    /// Stable for ever, `snake_case`.
    pub code: &'static str,
    /// Safe to show to the caller.
    pub sentence: &'static str,
}

impl Code {
    /// Declares one.
    #[must_use]
    pub const fn new(kind: ErrorKind, code: &'static str, sentence: &'static str) -> Self {
        Self { kind, code, sentence }
    }
}

/// A failure: a kind, a stable code, a sentence safe to show, named values, and a private cause
/// that is logged once, at the boundary.
#[derive(Debug)]
pub struct DomainError {
    kind: ErrorKind,
    code: &'static str,
    sentence: Cow<'static, str>,
    params: Vec<(&'static str, String)>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl DomainError {
    /// Our fault, with its private cause.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::from(&codes::INTERNAL).because(cause)
    }

    /// A field that breaks a rule: `field` is the wire name, `rule` completes "field must …".
    #[must_use]
    pub fn invalid(field: &'static str, rule: impl fmt::Display) -> Self {
        Self::from(&codes::INVALID_FIELD).saying(format!("{field} {rule}")).param("field", field)
    }

    /// The same rule, where the field that breaks it is spelled otherwise on the wire.
    #[must_use]
    pub fn of_field(mut self, field: &'static str) -> Self {
        let Some((_, known)) = self.params.iter_mut().find(|(name, _)| *name == "field") else { return self };
        let rule = self.sentence.strip_prefix(known.as_str()).unwrap_or(&self.sentence).trim_start();
        self.sentence = format!("{field} {rule}").into();
        field.clone_into(known);
        self
    }

    /// Another sentence, also safe to show.
    #[must_use]
    pub fn saying(mut self, sentence: impl Into<Cow<'static, str>>) -> Self {
        self.sentence = sentence.into();
        self
    }

    /// A named value that a family may show.
    #[must_use]
    pub fn param(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// The private cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Its stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, code: &Code) -> bool {
        self.code == code.code
    }

    /// A named value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

impl From<&Code> for DomainError {
    fn from(code: &Code) -> Self {
        Self {
            kind: code.kind,
            code: code.code,
            sentence: Cow::Borrowed(code.sentence),
            params: Vec::new(),
            source: None,
        }
    }
}

/// A database that cannot be reached or is overloaded is `Unavailable`, so that the caller tries
/// again; anything else is our fault.
impl From<sea_orm::DbErr> for DomainError {
    fn from(error: sea_orm::DbErr) -> Self {
        let code = match &error {
            sea_orm::DbErr::ConnectionAcquire(_) | sea_orm::DbErr::Conn(_) => &codes::DATABASE_UNAVAILABLE,
            _ if is_transient(&error) => &codes::DATABASE_UNAVAILABLE,
            _ => &codes::INTERNAL,
        };
        Self::from(code).because(error)
    }
}

/// Lost connections, server shutdown, serialization failures, deadlocks: by SQLSTATE on
/// PostgreSQL, by result code on SQLite (5 busy).
fn is_transient(error: &sea_orm::DbErr) -> bool {
    use sea_orm::{DbErr, RuntimeErr, SqlxError};
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    match cause.as_ref() {
        SqlxError::Io(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => true,
        SqlxError::Database(database) => database.code().is_some_and(|code| {
            matches!(code.as_ref(), "40001" | "40P01" | "53300" | "57P01" | "57P02" | "57P03" | "57014" | "5")
                || code.starts_with("08")
        }),
        _ => false,
    }
}

impl fmt::Display for DomainError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl Error for DomainError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// The failures of the kernel itself.
pub mod codes {
    use super::{Code, ErrorKind};

    /// Our fault.
    pub static INTERNAL: Code =
        Code::new(ErrorKind::Internal, "internal", "Something went wrong on our side");
    /// No database now.
    pub static DATABASE_UNAVAILABLE: Code = Code::new(
        ErrorKind::Unavailable,
        "database_unavailable",
        "The service is temporarily unavailable, try again",
    );
    /// A field breaks a rule.
    pub static INVALID_FIELD: Code = Code::new(ErrorKind::Invalid, "invalid_field", "A field breaks a rule");
    /// A sum or a product that does not fit.
    pub static AMOUNT_OUT_OF_RANGE: Code =
        Code::new(ErrorKind::Invalid, "amount_out_of_range", "The amount is out of range");
    /// A price that is none.
    pub static RATE_INVALID: Code = Code::new(
        ErrorKind::Invalid,
        "rate_invalid",
        "A price must be a decimal number that is not negative",
    );
    /// A cursor that we did not make.
    pub static CURSOR_INVALID: Code =
        Code::new(ErrorKind::Invalid, "cursor_invalid", "cursor must be a nextToken of this list, unchanged");
    /// An idempotency key that is none.
    pub static IDEMPOTENCY_KEY_INVALID: Code = Code::new(
        ErrorKind::Invalid,
        "idempotency_key_invalid",
        "Idempotency-Key must be 1 to 255 visible ASCII characters",
    );
    /// An idempotency key that was used for something else.
    pub static IDEMPOTENCY_KEY_REUSED: Code = Code::new(
        ErrorKind::Conflict,
        "idempotency_key_reused",
        "Idempotency-Key was used before with another request",
    );
    /// The first request with this key has not ended yet.
    pub static IDEMPOTENCY_IN_PROGRESS: Code = Code::new(
        ErrorKind::Conflict,
        "idempotency_in_progress",
        "A request with this Idempotency-Key is still being processed",
    );

    /// All of them.
    pub static ALL: &[&Code] = &[
        &INTERNAL,
        &DATABASE_UNAVAILABLE,
        &INVALID_FIELD,
        &AMOUNT_OUT_OF_RANGE,
        &RATE_INVALID,
        &CURSOR_INVALID,
        &IDEMPOTENCY_KEY_INVALID,
        &IDEMPOTENCY_KEY_REUSED,
        &IDEMPOTENCY_IN_PROGRESS,
    ];
}
