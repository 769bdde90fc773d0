use bursar_kernel::{Db, DomainError, Reader, Result, Sealer, Secret};
use serde::{Deserialize, Serialize};

use crate::{
    mail::{Mail, MailId},
    store::sandbox_mail::{self, SealedMail},
    transport::MailTransport,
};

/// Mails that are kept: enough to find the one that was just sent.
const KEPT: u64 = 200;

/// A mailbox for development: mail goes nowhere, and whoever runs the server reads it. Cheap to
/// clone.
#[derive(Clone)]
pub struct SandboxMailbox {
    db: Db,
    sealer: Sealer,
}

/// A mail as it is kept, under its seal.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    to: T,
    subject: T,
    text: T,
    html: T,
}

impl SandboxMailbox {
    /// Over the database that holds its table.
    #[must_use]
    pub const fn new(db: Db, sealer: Sealer) -> Self {
        Self { db, sealer }
    }

    /// The newest mails, newest first: at most `limit` of the 200 that are kept.
    ///
    /// # Errors
    /// When the database cannot be read; `internal` when a mail was sealed under a key that is gone.
    pub async fn list(&self, reader: Reader<'_>, limit: u64) -> Result<Vec<Mail>> {
        let rows = sandbox_mail::newest(reader, limit.min(KEPT)).await?;
        rows.into_iter().map(|row| self.open(&row)).collect()
    }

    /// A mail that is still kept.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn by_id(&self, reader: Reader<'_>, id: MailId) -> Result<Option<Mail>> {
        sandbox_mail::load(reader, id).await?.map(|row| self.open(&row)).transpose()
    }

    fn open(&self, row: &SealedMail) -> Result<Mail> {
        let json = self.sealer.open(&row_name(row.id), &row.sealed)?;
        // What is wrong with it is not said: it could quote what is secret.
        let kept: Kept<String> = serde_json::from_slice(&json)
            .map_err(|_| DomainError::internal("a mail of the sandbox is not in a known form"))?;
        Ok(Mail {
            id: row.id,
            to: kept.to,
            subject: kept.subject,
            text: Secret::new(kept.text),
            html: Secret::new(kept.html),
            created_at: row.created_at,
        })
    }
}

#[async_trait::async_trait]
impl MailTransport for SandboxMailbox {
    /// One row, or none for a mail that came before; those beyond the newest 200 go.
    async fn send(&self, mail: &Mail) -> Result<()> {
        let kept = Kept {
            to: mail.to.as_str(),
            subject: mail.subject.as_str(),
            text: mail.text.expose().as_str(),
            html: mail.html.expose().as_str(),
        };
        let json = serde_json::to_string(&kept).map(Secret::new).map_err(DomainError::internal)?;
        let tx = self.db.begin().await?;
        let sealed = self.sealer.seal(tx.entropy(), &row_name(mail.id), json.expose().as_bytes())?;
        let row = SealedMail { id: mail.id, created_at: mail.created_at, sealed };
        if sandbox_mail::insert(&tx, row).await? {
            sandbox_mail::keep_newest(&tx, KEPT).await?;
        }
        tx.commit().await
    }
}

/// What the sealed form of a mail is bound to.
fn row_name(id: MailId) -> String {
    format!("sandbox_mail:{id}")
}
