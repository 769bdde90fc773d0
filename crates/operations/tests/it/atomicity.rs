//! Every writing operation, failed at each of its statements: nothing of it remains.

use bursar_billing_ledger::{CreditPurchase, WebhookHeaders};
use bursar_identity::{EmailAddress, SessionId};
use bursar_kernel::{Account, Message, OutboxId, Result, Secret, Subscriber, UnixTimestamp};
use bursar_operations::{
    GrantCode, Operation, Origin, ProviderEventSettlement, RedeemCode, SignIn, SignOut, SignUp,
    StartCheckout, accept_terms, create_organization, grant_code, ingest_events, receive_provider_event,
    redeem_code, refresh_session, rotate_signing_key, sign_in, sign_out, sign_up, start_checkout,
    switch_account,
};
use bursar_orgs_and_membership::{InviteId, MembershipId, OrganizationName};
use bursar_testkit::{
    for_each_engine,
    issuer::LocalIssuer,
    world::{GOOD_CARD, Owner, PASSWORD, World, batch, inference, trusting},
};
use uuid::Uuid;

mod keyed;
mod organizational;
mod outside;

/// More statements than any operation has.
const FAR: u64 = 100;

/// Into so many tests the operations are dealt, so that each ends in useful time.
const SHARDS: usize = 4;

#[tokio::test]
async fn a_writing_operation_that_fails_at_any_statement_leaves_the_database_as_it_was() {
    leaves_nothing(0).await;
}

#[tokio::test]
async fn a_writing_operation_that_fails_at_any_statement_leaves_the_database_as_it_was_second_part() {
    leaves_nothing(1).await;
}

#[tokio::test]
async fn a_writing_operation_that_fails_at_any_statement_leaves_the_database_as_it_was_third_part() {
    leaves_nothing(2).await;
}

#[tokio::test]
async fn a_writing_operation_that_fails_at_any_statement_leaves_the_database_as_it_was_last_part() {
    leaves_nothing(3).await;
}

async fn leaves_nothing(shard: usize) {
    let writing = Operation::ALL.iter().filter(|operation| operation.writes());
    for &operation in writing.skip(shard).step_by(SHARDS) {
        for_each_engine(|test| async move {
            let issuer = if outside::OPERATIONS.contains(&operation) {
                Some(LocalIssuer::start_at(test.clock.clone()).await)
            } else {
                None
            };
            let world = match &issuer {
                Some(issuer) => World::trusting(test, trusting(issuer)).await,
                None => World::new(test).await,
            };
            let owner = world.owner("owner").await;
            let prepared = Prepared::new(&world, &owner, operation, issuer).await;
            let before = world.test.dump().await;
            let rows = world.test.number(AUDIT_ROWS).await;
            for nth in 1..=FAR {
                world.test.db.faults().arm(nth);
                let outcome = prepared.run(&world, &owner, operation).await;
                world.test.db.faults().disarm();
                if outcome.is_ok() {
                    assert!(nth > 1, "{operation} wrote nothing");
                    assert_ne!(world.test.dump().await, before, "{operation} changed nothing");
                    // Usage is its own record (docs/adr/0007-usage-is-its-own-audit-record.md).
                    let expected = rows + i64::from(operation != Operation::IngestEvents);
                    let now = world.test.number(AUDIT_ROWS).await;
                    assert_eq!(now, expected, "{operation} leaves one row in the audit trail");
                    assert_eq!(
                        world.test.number(&rows_of(operation)).await,
                        i64::from(operation != Operation::IngestEvents) + prepared.rows_before,
                        "{operation} is what the row says"
                    );
                    return;
                }
                // Told as ours, so that the caller tries again and nobody is signed out for it.
                let told = outcome.err().map(|error| error.code());
                assert_eq!(told, Some("internal"), "statement {nth} of {operation}");
                let after = world.test.dump().await;
                if after != before {
                    // Only what calls a provider between two transactions keeps its intent.
                    assert_eq!(
                        operation,
                        Operation::StartCheckout,
                        "statement {nth} of {operation} left something"
                    );
                    mended(&world).await;
                    return;
                }
            }
            panic!("{operation} does not end");
        })
        .await;
    }
}

const AUDIT_ROWS: &str = "SELECT COUNT(*) FROM kernel_audit";

fn rows_of(operation: Operation) -> String {
    format!("{AUDIT_ROWS} WHERE operation = '{operation}'")
}

/// A checkout that broke off behind its first transaction is finished by reconciliation: the
/// payment is there once and knows its checkout.
async fn mended(world: &World) {
    world.test.clock.advance(std::time::Duration::from_secs(61));
    world.settle().await;
    let payments = "SELECT COUNT(*) FROM ledger_payment";
    assert_eq!(world.test.number(payments).await, 1);
    let open = "SELECT COUNT(*) FROM ledger_payment WHERE provider_session_id IS NULL";
    assert_eq!(world.test.number(open).await, 0, "the payment does not know its checkout");
}

/// What an operation needs to be there before it.
#[derive(Default)]
struct Prepared {
    issuer: Option<LocalIssuer>,
    key: Option<bursar_api_keys::CreatedKey>,
    code: String,
    webhook: Option<(String, Vec<u8>)>,
    event: String,
    /// What came by mail.
    token: String,
    /// A code of a second factor.
    totp: String,
    member: Option<MembershipId>,
    invite: Option<InviteId>,
    session: Option<SessionId>,
    /// Rows of the operation in the audit trail that preparing it has left.
    rows_before: i64,
}

const REDIRECT: &str = "http://127.0.0.1:4000/callback";

impl Prepared {
    async fn new(world: &World, owner: &Owner, operation: Operation, issuer: Option<LocalIssuer>) -> Self {
        let mut prepared = Self { issuer, ..Self::default() };
        if let Some(issuer) = &prepared.issuer {
            outside::prepare(world, issuer, operation).await;
        }
        match operation {
            Operation::IngestEvents => {
                prepared.key = Some(world.key(&owner.person).await);
            }
            Operation::RedeemCode => prepared.code = grant(world, owner).await.unwrap(),
            Operation::ReceiveProviderEvent => {
                let checkout = world.checkout(owner, 500).await;
                world.sandbox.pay(&checkout, GOOD_CARD).await.unwrap();
                prepared.webhook = Some(world.next_webhook().await);
            }
            Operation::SettleProviderEvent => {
                let checkout = world.checkout(owner, 500).await;
                world.sandbox.pay(&checkout, GOOD_CARD).await.unwrap();
                let (signature, body) = world.next_webhook().await;
                receive(world, &signature, &body).await.unwrap();
                let waiting = "SELECT payload FROM kernel_outbox WHERE topic = 'provider_event.received'";
                prepared.event = world.test.texts(waiting).await.remove(0);
            }
            _ if keyed::OPERATIONS.contains(&operation) => {
                keyed::prepare(&mut prepared, world, owner, operation).await;
            }
            _ if prepared.issuer.is_some() => {}
            _ => organizational::prepare(&mut prepared, world, owner, operation).await,
        }
        prepared.rows_before = world.test.number(&rows_of(operation)).await;
        prepared
    }

    async fn run(&self, world: &World, owner: &Owner, operation: Operation) -> Result<()> {
        let (core, actor, origin) = (&world.core, &owner.person.actor, &Origin::default());
        match operation {
            Operation::SignUp => {
                let command = SignUp {
                    email: EmailAddress::parse("new@example.com")?,
                    password: Secret::new(PASSWORD.to_owned()),
                    display_name: None,
                    organization: Some(OrganizationName::new("New")?),
                };
                sign_up(core, origin, command).await.map(drop)
            }
            Operation::SignIn => {
                let typed = SignIn {
                    email: owner.person.email.clone(),
                    password: Secret::new(PASSWORD.to_owned()),
                    code: None,
                };
                sign_in(core, origin, typed).await.map(drop)
            }
            Operation::RefreshSession => {
                refresh_session(core, origin, &owner.person.refresh_token).await.map(drop)
            }
            Operation::GrantCode => grant(world, owner).await.map(drop),
            Operation::RedeemCode => {
                let command = RedeemCode {
                    code: self.code.clone(),
                    redirect_uri: REDIRECT.to_owned(),
                    code_verifier: None,
                };
                redeem_code(core, origin, command).await.map(drop)
            }
            Operation::RotateSigningKey => rotate_signing_key(core).await.map(drop),
            Operation::SignOut => sign_out(core, actor, SignOut::Everywhere).await,
            Operation::AcceptTerms => accept_terms(core, actor).await.map(drop),
            Operation::SwitchAccount => switch_account(core, actor, None).await,
            Operation::CreateOrganization => {
                create_organization(core, actor, OrganizationName::new("Another")?).await.map(drop)
            }
            Operation::StartCheckout => {
                let command = StartCheckout {
                    account: Account::Organization(owner.organization),
                    purchase: CreditPurchase::new(500)?,
                    success_url: None,
                    cancel_url: None,
                    idempotency_key: Some("once".to_owned()),
                };
                start_checkout(core, actor, command).await.map(drop)
            }
            Operation::ReceiveProviderEvent => {
                let (signature, body) = self.webhook.as_ref().unwrap();
                receive(world, signature, body).await
            }
            Operation::SettleProviderEvent => {
                let message = Message {
                    id: OutboxId::from_uuid(Uuid::nil()),
                    topic: "provider_event.received".to_owned(),
                    account: None,
                    payload: self.event.clone(),
                    attempt: 1,
                    created_at: UnixTimestamp::from_micros(0),
                };
                ProviderEventSettlement::new(core.clone()).deliver(&message).await
            }
            Operation::IngestEvents => {
                let actor = world.key_actor(self.key.as_ref().unwrap()).await;
                let mut command = batch(&[inference(owner.organization, "1", "bursar/echo", (1_000, 500))]);
                command.idempotency = Some(("once".to_owned(), b"request".to_vec()));
                ingest_events(core, &actor, command).await.map(drop)
            }
            _ if keyed::OPERATIONS.contains(&operation) => keyed::run(self, world, owner, operation).await,
            _ if outside::OPERATIONS.contains(&operation) => {
                outside::run(world, self.issuer.as_ref().unwrap(), operation).await
            }
            _ if !operation.writes() => unreachable!("{operation} writes nothing"),
            _ => organizational::run(self, world, owner, operation).await,
        }
    }
}

async fn receive(world: &World, signature: &str, body: &[u8]) -> Result<()> {
    let headers = WebhookHeaders { signature: Some(signature.to_owned()) };
    receive_provider_event(&world.core, &headers, body).await
}

/// A code, by a click of the owner's in a browser.
async fn grant(world: &World, owner: &Owner) -> Result<String> {
    let mut clicker = owner.person.actor.clone();
    if let bursar_identity::Principal::Person { by, .. } = &mut clicker.principal {
        *by = bursar_identity::PersonCredential::Cookie;
    }
    let command = GrantCode { redirect_uri: REDIRECT.to_owned(), code_challenge: None };
    grant_code(&world.core, &clicker, command).await.map(|code| code.expose().clone())
}
