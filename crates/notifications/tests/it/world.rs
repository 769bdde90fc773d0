use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use bursar_kernel::{AccountId, DomainError, MasterKey, Relay, Result, Sealer, Secret, UnixTimestamp};
use bursar_notifications::{
    Addressed, Letter, Mail, MailDelivery, MailId, MailOutbox, MailTransport, error::MAIL_REFUSED,
};
use bursar_testkit::TestDb;
use uuid::Uuid;

pub(crate) const PRODUCT: &str = "Acme";
pub(crate) const PUBLIC_URL: &str = "https://acme.example";
pub(crate) const LINK: &str = "https://acme.example/reset-password?token=t0psecret";
pub(crate) const ADDRESS: &str = "ada@example.com";

/// Keeps what it is given, or fails as it is told.
#[derive(Default)]
pub(crate) struct Carrier {
    pub(crate) fails: AtomicBool,
    carried: Mutex<Vec<Mail>>,
}

#[async_trait::async_trait]
impl MailTransport for Carrier {
    async fn send(&self, mail: &Mail) -> Result<()> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(DomainError::from(&MAIL_REFUSED));
        }
        self.carried.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

impl Carrier {
    pub(crate) fn carried(&self) -> Vec<Mail> {
        self.carried.lock().unwrap().clone()
    }
}

pub(crate) fn sealer() -> Sealer {
    Sealer::new(&MasterKey::from_bytes([1; 32]), &[])
}

pub(crate) fn in_december() -> UnixTimestamp {
    UnixTimestamp::parse("2026-12-02T14:05:00Z").unwrap()
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// A letter to Ada.
pub(crate) fn to_ada(letter: Letter) -> Addressed {
    Addressed { to: ADDRESS.to_owned(), name: Some("Ada".to_owned()), letter }
}

/// Any letter with a link.
pub(crate) fn reset() -> Addressed {
    to_ada(Letter::ResetPassword { link: secret(LINK), expires_at: in_december() })
}

/// An invitation by people who chose their names.
pub(crate) fn invite(organization: &str, inviter: &str) -> Addressed {
    to_ada(Letter::Invite {
        organization: organization.to_owned(),
        inviter: inviter.to_owned(),
        link: secret(LINK),
        expires_at: in_december(),
        role: "admin".to_owned(),
    })
}

/// One letter of every kind.
pub(crate) fn every_letter() -> Vec<Letter> {
    let (link, expires_at, new_email) = (secret(LINK), in_december(), "countess@example.net".to_owned());
    vec![
        invite("Analytical Engines", "Charles").letter,
        Letter::ResetPassword { link: link.clone(), expires_at },
        Letter::VerifyEmail { link: link.clone(), expires_at },
        Letter::ChangeEmail { link: link.clone(), expires_at, new_email: new_email.clone() },
        Letter::MagicLink { link: link.clone(), expires_at },
        Letter::EmailChanged { new_email },
        Letter::PasswordChanged {},
        Letter::AlreadyRegistered { link },
        Letter::AccountDeleted {},
        Letter::SecondFactorChanged { is_on: true },
        Letter::SecondFactorChanged { is_on: false },
    ]
}

/// Somebody's account.
pub(crate) fn account() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(7))
}

/// Commits a letter into the outbox.
pub(crate) async fn request(test: &TestDb, addressed: &Addressed) {
    let mut tx = test.db.begin().await.unwrap();
    MailOutbox::new(sealer()).send(&mut tx, Some(account()), addressed).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn delivery(transport: Arc<dyn MailTransport>) -> MailDelivery {
    MailDelivery::new(sealer(), transport, PRODUCT, PUBLIC_URL)
}

pub(crate) fn relay(test: &TestDb, transport: Arc<dyn MailTransport>) -> Relay {
    Relay::new(test.db.clone(), vec![Arc::new(delivery(transport))])
}

/// How many letters wait.
pub(crate) async fn waiting(test: &TestDb) -> i64 {
    test.number("SELECT COUNT(*) FROM kernel_outbox").await
}

/// The n-th mail, as old as `created_at`.
pub(crate) fn mail(n: u128, created_at: UnixTimestamp) -> Mail {
    Mail {
        id: MailId::from_uuid(Uuid::from_u128(n)),
        to: ADDRESS.to_owned(),
        subject: format!("Mail {n}"),
        text: Secret::new(format!("Open\n{LINK}\n")),
        html: Secret::new(format!("<a href=\"{LINK}\">Open</a>\n")),
        created_at,
    }
}
