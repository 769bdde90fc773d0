use bursar_kernel::{ErrorKind, Secret};
use bursar_notifications::{Mail, MailTransport as _, SmtpTransport, compose};

use crate::{
    smtp_server::{REFUSED, SmtpServer},
    world::{LINK, PRODUCT, PUBLIC_URL, in_december, mail, reset},
};

const SENDER: &str = "Acme <no-reply@acme.example>";

fn transport(server: &SmtpServer) -> SmtpTransport {
    SmtpTransport::new(&server.url, SENDER).unwrap()
}

/// Ada's mail about her password.
fn reset_mail() -> Mail {
    let Mail { id, created_at, .. } = mail(1, in_december());
    compose(PRODUCT, PUBLIC_URL, &reset()).unwrap().into_mail(id, created_at)
}

#[tokio::test]
async fn a_server_hears_both_versions_of_a_mail_from_our_sender() {
    let server = SmtpServer::start().await;
    let mail = reset_mail();
    transport(&server).send(&mail).await.unwrap();
    let heard = server.heard().remove(0);
    assert_eq!((heard.from.as_str(), heard.to.as_str()), ("<no-reply@acme.example>", "<ada@example.com>"));
    for header in [
        "From: Acme <no-reply@acme.example>",
        "To: ada@example.com",
        "Subject: Set a new password for Acme",
        "Date: Wed, 02 Dec 2026 14:05:00 +0000",
        &format!("Message-ID: <{}@acme.example>", mail.id),
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
    ] {
        assert!(heard.lines.iter().any(|line| line == header), "{header} is not in {heard:#?}");
    }
    assert!(heard.lines.iter().any(|line| line.starts_with("Content-Type: multipart/alternative;")));
    let text: Vec<_> = mail.text.expose().lines().collect();
    assert!(heard.lines.windows(text.len()).any(|lines| lines == text), "{heard:#?}");
    assert_eq!(heard.lines.iter().filter(|line| *line == LINK).count(), 1);
}

#[tokio::test]
async fn a_mail_that_is_sent_again_is_the_same_to_the_byte() {
    let (server, mail) = (SmtpServer::start().await, reset_mail());
    transport(&server).send(&mail).await.unwrap();
    transport(&server).send(&mail).await.unwrap();
    let heard = server.heard();
    assert_eq!((heard.len(), &heard[0]), (2, &heard[1]));
}

#[tokio::test]
async fn no_line_of_a_mail_ends_it_or_speaks_to_the_server() {
    let server = SmtpServer::start().await;
    let said = [".", "..", ".hidden", "QUIT", "", "RCPT TO:<eve@example.com>", ".", "the end"];
    let mail = Mail {
        text: Secret::new(said.join("\n")),
        subject: "Fine\r\nBcc: eve@example.com\r\n\r\n.\r\nQUIT".to_owned(),
        ..reset_mail()
    };
    transport(&server).send(&mail).await.unwrap();
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].lines.windows(said.len()).any(|lines| lines == said), "{heard:#?}");
    assert!(!heard[0].lines.iter().any(|line| line.starts_with("Bcc:")), "{heard:#?}");
    assert_eq!(heard[0].to, "<ada@example.com>");
}

#[tokio::test]
async fn a_name_in_any_script_arrives() {
    let server = SmtpServer::start().await;
    let mail = Mail { subject: "Ada, 数学者 ë".to_owned(), ..reset_mail() };
    transport(&server).send(&mail).await.unwrap();
    let heard = server.heard().remove(0);
    let subject = heard.lines.iter().find(|line| line.starts_with("Subject:")).unwrap();
    assert!(subject.contains("=?utf-8?b?"), "{subject}");
}

#[tokio::test]
async fn a_refused_recipient_is_an_error_that_does_not_quote_the_address() {
    let server = SmtpServer::start().await;
    let mail = Mail { to: REFUSED.to_owned(), ..reset_mail() };
    let refused = transport(&server).send(&mail).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Unavailable, "mail_refused"));
    let logged = format!("{refused:?}");
    assert!(logged.contains("550") && !logged.contains("nobody"), "{logged}");
    assert!(server.heard().is_empty());

    transport(&server).send(&reset_mail()).await.unwrap();
    assert_eq!(server.heard().len(), 1, "others are not kept from their mail");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_for_now() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let transport = SmtpTransport::new(&format!("smtp://{nobody}"), SENDER).unwrap();
    let refused = transport.send(&reset_mail()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Unavailable, "mail_refused"));
}

#[tokio::test]
async fn a_mail_to_what_is_no_address_is_our_fault() {
    let server = SmtpServer::start().await;
    for to in ["", "ada", "ada@example.com\r\nBcc: eve@example.com"] {
        let refused = transport(&server).send(&Mail { to: to.to_owned(), ..reset_mail() }).await.unwrap_err();
        assert_eq!(refused.code(), "internal", "{to:?}");
    }
    assert!(server.heard().is_empty());
}
