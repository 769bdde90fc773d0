use std::{
    net::IpAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bursar_kernel::{DomainError, Result};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{self, AsyncSmtpTransportBuilder},
};
use url::Url;

use crate::{error::MAIL_REFUSED, mail::Mail, transport::MailTransport};

/// How long a server has for one mail, from the connection to its last word: well within the time
/// that a relay has a message for itself.
const DEADLINE: Duration = Duration::from_secs(20);

/// An SMTP server that takes mail and carries it on.
pub struct SmtpTransport {
    server: AsyncSmtpTransportBuilder,
    sender: Mailbox,
    deadline: Duration,
}

impl SmtpTransport {
    /// By the server at `url`, in the name of `sender` (`no-reply@example.com` or
    /// `Acme <no-reply@example.com>`).
    ///
    /// `smtps://user:password@host[:port]` encrypts from the start,
    /// `smtp://user:password@host[:port]?tls=required` by STARTTLS. Plain `smtp://host:port` encrypts
    /// nothing: for development. What has a special meaning in a URL is percent-encoded in the user
    /// and the password.
    ///
    /// # Errors
    /// `invalid_field` for `smtpUrl` when it is no such URL or would send a password unencrypted to
    /// another machine, and for `sender` when that is no address.
    pub fn new(url: &str, sender: &str) -> Result<Self> {
        let invalid = || {
            let forms = "smtps://user:password@host or smtp://user:password@host?tls=required";
            DomainError::invalid("smtpUrl", format!("must be {forms}"))
        };
        let parsed = Url::parse(url).map_err(|_| invalid())?;
        if shows_password(&parsed) {
            return Err(invalid());
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| invalid())?;
        // A connection for each mail: lettre's pool is left out of the build. It does not tell a
        // connection that was left in the middle of a mail from others, and the next mail would end
        // up inside the last.
        let sender = sender.parse().map_err(|_| {
            DomainError::invalid("sender", "must be an address such as Acme <no-reply@example.com>")
        })?;
        Ok(Self { server, sender, deadline: DEADLINE })
    }

    fn message(&self, mail: &Mail) -> Result<Message> {
        let to: Address =
            mail.to.parse().map_err(|_| DomainError::internal("a mail goes to what is no address"))?;
        // The domain that sends makes the identifier its own among those of the world.
        let message_id = format!("<{}@{}>", mail.id, self.sender.email.domain());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let text = SinglePart::plain(mail.text.expose().clone());
        let html = SinglePart::html(mail.html.expose().clone());
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.as_str())
            .date(date(mail))
            .message_id(Some(message_id))
            // No robot answers what a robot wrote (RFC 3834).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            // Bounded by its identifier, so that the same mail is the same bytes.
            .multipart(
                MultiPart::alternative().boundary(mail.id.to_string()).singlepart(text).singlepart(html),
            )
            .map_err(DomainError::internal)
    }
}

#[async_trait::async_trait]
impl MailTransport for SmtpTransport {
    async fn send(&self, mail: &Mail) -> Result<()> {
        let message = self.message(mail)?;
        // Put together for each mail: what is not used any more wants the runtime to go.
        let server = self.server.clone().build::<Tokio1Executor>();
        // Of its own: the library limits the time to connect and no time after it.
        match tokio::time::timeout(self.deadline, server.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(DomainError::from(&MAIL_REFUSED).because(cause(error))),
            Err(_) => Err(DomainError::from(&MAIL_REFUSED).because("the SMTP server took too long")),
        }
    }
}

/// What may be logged of a failure. What a server says quotes the address that it refuses.
fn cause(error: smtp::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error.status() {
        Some(status) => format!("the SMTP server answered {status}").into(),
        None if error.is_response() => "the SMTP server answered what cannot be read".into(),
        None => error.into(),
    }
}

fn date(mail: &Mail) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(mail.created_at.seconds()).unwrap_or(0))
}

/// Whether a password would leave this machine for everybody on the way to read.
fn shows_password(url: &Url) -> bool {
    let is_encrypted = url.scheme() == "smtps"
        || url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    url.password().is_some() && !is_encrypted && !is_here
}

#[cfg(test)]
mod tests {
    use bursar_kernel::{Secret, UnixTimestamp};
    use tokio::net::TcpListener;

    use super::*;
    use crate::mail::MailId;

    #[test]
    fn every_encrypted_server_and_a_plain_one_for_development_is_taken() {
        for url in [
            "smtps://user:secret@mail.example.com",
            "smtps://user:p%40ss@mail.example.com:2465",
            "smtp://user:secret@mail.example.com?tls=required",
            "smtp://user:secret@127.0.0.1:1025",
            "smtp://user:secret@[::1]:1025",
            "smtp://localhost:1025",
            "smtp://mailpit:1025",
        ] {
            assert!(SmtpTransport::new(url, "Acme <no-reply@example.com>").is_ok(), "{url}");
        }
    }

    #[test]
    fn a_password_is_neither_sent_unencrypted_nor_quoted() {
        for url in [
            "",
            "mail.example.com",
            "https://user:secret@mail.example.com",
            "smtp://user:secret@mail.example.com",
            "smtp://user:secret@mail.example.com?tls=opportunistic",
            "smtp://user:secret@localhost.example.com",
            "smtps://user:secret@",
        ] {
            let refused = SmtpTransport::new(url, "no-reply@example.com").err().unwrap();
            assert_eq!(refused.get("field"), Some("smtpUrl"), "{url}");
            assert!(!format!("{refused:?}").contains("secret"), "{url}");
        }
        for sender in ["", "Acme", "no-reply@example.com\r\nBcc: eve@example.com"] {
            let refused = SmtpTransport::new("smtps://mail.example.com", sender).err().unwrap();
            assert_eq!(refused.get("field"), Some("sender"), "{sender:?}");
        }
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", silent.local_addr().unwrap());
        let deadline = Duration::from_millis(50);
        let transport =
            SmtpTransport { deadline, ..SmtpTransport::new(&url, "no-reply@example.com").unwrap() };
        let mail = Mail {
            id: MailId::from_uuid(uuid::Uuid::nil()),
            to: "ada@example.com".to_owned(),
            subject: String::new(),
            text: Secret::new(String::new()),
            html: Secret::new(String::new()),
            created_at: UnixTimestamp::default(),
        };
        assert_eq!(transport.send(&mail).await.unwrap_err().code(), "mail_refused");
    }
}
