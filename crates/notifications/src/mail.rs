use std::fmt;

use askama::Template;
use bursar_kernel::{DomainError, Result, Secret, UnixTimestamp};

use crate::{
    letter::Addressed,
    one_line::{name_or, one_line, unlinked},
    words::{Words, words},
};

bursar_kernel::typed_id!(
    /// A mail: the same at every attempt to send it.
    MailId, "mail");

/// A mail as it leaves.
#[derive(Clone)]
pub struct Mail {
    /// Its identifier.
    pub id: MailId,
    /// The e-mail address of who gets it.
    pub to: String,
    /// What stands above it, on one line.
    pub subject: String,
    /// What it says, as text.
    pub text: Secret<String>,
    /// The same as HTML.
    pub html: Secret<String>,
    /// When its cause happened.
    pub created_at: UnixTimestamp,
}

/// Logs do not learn who gets it and what it says.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("id", &format_args!("{}", self.id))
            .field("created_at", &format_args!("{}", self.created_at))
            .finish_non_exhaustive()
    }
}

/// A letter in words, before it is a mail of its own.
#[derive(Clone)]
pub struct MailDraft {
    /// The e-mail address of who gets it.
    pub to: String,
    /// What stands above it, on one line.
    pub subject: String,
    /// What it says, as text.
    pub text: Secret<String>,
    /// The same as HTML.
    pub html: Secret<String>,
}

impl MailDraft {
    /// The mail of this identifier.
    #[must_use]
    pub fn into_mail(self, id: MailId, created_at: UnixTimestamp) -> Mail {
        let Self { to, subject, text, html } = self;
        Mail { id, to, subject, text, html, created_at }
    }
}

impl fmt::Debug for MailDraft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MailDraft").finish_non_exhaustive()
    }
}

/// Both versions say the same words. In the text the link stands alone on its line, so that no mail
/// program cuts it or takes a full stop into it.
#[derive(Template)]
#[template(path = "mail.txt")]
struct TextVersion<'a> {
    frame: &'a Frame<'a>,
    words: &'a Words<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlVersion<'a> {
    frame: &'a Frame<'a>,
    words: &'a Words<'a>,
}

/// What stands around the words.
struct Frame<'a> {
    greeting: String,
    product_name: &'a str,
    public_url: &'a str,
}

/// Finds the words for a letter.
///
/// # Errors
/// `internal` for an address that is none or a link that is no web address.
pub fn compose(product_name: &str, public_url: &str, addressed: &Addressed) -> Result<MailDraft> {
    let to = addressed.to.trim();
    if !to.contains('@') || to.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(DomainError::internal("a letter is addressed to what is no e-mail address"));
    }
    let product_name = one_line(product_name);
    let words = words(&product_name, &addressed.letter)?;
    let frame =
        Frame { greeting: greeting(addressed.name.as_deref()), product_name: &product_name, public_url };
    Ok(MailDraft {
        to: to.to_owned(),
        text: rendered(&TextVersion { frame: &frame, words: &words })?,
        html: rendered(&HtmlVersion { frame: &frame, words: &words })?,
        subject: words.subject,
    })
}

fn greeting(name: Option<&str>) -> String {
    let name = name_or("", name.unwrap_or_default());
    if name.is_empty() { "Hello,".to_owned() } else { format!("Hello {},", unlinked(&name)) }
}

fn rendered(version: &impl Template) -> Result<Secret<String>> {
    version.render().map(Secret::new).map_err(DomainError::internal)
}
