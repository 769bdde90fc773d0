use bursar_identity::{
    Actor, CodeRedemption, NewAuthorizationCode, NewSession, PersonLock, Principal, SessionKind,
};
use bursar_kernel::{Account, DomainError, Result, Secret};

use crate::{
    audited::Audited,
    authenticate::Origin,
    authorize::{admit, lock_person},
    core::Core,
    error,
    operation::Operation,
    people::sign_in::{SignedIn, opened_by, tokens},
};

/// A client that a person lets in.
pub struct GrantCode {
    /// Where the code goes.
    pub redirect_uri: String,
    /// The client's PKCE challenge (S256), if it made one.
    pub code_challenge: Option<String>,
}

/// A code to exchange.
pub struct RedeemCode {
    /// The code.
    pub code: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What the challenge was made of.
    pub code_verifier: Option<String>,
}

/// Makes a code that lets a client in as the caller. It is a person's own click: only a cookie
/// session grants it.
///
/// # Errors
/// `forbidden` for a token and for anyone but a person.
pub async fn grant_code(core: &Core, actor: &Actor, command: GrantCode) -> Result<Secret<String>> {
    admit(actor, Operation::GrantCode)?;
    let Principal::Person { user, proved_at, by: bursar_identity::PersonCredential::Cookie, .. } =
        actor.principal
    else {
        return Err(DomainError::from(&error::FORBIDDEN));
    };
    let mut tx = core.db.begin().await?;
    let after = serde_json::json!({ "redirectUri": command.redirect_uri }).to_string();
    let new = NewAuthorizationCode {
        user,
        redirect_uri: command.redirect_uri,
        code_challenge: command.code_challenge,
        proved_at,
    };
    let code = core.authorization_codes.issue(&mut tx, new).await?;
    Audited::by(actor)
        .write(&mut tx, Operation::GrantCode, Account::Personal(user).id(), user, Some(after))
        .await?;
    tx.commit().await?;
    Ok(code)
}

/// Exchanges a code for a session of its own. A code is good once, also when it is exchanged
/// wrongly.
///
/// # Errors
/// `invalid_code`.
pub async fn redeem_code(core: &Core, origin: &Origin, command: RedeemCode) -> Result<SignedIn> {
    let invalid = || DomainError::from(&error::INVALID_CODE);
    let mut tx = core.db.begin().await?;
    // Before the code: whoever suspends or deletes the person does it in this order too, and waits.
    if let Some(holder) = core.authorization_codes.holder(tx.reader(), &command.code).await? {
        let holder = lock_person(core, &mut tx, holder, PersonLock::Changes, &error::INVALID_CODE).await?;
        if holder.suspended_at.is_some() {
            return Err(invalid());
        }
    }
    let verifier = command.code_verifier.as_deref();
    match core.authorization_codes.redeem(&mut tx, &command.code, &command.redirect_uri, verifier).await? {
        CodeRedemption::Granted { user, proved_at } => {
            let user = core.users.by_id(tx.reader(), user).await?.ok_or_else(invalid)?;
            let opened = core
                .sessions
                .open(
                    &mut tx,
                    // What is dangerous asks the client as it would ask the browser.
                    NewSession {
                        proved_at: Some(proved_at),
                        ..opened_by(origin, user.id, SessionKind::Token)
                    },
                )
                .await?;
            let refresh_token = core.refresh_tokens.issue(&mut tx, &opened.session).await?;
            Audited::person(user.id, origin)
                .write(
                    &mut tx,
                    Operation::RedeemCode,
                    Account::Personal(user.id).id(),
                    opened.session.id,
                    None,
                )
                .await?;
            let signed_in = tokens(core, tx.reader(), user, opened.session, refresh_token).await?;
            tx.commit().await?;
            Ok(signed_in)
        }
        CodeRedemption::Refused => {
            tx.commit().await?;
            Err(invalid())
        }
        CodeRedemption::Unknown => Err(invalid()),
    }
}
