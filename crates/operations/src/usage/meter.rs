use bursar_identity::{Actor, Principal};
use bursar_kernel::Result;
use bursar_usage_metering::{MeterQuery, Reading, Subject, Window};

use crate::{
    authorize::{admit, on_account},
    core::Core,
    operation::Operation,
};

/// A question to a meter.
pub struct QueryMeter {
    /// Which meter.
    pub meter: String,
    /// Whose usage: the caller's account when it does not say.
    pub subject: Option<Subject>,
    /// From this instant on.
    pub from: bursar_kernel::UnixTimestamp,
    /// Up to, and without, this one.
    pub to: bursar_kernel::UnixTimestamp,
    /// How wide each answer is.
    pub window: Window,
    /// By what it is split.
    pub group_by: Vec<String>,
}

/// What a meter shows, window by window.
///
/// # Errors
/// `meter_unknown`; what the account's rules refuse; `invalid_field` for a question that is too
/// wide.
pub async fn query_meter(core: &Core, actor: &Actor, question: QueryMeter) -> Result<Vec<Reading>> {
    let reader = core.db.reader();
    let (account, detail) = match question.subject {
        Some(subject) => (subject.account, subject.detail),
        None => (actor.account, None),
    };
    let account = match actor.principal {
        // A service reads the meters of every account.
        Principal::Service { .. } => {
            admit(actor, Operation::QueryMeter)?;
            account
        }
        _ => on_account(core, reader, actor, Operation::QueryMeter, account).await?,
    };
    let query = MeterQuery {
        account,
        subject_detail: detail,
        meter: question.meter,
        from: question.from,
        to: question.to,
        window: question.window,
        group_by: question.group_by,
    };
    core.meter_readings.query(reader, query).await
}
