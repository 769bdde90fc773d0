use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp, UserId};

use crate::email::EmailAddress;

/// The longest name of a person that is taken.
const MAX_DISPLAY_NAME_LENGTH: usize = 100;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// Where it gets mail, and what it signs in with.
    pub email: EmailAddress,
    /// What others see.
    pub display_name: String,
    /// A picture.
    pub photo_url: Option<String>,
    /// When it accepted the terms of service for the first time.
    pub terms_accepted_at: Option<UnixTimestamp>,
    /// Whether its work may be used for benchmarks; absent until it says.
    pub bench_consent: Option<bool>,
    /// Since when.
    pub created_at: UnixTimestamp,
    /// The last change.
    pub updated_at: UnixTimestamp,
}

/// A person to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Where it gets mail.
    pub email: EmailAddress,
    /// What others see; the local part of the address when absent or blank.
    pub display_name: Option<String>,
}

impl NewUser {
    /// What others are to see.
    ///
    /// # Errors
    /// `invalid_field` for a name that is too long or holds control characters.
    pub(crate) fn shown_as(&self) -> Result<String> {
        let given = self.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let Some(name) = given else { return Ok(self.email.local_part().to_owned()) };
        if name.chars().count() > MAX_DISPLAY_NAME_LENGTH || name.chars().any(char::is_control) {
            let rule =
                format!("must be 1 to {MAX_DISPLAY_NAME_LENGTH} characters without control characters");
            return Err(DomainError::invalid("display_name", rule));
        }
        Ok(name.to_owned())
    }
}

/// The people of this deployment.
#[async_trait::async_trait]
pub trait Users: Send + Sync {
    /// Makes a person: one row.
    ///
    /// # Errors
    /// `email_taken` when the address, in whatever case, is somebody's; `invalid_field` for a
    /// name that is none.
    async fn create(&self, tx: &mut Tx, new: NewUser) -> Result<User>;

    /// The person behind an identifier.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(&self, reader: Reader<'_>, user: UserId) -> Result<Option<User>>;

    /// The people behind these identifiers, in no order; one statement, and none for nobody.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_ids(&self, reader: Reader<'_>, users: &[UserId]) -> Result<Vec<User>>;

    /// The person behind an address, in whatever case.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_email(&self, reader: Reader<'_>, email: &EmailAddress) -> Result<Option<User>>;

    /// Records that the person accepts the terms; the first time is kept. At most one row.
    ///
    /// # Errors
    /// `user_not_found`.
    async fn accept_terms(&self, tx: &mut Tx, user: UserId) -> Result<User>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_as(name: Option<&str>) -> Result<String> {
        let email = EmailAddress::parse("ada@example.com").unwrap();
        NewUser { email, display_name: name.map(str::to_owned) }.shown_as()
    }

    #[test]
    fn a_person_without_a_name_is_shown_as_its_mailbox() {
        assert_eq!(shown_as(None).unwrap(), "ada");
        assert_eq!(shown_as(Some("  ")).unwrap(), "ada");
        assert_eq!(shown_as(Some(" Ada Lovelace ")).unwrap(), "Ada Lovelace");
        assert_eq!(shown_as(Some(&"愛".repeat(100))).unwrap().chars().count(), 100);
    }

    #[test]
    fn a_name_that_would_break_a_page_is_refused() {
        for name in ["a\0b", "a\nb", "a\u{1b}[31m", &"a".repeat(101)] {
            assert_eq!(shown_as(Some(name)).unwrap_err().get("field"), Some("display_name"));
        }
    }
}
