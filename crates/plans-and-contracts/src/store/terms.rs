//! Terms as they are written with a version, and read back years later: what stands here is read
//! for ever. A field that comes new needs a default.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    limits::{Limit, Limits, MemberLimit},
    terms::{PlanKind, PlanTerms},
};

/// All but the key and whether it is sold, which have columns of their own.
#[derive(Serialize, Deserialize)]
struct StoredTerms {
    name: String,
    description: String,
    kind: String,
    monthly_cents: Option<i64>,
    limits: Option<StoredLimits>,
    features: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredLimits {
    agents: StoredLimit,
    members: StoredLimit,
    workspaces: StoredLimit,
    rows_per_workspace: StoredLimit,
    api_calls: StoredLimit,
    webhook_deliveries: StoredLimit,
    messages: StoredLimit,
    logs_per_month: StoredLimit,
    log_retention_days: StoredLimit,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredLimit {
    Unlimited,
    AtMost(u64),
    /// Of members only.
    Seats,
}

/// The JSON text of terms: the same terms have the same text.
pub(super) fn to_text(terms: &PlanTerms) -> serde_json::Result<String> {
    serde_json::to_string(&StoredTerms {
        name: terms.name.clone(),
        description: terms.description.clone(),
        kind: terms.kind.as_str().to_owned(),
        monthly_cents: terms.monthly_cents,
        limits: terms.limits.as_ref().map(stored),
        features: terms.features.clone(),
    })
}

/// The terms behind a text, or what is wrong with it.
pub(super) fn from_text(key: &str, is_active: bool, text: &str) -> Result<PlanTerms, String> {
    let stored: StoredTerms = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(PlanTerms {
        key: key.to_owned(),
        name: stored.name,
        description: stored.description,
        kind: PlanKind::parse(&stored.kind).ok_or_else(|| format!("no kind `{}`", stored.kind))?,
        monthly_cents: stored.monthly_cents,
        limits: stored.limits.as_ref().map(limits).transpose()?,
        features: stored.features,
        is_active,
    })
}

/// What tells the content of two versions apart.
pub(super) fn hash(text: &str, price_cents: i64) -> String {
    let digest = Sha256::new().chain_update(price_cents.to_be_bytes()).chain_update(text).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn stored(limits: &Limits) -> StoredLimits {
    let limit = |limit: Limit| match limit {
        Limit::Unlimited => StoredLimit::Unlimited,
        Limit::AtMost(most) => StoredLimit::AtMost(most),
    };
    StoredLimits {
        agents: limit(limits.agents),
        members: match limits.members {
            MemberLimit::Unlimited => StoredLimit::Unlimited,
            MemberLimit::AtMost(most) => StoredLimit::AtMost(most),
            MemberLimit::Seats => StoredLimit::Seats,
        },
        workspaces: limit(limits.workspaces),
        rows_per_workspace: limit(limits.rows_per_workspace),
        api_calls: limit(limits.api_calls),
        webhook_deliveries: limit(limits.webhook_deliveries),
        messages: limit(limits.messages),
        logs_per_month: limit(limits.logs_per_month),
        log_retention_days: limit(limits.log_retention_days),
    }
}

fn limits(stored: &StoredLimits) -> Result<Limits, String> {
    let limit = |limit: &StoredLimit| match limit {
        StoredLimit::Unlimited => Ok(Limit::Unlimited),
        StoredLimit::AtMost(most) => Ok(Limit::AtMost(*most)),
        StoredLimit::Seats => Err("only members go by seats".to_owned()),
    };
    Ok(Limits {
        agents: limit(&stored.agents)?,
        members: match stored.members {
            StoredLimit::Unlimited => MemberLimit::Unlimited,
            StoredLimit::AtMost(most) => MemberLimit::AtMost(most),
            StoredLimit::Seats => MemberLimit::Seats,
        },
        workspaces: limit(&stored.workspaces)?,
        rows_per_workspace: limit(&stored.rows_per_workspace)?,
        api_calls: limit(&stored.api_calls)?,
        webhook_deliveries: limit(&stored.webhook_deliveries)?,
        messages: limit(&stored.messages)?,
        logs_per_month: limit(&stored.logs_per_month)?,
        log_retention_days: limit(&stored.log_retention_days)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    /// What is in databases by now.
    const OF_THE_FIRST_RELEASE: &str = r#"{"name":"Team","description":"For teams","kind":"per_seat","monthly_cents":2000,"limits":{"agents":{"at_most":10},"members":"seats","workspaces":"unlimited","rows_per_workspace":{"at_most":1},"api_calls":{"at_most":2},"webhook_deliveries":{"at_most":3},"messages":{"at_most":4},"logs_per_month":{"at_most":5},"log_retention_days":{"at_most":6}},"features":["sso"]}"#;

    #[test]
    fn what_was_written_by_the_first_release_is_read_for_ever_and_written_alike() {
        let terms = from_text("team", true, OF_THE_FIRST_RELEASE).unwrap();
        assert_eq!((terms.key.as_str(), terms.kind, terms.is_active), ("team", PlanKind::PerSeat, true));
        let limits = terms.limits.as_ref().unwrap();
        assert_eq!((limits.agents, limits.members), (Limit::AtMost(10), MemberLimit::Seats));
        assert_eq!((limits.workspaces, limits.log_retention_days), (Limit::Unlimited, Limit::AtMost(6)));
        assert_eq!(to_text(&terms).unwrap(), OF_THE_FIRST_RELEASE, "else every start would be a new version");
        assert_eq!(
            hash(OF_THE_FIRST_RELEASE, 2_000),
            "c39576a741c66e25202a5632740b5bef2e4c9f1e746ed01dc476ff3ce8f6bbdd",
            "SHA-256 of the price in 8 bytes and the text"
        );
    }

    #[test]
    fn a_text_that_is_no_terms_says_why() {
        for (from, to, word) in [
            ("per_seat", "guess", "guess"),
            ("{\"at_most\":10}", "\"seats\"", "seats"),
            ("sso\"]", "", "EOF"),
        ] {
            let text = OF_THE_FIRST_RELEASE.replace(from, to);
            assert!(from_text("team", true, &text).unwrap_err().contains(word), "{text}");
        }
    }

    fn limit() -> impl Strategy<Value = Limit> {
        proptest::option::of(0..=u64::MAX).prop_map(|most| most.map_or(Limit::Unlimited, Limit::AtMost))
    }

    fn member_limit() -> impl Strategy<Value = MemberLimit> {
        prop_oneof![
            Just(MemberLimit::Unlimited),
            Just(MemberLimit::Seats),
            (0..=u64::MAX).prop_map(MemberLimit::AtMost)
        ]
    }

    prop_compose! {
        fn some_limits()(of in proptest::array::uniform8(limit()), members in member_limit()) -> Limits {
            let [agents, workspaces, rows_per_workspace, api_calls, webhook_deliveries, messages, ..] = of;
            let [.., logs_per_month, log_retention_days] = of;
            Limits {
                agents, members, workspaces, rows_per_workspace, api_calls, webhook_deliveries, messages,
                logs_per_month, log_retention_days,
            }
        }
    }

    proptest! {
        #[test]
        fn terms_come_back_from_their_text(
            (name, description) in (".*", ".*"),
            kind in select(PlanKind::ALL),
            monthly_cents: Option<i64>,
            limits in proptest::option::of(some_limits()),
            features in proptest::collection::vec("[a-z_]{1,8}", 0..4),
            is_active: bool,
        ) {
            let key = "a_key".to_owned();
            let terms =
                PlanTerms { key, name, description, kind, monthly_cents, limits, features, is_active };
            let text = to_text(&terms).unwrap();
            prop_assert_eq!(from_text("a_key", is_active, &text).unwrap(), terms);
        }
    }
}
