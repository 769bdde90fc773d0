use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, AtomicU32, Ordering},
};

use bursar_billing_ledger::{
    CheckoutRequest, CreditPurchase, NewPayment, Payment, PaymentKind, PaymentOutcome, PaymentProvider,
    PaymentStatus, Payments, ProviderEvent, ProviderEvents, ProviderName, SeaPayments, SeaProviderEvents,
    WebhookHeaders,
    sandbox::{CheckoutStatus, Sandbox, SandboxDelivery, WebhookDoor},
};
use bursar_kernel::{Account, Db, MasterKey, Relay, Result, Sealer, UserId};
use bursar_testkit::TestDb;
use uuid::Uuid;

/// A door as a server has it: believes, keeps, and gives each event its effect once.
pub(super) struct Door {
    db: Db,
    pub(super) sandbox: Sandbox,
    /// What it answers before it does anything; 200 lets the webhook in.
    pub(super) status: AtomicU16,
    /// How many payments succeeded through it.
    pub(super) credited: AtomicU32,
    /// What came, with its signature.
    pub(super) came: Mutex<Vec<(String, Vec<u8>)>>,
}

#[async_trait::async_trait]
impl WebhookDoor for Door {
    async fn deliver(&self, signature: &str, body: Vec<u8>) -> Result<u16> {
        self.came.lock().unwrap().push((signature.to_owned(), body.clone()));
        let status = self.status.load(Ordering::SeqCst);
        if status == 200 {
            self.take(signature, &body).await?;
        }
        Ok(status)
    }
}

impl Door {
    pub(super) async fn take(&self, signature: &str, body: &[u8]) -> Result<()> {
        let headers = WebhookHeaders { signature: Some(signature.to_owned()) };
        let event = self.sandbox.verify_webhook(&headers, body, self.db.clock().now()).await?;
        let body = String::from_utf8(body.to_vec()).unwrap();
        let mut tx = self.db.begin().await?;
        let name = self.sandbox.name();
        SeaProviderEvents.store(&mut tx, name, &event.id, &event.event_type, &body).await?;
        if !SeaProviderEvents.processed(&mut tx, name, &event.id).await? {
            return Ok(());
        }
        let (session_id, outcome) = match self.sandbox.interpret(&event.event_type, &body)? {
            ProviderEvent::CheckoutPaid { session_id, payment_id, card, receipt_url } => {
                (session_id, PaymentOutcome::Succeeded { provider_payment_id: payment_id, card, receipt_url })
            }
            ProviderEvent::CheckoutFailed { session_id, reason } => {
                (session_id, PaymentOutcome::Failed { reason })
            }
            ProviderEvent::CheckoutExpired { session_id } => (session_id, PaymentOutcome::Canceled),
            ProviderEvent::Ignored => panic!("the sandbox says nothing that means nothing"),
        };
        let payment = SeaPayments.lock_by_session(&mut tx, name, &session_id).await?.unwrap();
        let settled = SeaPayments.settle(&mut tx, &payment, outcome).await?;
        if settled.is_some_and(|payment| payment.status == PaymentStatus::Succeeded) {
            self.credited.fetch_add(1, Ordering::SeqCst);
        }
        tx.commit().await
    }
}

pub(super) struct World {
    pub(super) test: TestDb,
    pub(super) sandbox: Sandbox,
    pub(super) door: Arc<Door>,
    pub(super) relay: Relay,
}

impl World {
    pub(super) fn new(test: TestDb) -> Self {
        let sandbox = Sandbox::new(test.db.clone(), sealer(), "http://localhost:8080/");
        let door = Arc::new(Door {
            db: test.db.clone(),
            sandbox: sandbox.clone(),
            status: AtomicU16::new(200),
            credited: AtomicU32::new(0),
            came: Mutex::default(),
        });
        let delivery = SandboxDelivery::new(sandbox.clone(), door.clone());
        let relay = Relay::new(test.db.clone(), vec![Arc::new(delivery)]);
        Self { test, sandbox, door, relay }
    }

    /// A pending payment and its open checkout.
    pub(super) async fn checkout(&self) -> (Payment, String) {
        let account = Account::Personal(user());
        let mut tx = self.test.db.begin().await.unwrap();
        let new = NewPayment {
            account,
            creator: user(),
            kind: PaymentKind::Checkout,
            purchase: CreditPurchase::new(1_000).unwrap(),
            provider: ProviderName::Sandbox,
        };
        let payment = SeaPayments.create(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        let session = self.sandbox.open_checkout(request(&payment)).await.unwrap();
        let mut tx = self.test.db.begin().await.unwrap();
        SeaPayments.session(&mut tx, account.id(), payment.id, &session.id).await.unwrap();
        tx.commit().await.unwrap();
        (payment, session.id)
    }

    /// Lets the webhooks in until none is due, and reads what became of the payment.
    pub(super) async fn hear(&self, payment: &Payment) -> Payment {
        while self.relay.deliver_due().await.unwrap() > 0 {}
        SeaPayments.by_id(self.test.db.reader(), payment.account.id(), payment.id).await.unwrap().unwrap()
    }

    pub(super) async fn status(&self, checkout: &str) -> CheckoutStatus {
        self.sandbox.checkout(self.test.db.reader(), checkout).await.unwrap().unwrap().status
    }

    pub(super) fn credited(&self) -> u32 {
        self.door.credited.load(Ordering::SeqCst)
    }

    pub(super) fn came(&self) -> Vec<(String, Vec<u8>)> {
        self.door.came.lock().unwrap().clone()
    }
}

pub(super) fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

pub(super) fn sealer() -> Sealer {
    Sealer::new(&MasterKey::from_bytes([1; 32]), &[])
}

pub(super) fn request(payment: &Payment) -> CheckoutRequest {
    CheckoutRequest {
        payment: payment.id,
        amount_cents: payment.amount_cents,
        currency: payment.currency.clone(),
        description: "10.000000 USD of credits".to_owned(),
        success_url: Some("https://example.com/paid".to_owned()),
        cancel_url: None,
        idempotency_key: payment.id.to_string(),
    }
}
