use bursar_kernel::{AccountId, Message, Result, Sealer, Tx};

use crate::{letter::Addressed, payload};

/// The topic of letters in the outbox, and what their sealed form is bound to.
pub const MAIL_REQUESTED: &str = "mail.requested";

/// Where nobody has a mailbox: what stands in for an address where there is none is there.
const NOWHERE: &str = ".invalid";

/// The way of a letter into the outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MailOutbox {
    sealer: Sealer,
}

impl MailOutbox {
    /// Seals by `sealer`.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// Lets a letter follow from what the transaction does: one row of the outbox, sealed as a whole
    /// and erased when the mail is delivered. `account` is whose matter it is, if it is anybody's.
    /// To an address in a domain that can never be there (RFC 2606) nothing is sent.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn send(&self, tx: &mut Tx, account: Option<AccountId>, addressed: &Addressed) -> Result<()> {
        if addressed.to.to_ascii_lowercase().ends_with(NOWHERE) {
            return Ok(());
        }
        let letter = payload::write(addressed)?;
        let sealed = self.sealer.seal(tx.entropy(), MAIL_REQUESTED, letter.expose().as_bytes())?;
        tx.publish(MAIL_REQUESTED, account, sealed).await?;
        Ok(())
    }
}

/// The letter of a message.
pub(crate) fn open(sealer: &Sealer, message: &Message) -> Result<Addressed> {
    payload::read(&sealer.open(MAIL_REQUESTED, &message.payload)?)
}
