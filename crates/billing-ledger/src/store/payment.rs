use bursar_kernel::{
    Account, AccountId, Amount, DomainError, OrganizationId, Page, Position, Reader, Result, Slice, Tx,
    UnixTimestamp, UserId,
};
use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, Select, entity::prelude::*, sea_query::Expr,
};

use crate::{
    card::CardSummary,
    payment::{
        CURRENCY, NewPayment, Payment, PaymentId, PaymentKind, PaymentOutcome, PaymentStatus, Payments,
    },
    provider::ProviderName,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_payment")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PaymentId,
    /// Whether the account is an organization's.
    pub(crate) for_organization: bool,
    pub(crate) creator_id: UserId,
    pub(crate) kind: PaymentKind,
    pub(crate) status: PaymentStatus,
    pub(crate) amount_cents: i64,
    pub(crate) currency: String,
    pub(crate) credits: Amount,
    pub(crate) provider: ProviderName,
    pub(crate) provider_session_id: Option<String>,
    pub(crate) provider_payment_id: Option<String>,
    pub(crate) receipt_url: Option<String>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) card_brand: Option<String>,
    pub(crate) card_last4: Option<String>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) paid_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Payment {
    fn from(row: Model) -> Self {
        let account = if row.for_organization {
            Account::Organization(OrganizationId::from_uuid(row.account_id.uuid()))
        } else {
            Account::Personal(UserId::from_uuid(row.account_id.uuid()))
        };
        Self {
            id: row.id,
            account,
            creator: row.creator_id,
            kind: row.kind,
            status: row.status,
            amount_cents: row.amount_cents,
            currency: row.currency,
            credits: row.credits,
            provider: row.provider,
            provider_session_id: row.provider_session_id,
            provider_payment_id: row.provider_payment_id,
            receipt_url: row.receipt_url,
            failure_reason: row.failure_reason,
            card: row.card_brand.zip(row.card_last4).map(|(brand, last4)| CardSummary { brand, last4 }),
            created_at: row.created_at,
            paid_at: row.paid_at,
        }
    }
}

/// Payments in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaPayments;

#[async_trait::async_trait]
impl Payments for SeaPayments {
    async fn create(&self, tx: &mut Tx, payment: NewPayment) -> Result<Payment> {
        let row = Model {
            account_id: payment.account.id(),
            id: PaymentId::from_uuid(tx.id()),
            for_organization: payment.account.organization().is_some(),
            creator_id: payment.creator,
            kind: payment.kind,
            status: PaymentStatus::Pending,
            amount_cents: payment.purchase.amount_cents(),
            currency: CURRENCY.to_owned(),
            credits: payment.purchase.credits(),
            provider: payment.provider,
            provider_session_id: None,
            provider_payment_id: None,
            receipt_url: None,
            failure_reason: None,
            card_brand: None,
            card_last4: None,
            created_at: tx.now(),
            paid_at: None,
        };
        let insert = Entity::insert(ActiveModel::from(row.clone()).reset_all());
        insert.exec_without_returning(&tx.conn()).await?;
        Ok(row.into())
    }

    async fn session(
        &self,
        tx: &mut Tx,
        account: AccountId,
        payment: PaymentId,
        session_id: &str,
    ) -> Result<()> {
        let no_other = Condition::any()
            .add(Column::ProviderSessionId.is_null())
            .add(Column::ProviderSessionId.eq(session_id));
        let updated = Entity::update_many()
            .col_expr(Column::ProviderSessionId, Expr::value(session_id))
            .filter(Column::AccountId.eq(account))
            .filter(Column::Id.eq(payment))
            .filter(no_other)
            .exec(&tx.conn())
            .await?;
        if updated.rows_affected == 1 {
            Ok(())
        } else {
            Err(DomainError::internal(format!("{payment} is not there or has another session")))
        }
    }

    async fn by_id(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        payment: PaymentId,
    ) -> Result<Option<Payment>> {
        Ok(scoped(account).filter(Column::Id.eq(payment)).one(reader.conn()).await?.map(Payment::from))
    }

    async fn by_reference(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        reference: &str,
    ) -> Result<Option<Payment>> {
        if let Ok(ours) = reference.parse() {
            return self.by_id(reader, account, ours).await;
        }
        let named = Condition::any()
            .add(Column::ProviderPaymentId.eq(reference))
            .add(Column::ProviderSessionId.eq(reference));
        Ok(scoped(account).filter(named).one(reader.conn()).await?.map(Payment::from))
    }

    async fn paid(&self, reader: Reader<'_>, account: AccountId, page: Page) -> Result<Slice<Payment>> {
        let mut paid = scoped(account)
            .filter(Column::PaidAt.is_not_null())
            .order_by_desc(Column::PaidAt)
            .order_by_desc(Column::Id)
            .limit(page.fetch_limit());
        if let Some(Position { at, id }) = page.after() {
            let same_instant = Condition::all().add(Column::PaidAt.eq(at)).add(Column::Id.lt(id));
            paid = paid.filter(Condition::any().add(Column::PaidAt.lt(at)).add(same_instant));
        }
        let rows = paid.all(reader.conn()).await?;
        let position =
            |row: &Model| Position { at: row.paid_at.unwrap_or(row.created_at), id: row.id.uuid() };
        Ok(page.slice(rows, position).map(Payment::from))
    }

    async fn lock_by_session(
        &self,
        tx: &mut Tx,
        provider: ProviderName,
        session_id: &str,
    ) -> Result<Option<Payment>> {
        Ok(by_session(provider, session_id).lock_exclusive().one(&tx.conn()).await?.map(Payment::from))
    }

    async fn settle(
        &self,
        tx: &mut Tx,
        payment: &Payment,
        outcome: PaymentOutcome,
    ) -> Result<Option<Payment>> {
        let status = outcome.status();
        let mut settled = Payment { status, failure_reason: None, ..payment.clone() };
        match outcome {
            PaymentOutcome::Succeeded { provider_payment_id, card, receipt_url } => {
                settled.provider_payment_id = Some(provider_payment_id);
                settled.card = card;
                settled.receipt_url = receipt_url;
                settled.paid_at = Some(tx.now());
            }
            PaymentOutcome::Failed { reason } => settled.failure_reason = Some(reason),
            PaymentOutcome::Canceled => {}
        }
        let update = ActiveModel {
            status: Set(status),
            provider_payment_id: Set(settled.provider_payment_id.clone()),
            receipt_url: Set(settled.receipt_url.clone()),
            failure_reason: Set(settled.failure_reason.clone()),
            card_brand: Set(settled.card.as_ref().map(|card| card.brand.clone())),
            card_last4: Set(settled.card.as_ref().map(|card| card.last4.clone())),
            paid_at: Set(settled.paid_at),
            ..Default::default()
        };
        // The guard stands in the statement: it holds even for a payment that was not locked.
        let updated = Entity::update_many()
            .set(update)
            .filter(Column::AccountId.eq(payment.account.id()))
            .filter(Column::Id.eq(payment.id))
            .filter(Column::Status.is_in(status.reached_from().iter().copied()))
            .exec(&tx.conn())
            .await?;
        Ok((updated.rows_affected == 1).then_some(settled))
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}

#[expect(clippy::disallowed_methods, reason = "a webhook names a session and no account")]
fn by_session(provider: ProviderName, session_id: &str) -> Select<Entity> {
    Entity::find().filter(Column::Provider.eq(provider)).filter(Column::ProviderSessionId.eq(session_id))
}
