use std::net::IpAddr;

use bursar_kernel::{Account, AuditActor, UnixTimestamp, UserId};
use uuid::Uuid;

use crate::session::SessionId;

/// Who calls, always with the account that is acted on.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub principal: Principal,
    /// On whose money and usage.
    pub account: Account,
    /// From where.
    pub ip: Option<IpAddr>,
    /// In which request.
    pub request_id: Option<String>,
}

/// Every kind of caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Somebody who signed in.
    Person {
        /// Who.
        user: UserId,
        /// In which session; none with a token of an outside issuer, which keeps its own.
        session: Option<SessionId>,
        /// When the session was opened, or the issuer made the token.
        signed_in_at: UnixTimestamp,
        /// When the person last proved itself in it: what is dangerous asks for a recent proof.
        proved_at: UnixTimestamp,
        /// What was shown.
        by: PersonCredential,
    },
    /// A program that a person allowed to act in its name.
    Agent {
        /// Which.
        agent: Uuid,
        /// Whose.
        user: UserId,
        /// What it may do.
        scopes: Vec<String>,
    },
    /// A person's API key: it acts as that person on one account.
    Key {
        /// Which.
        key: Uuid,
        /// Whose.
        user: UserId,
        /// What it may do.
        scopes: Vec<String>,
    },
    /// An organization's own key, which is nobody's.
    OrganizationKey {
        /// Which.
        key: Uuid,
        /// What it may do.
        scopes: Vec<String>,
    },
    /// The product that reports to this deployment.
    Service {
        /// Which key it showed.
        key: Uuid,
        /// What it may do.
        scopes: Vec<String>,
    },
    /// Who runs the deployment.
    Operator {
        /// The person, unless it was the operator token.
        user: Option<UserId>,
    },
}

/// What a person showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonCredential {
    /// A browser's session cookie: a click of one's own.
    Cookie,
    /// An access token.
    Token,
    /// A token of an outside issuer.
    External,
}

impl Actor {
    /// The person who acts or in whose name is acted.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match &self.principal {
            Principal::Person { user, .. } | Principal::Agent { user, .. } | Principal::Key { user, .. } => {
                Some(*user)
            }
            Principal::Operator { user } => *user,
            Principal::OrganizationKey { .. } | Principal::Service { .. } => None,
        }
    }

    /// How the audit trail names the caller: the credential that acted, not whose it is.
    #[must_use]
    pub fn audit(&self) -> AuditActor {
        let (kind, id) = match &self.principal {
            Principal::Person { user, .. } => ("person", Some(user.uuid())),
            Principal::Agent { agent, .. } => ("agent", Some(*agent)),
            Principal::Key { key, .. } | Principal::OrganizationKey { key, .. } => ("key", Some(*key)),
            Principal::Service { key, .. } => ("service", Some(*key)),
            Principal::Operator { user } => ("operator", user.map(UserId::uuid)),
        };
        AuditActor { kind, id }
    }

    /// Whether somebody who signed in acts, rather than anything that stands in for them.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        matches!(self.principal, Principal::Person { .. })
    }

    /// Whether the credential covers a scope. Scopes only narrow keys and programs: people and
    /// operators hold every one.
    #[must_use]
    pub fn holds(&self, scope: &str) -> bool {
        match &self.principal {
            Principal::Person { .. } | Principal::Operator { .. } => true,
            Principal::Agent { scopes, .. }
            | Principal::Key { scopes, .. }
            | Principal::OrganizationKey { scopes, .. }
            | Principal::Service { scopes, .. } => scopes.iter().any(|held| held == scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(principal: Principal) -> Actor {
        let account = Account::Personal(UserId::from_uuid(Uuid::from_u128(1)));
        Actor { principal, account, ip: None, request_id: None }
    }

    fn every_principal() -> [Principal; 6] {
        let (user, key) = (UserId::from_uuid(Uuid::from_u128(1)), Uuid::from_u128(2));
        let scopes = vec!["read".to_owned()];
        [
            Principal::Person {
                user,
                session: Some(SessionId::from_uuid(Uuid::from_u128(3))),
                signed_in_at: UnixTimestamp::default(),
                proved_at: UnixTimestamp::default(),
                by: PersonCredential::Cookie,
            },
            Principal::Operator { user: Some(user) },
            Principal::Agent { agent: key, user, scopes: scopes.clone() },
            Principal::Key { key, user, scopes: scopes.clone() },
            Principal::OrganizationKey { key, scopes: scopes.clone() },
            Principal::Service { key, scopes },
        ]
    }

    #[test]
    fn scopes_narrow_everything_that_is_not_a_human_being() {
        for (index, principal) in every_principal().into_iter().enumerate() {
            let actor = actor(principal);
            assert!(actor.holds("read"));
            assert_eq!(actor.holds("billing:write"), index < 2, "{actor:?}");
            assert!(!actor.holds("rea") || index < 2, "a part of a scope is none");
        }
    }

    #[test]
    fn the_audit_trail_names_the_credential_that_acted() {
        let named = every_principal().map(|principal| {
            let actor = actor(principal);
            (actor.audit().kind, actor.audit().id.map(|id| id.as_u128()), actor.user().is_some())
        });
        assert_eq!(
            named,
            [
                ("person", Some(1), true),
                ("operator", Some(1), true),
                ("agent", Some(2), true),
                ("key", Some(2), true),
                ("key", Some(2), false),
                ("service", Some(2), false),
            ]
        );
    }

    #[test]
    fn only_somebody_who_signed_in_is_a_person() {
        let people = every_principal().map(|principal| actor(principal).is_person());
        assert_eq!(people, [true, false, false, false, false, false]);
    }
}
