use bursar_identity::{
    Actor, Enrolment, FactorCheck, FactorState,
    error::{SECOND_FACTOR_OFF, WRONG_CODE},
};
use bursar_kernel::{Account, DomainError, Result, Secret, UserId};
use bursar_notifications::Letter;
use serde_json::json;

use super::password::addressed;
use crate::{
    audited::Audited,
    authorize::{admit, recently_proved},
    core::Core,
    error,
    operation::Operation,
};

/// Whether the caller signs in with a second factor.
///
/// # Errors
/// `forbidden` for anyone but a person.
pub async fn read_second_factor(core: &Core, actor: &Actor) -> Result<FactorState> {
    admit(actor, Operation::ReadSecondFactor)?;
    core.second_factors.state(core.db.reader(), person(actor)?).await
}

/// Begins to set up a second factor: it is asked for once a first code has shown that the person's
/// device makes the right ones.
///
/// # Errors
/// `second_factor_on`; `recent_sign_in_required`.
pub async fn begin_second_factor(core: &Core, actor: &Actor) -> Result<Enrolment> {
    admit(actor, Operation::BeginSecondFactor)?;
    recently_proved(core, actor)?;
    let user = person(actor)?;
    let mut tx = core.db.begin().await?;
    let known = core.users.by_id(tx.reader(), user).await?;
    let known = known.ok_or_else(|| DomainError::from(&error::NOT_AUTHENTICATED))?;
    let enrolment =
        core.second_factors.begin(&mut tx, user, &core.product_name, known.email.as_str()).await?;
    audit(actor, &mut tx, Operation::BeginSecondFactor, user).await?;
    tx.commit().await?;
    Ok(enrolment)
}

/// Turns the second factor on by its first code, and answers the recovery codes. Every other
/// session ends: each was opened without it.
///
/// # Errors
/// `wrong_code`; `second_factor_off` when none was begun; `too_many_tries`; `session_required`.
pub async fn confirm_second_factor(core: &Core, actor: &Actor, code: &str) -> Result<Vec<Secret<String>>> {
    admit(actor, Operation::ConfirmSecondFactor)?;
    let bursar_identity::Principal::Person { user, session: Some(session), .. } = actor.principal else {
        return Err(DomainError::from(&error::SESSION_REQUIRED));
    };
    core.sign_in_limits.check_code(user)?;
    let mut tx = core.db.begin().await?;
    if core.second_factors.state(tx.reader(), user).await? == FactorState::Off {
        return Err(DomainError::from(&SECOND_FACTOR_OFF));
    }
    let codes = core.second_factors.confirm(&mut tx, user, code).await?;
    let codes = codes.ok_or_else(|| DomainError::from(&WRONG_CODE).param("field", "code"))?;
    core.sessions.end_others(&mut tx, user, session).await?;
    core.authorization_codes.forget(&mut tx, user).await?;
    tell(core, &mut tx, user, true).await?;
    audit(actor, &mut tx, Operation::ConfirmSecondFactor, user).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Makes new recovery codes; the old ones are good for nothing.
///
/// # Errors
/// `second_factor_off`; `recent_sign_in_required`.
pub async fn renew_recovery_codes(core: &Core, actor: &Actor) -> Result<Vec<Secret<String>>> {
    admit(actor, Operation::RenewRecoveryCodes)?;
    recently_proved(core, actor)?;
    let user = person(actor)?;
    let mut tx = core.db.begin().await?;
    let codes = core.second_factors.renew_recovery_codes(&mut tx, user).await?;
    let codes = codes.ok_or_else(|| DomainError::from(&SECOND_FACTOR_OFF))?;
    audit(actor, &mut tx, Operation::RenewRecoveryCodes, user).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Turns the second factor off, by a code of it.
///
/// # Errors
/// `wrong_code`; `second_factor_off`; `recent_sign_in_required`; `too_many_tries`.
pub async fn remove_second_factor(core: &Core, actor: &Actor, code: &str) -> Result<()> {
    admit(actor, Operation::RemoveSecondFactor)?;
    recently_proved(core, actor)?;
    let user = person(actor)?;
    core.sign_in_limits.check_code(user)?;
    let mut tx = core.db.begin().await?;
    match core.second_factors.check(&mut tx, user, code).await? {
        FactorCheck::Right | FactorCheck::RightByRecoveryCode => {}
        FactorCheck::Off => return Err(DomainError::from(&SECOND_FACTOR_OFF)),
        FactorCheck::Wrong => return Err(DomainError::from(&WRONG_CODE).param("field", "code")),
    }
    core.second_factors.remove(&mut tx, user).await?;
    tell(core, &mut tx, user, false).await?;
    audit(actor, &mut tx, Operation::RemoveSecondFactor, user).await?;
    tx.commit().await
}

fn person(actor: &Actor) -> Result<UserId> {
    actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))
}

async fn tell(core: &Core, tx: &mut bursar_kernel::Tx, user: UserId, is_on: bool) -> Result<()> {
    let Some(person) = core.users.by_id(tx.reader(), user).await? else { return Ok(()) };
    let letter = Letter::SecondFactorChanged { is_on };
    core.mail.send(tx, Some(Account::Personal(user).id()), &addressed(&person, letter)).await
}

async fn audit(actor: &Actor, tx: &mut bursar_kernel::Tx, operation: Operation, user: UserId) -> Result<()> {
    let after = json!({ "secondFactor": operation.as_str() }).to_string();
    Audited::by(actor).write(tx, operation, Account::Personal(user).id(), user, Some(after)).await
}
