use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp, UserId};
use url::Url;

use crate::email::EmailAddress;

/// The longest name of a person that is taken.
const MAX_DISPLAY_NAME_LENGTH: usize = 100;
/// The longest address of a picture.
const MAX_PHOTO_URL_LENGTH: usize = 2048;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// Where it gets mail, and what it signs in with.
    pub email: EmailAddress,
    /// When it showed for the first time that mail to this address reaches it.
    pub email_verified_at: Option<UnixTimestamp>,
    /// What others see.
    pub display_name: String,
    /// A picture.
    pub photo_url: Option<String>,
    /// When it accepted the terms of service for the first time.
    pub terms_accepted_at: Option<UnixTimestamp>,
    /// Whether its work may be used for benchmarks; absent until it says.
    pub bench_consent: Option<bool>,
    /// Since when it is suspended: nothing lets it in.
    pub suspended_at: Option<UnixTimestamp>,
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
        let given = self.display_name.as_deref().filter(|name| !name.trim().is_empty());
        given.map_or_else(|| Ok(self.email.local_part().to_owned()), |name| named(name, "display_name"))
    }
}

/// What a person changes of what others see of it; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// What others see.
    pub display_name: Option<String>,
    /// A picture; `Some(None)`, or an empty text, takes it away.
    #[expect(clippy::option_option, reason = "a picture is left, taken away or replaced")]
    pub photo_url: Option<Option<String>>,
    /// Whether its work may be used for benchmarks.
    pub bench_consent: Option<bool>,
}

impl UserChange {
    /// The same as it is to be stored.
    ///
    /// # Errors
    /// `invalid_field` for a name that is none and for a picture that is not on the web.
    pub(crate) fn checked(self) -> Result<Self> {
        let display_name = self.display_name.map(|name| named(&name, "displayName")).transpose()?;
        let photo_url = self
            .photo_url
            .map(|url| url.as_deref().map(str::trim).filter(|url| !url.is_empty()).map(pictured).transpose())
            .transpose()?;
        Ok(Self { display_name, photo_url, bench_consent: self.bench_consent })
    }
}

/// A name as it is stored.
fn named(text: &str, field: &'static str) -> Result<String> {
    let name = text.trim();
    let is_short = (1..=MAX_DISPLAY_NAME_LENGTH).contains(&name.chars().count());
    if is_short && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    let rule = format!("must be 1 to {MAX_DISPLAY_NAME_LENGTH} characters without control characters");
    Err(DomainError::invalid(field, rule))
}

/// The address of a picture as it is stored. `https` alone: pages show it to others, and a page
/// that loads `http` or runs `javascript:` is not safe.
fn pictured(text: &str) -> Result<String> {
    // What a reader of addresses would drop or move in silence is not taken to begin with.
    let is_plain = text.len() <= MAX_PHOTO_URL_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_good =
        |url: &Url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    if is_plain && text.starts_with("https://") && Url::parse(text).as_ref().is_ok_and(is_good) {
        return Ok(text.to_owned());
    }
    let rule = format!("must be an https URL of at most {MAX_PHOTO_URL_LENGTH} characters");
    Err(DomainError::invalid("photoUrl", rule))
}

/// What a transaction needs of a person while it lasts. It is asked for before anything else of the
/// person, or of its organizations, is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonLock {
    /// That it stays: somebody joins something.
    Stays,
    /// That nobody else changes what proves it.
    Changes,
    /// That it goes, and nobody is counting on it.
    Goes,
}

/// The people of this deployment. Somebody who was deleted is not there any more.
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

    /// The person, kept as it is until the transaction ends, in the way that is said.
    ///
    /// # Errors
    /// `user_not_found` for somebody who was deleted, however shortly before.
    async fn lock(&self, tx: &mut Tx, user: UserId, lock: PersonLock) -> Result<User>;

    /// Records that the person accepts the terms; the first time is kept. At most one row.
    ///
    /// # Errors
    /// `user_not_found`.
    async fn accept_terms(&self, tx: &mut Tx, user: UserId) -> Result<User>;

    /// Changes what others see: one row, or none when there is nothing to change.
    ///
    /// # Errors
    /// `user_not_found`; `invalid_field` for `displayName` and `photoUrl`.
    async fn update(&self, tx: &mut Tx, user: UserId, change: UserChange) -> Result<User>;

    /// Gives the person another address, which it has just shown to be its own: one row. Links
    /// that were mailed to the old one are the caller's to forget.
    ///
    /// # Errors
    /// `user_not_found`; `email_taken` when the address is somebody else's. Where two take one
    /// address at the same instant, the transaction of the one that is refused is broken and can
    /// only be rolled back.
    async fn set_email(&self, tx: &mut Tx, user: UserId, email: EmailAddress) -> Result<User>;

    /// Records that mail to `address` reaches the person, if it still is the person's; says
    /// whether it is. The first time is kept. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn verify_email(&self, tx: &mut Tx, user: UserId, address: &EmailAddress) -> Result<bool>;

    /// Suspends the person, or lets it in again: one row, and none when it is so already. That its
    /// sessions end is the caller's to do.
    ///
    /// # Errors
    /// `user_not_found`.
    async fn suspend(&self, tx: &mut Tx, user: UserId, is_suspended: bool) -> Result<User>;

    /// Deletes the person for good: one row stays, which says that there was somebody and nothing
    /// about them, so that what refers to it still does. Says whether the person was there. The
    /// address is free for others at once.
    ///
    /// From here on nothing is opened, set or issued for the person, by whomever it was begun.
    /// What was before is ended by the `forget` of each service: that of [`crate::Sessions`] after
    /// this, the others before it, in the same transaction.
    ///
    /// # Errors
    /// When the database refuses.
    async fn erase(&self, tx: &mut Tx, user: UserId) -> Result<bool>;
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
            let change = UserChange { display_name: Some((*name).to_owned()), ..UserChange::default() };
            assert_eq!(change.checked().unwrap_err().get("field"), Some("displayName"));
        }
    }

    #[test]
    fn a_name_is_not_changed_to_nothing() {
        for name in ["", "  "] {
            let change = UserChange { display_name: Some(name.to_owned()), ..UserChange::default() };
            let refused = change.checked().unwrap_err();
            assert_eq!(
                refused.to_string(),
                "displayName must be 1 to 100 characters without control characters"
            );
        }
    }

    fn picture(url: &str) -> Result<UserChange> {
        UserChange { photo_url: Some(Some(url.to_owned())), ..UserChange::default() }.checked()
    }

    #[test]
    fn a_picture_is_on_the_web_and_kept_as_given() {
        let long = format!("https://example.com/{}", "a".repeat(2028));
        for url in ["https://example.com", "https://example.com/a.png?size=64#x", long.as_str()] {
            assert_eq!(picture(url).unwrap().photo_url, Some(Some(url.to_owned())));
        }
        assert_eq!(picture("").unwrap().photo_url, Some(None), "nothing takes it away");
        assert_eq!(picture("  ").unwrap().photo_url, Some(None));
        assert_eq!(UserChange::default().checked().unwrap(), UserChange::default());
    }

    #[test]
    fn what_a_page_must_not_load_is_no_picture() {
        let long = format!("https://example.com/{}", "a".repeat(2029));
        for url in [
            "http://example.com/a.png",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "//example.com/a.png",
            "https://",
            "https:example.com",
            "https://exa mple.com/",
            "https://example.com/\u{202e}gnp",
            "https://exa\nmple.com/",
            "https://ada:secret@example.com/",
            "https://[::1",
            long.as_str(),
        ] {
            assert_eq!(picture(url).unwrap_err().get("field"), Some("photoUrl"), "{url}");
        }
    }
}
