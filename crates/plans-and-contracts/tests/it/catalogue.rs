use bursar_kernel::ErrorKind;
use bursar_plans_and_contracts::{Catalogue, Interval, Limit, Limits, MemberLimit, PlanKind, PlanTerms};
use proptest::prelude::*;

use crate::world::{CATALOGUE, with};

const SHIPPED: &str = include_str!("../../../../gateway/catalogue/plans.toml");
/// What stands for no limit, as in the file.
const NONE: i64 = -1;

/// What a fault says must be where and what it is.
fn assert_fault(text: &str, line: usize, word: &str) {
    let fault = Catalogue::parse(text).unwrap_err();
    let rule = fault.get("rule").unwrap();
    assert_eq!(fault.to_string(), format!("plans.toml line {line}: {rule}"));
    assert!(rule.contains(word), "{fault} says nothing of {word}");
    assert_eq!((fault.kind(), fault.get("line")), (ErrorKind::Internal, Some(line.to_string().as_str())));
}

#[test]
fn a_fault_names_its_line_and_the_rule() {
    for (from, to, line, word) in [
        ("key = \"team\"", "key = \"Team\"", 21, "a-z"),
        ("key = \"team\"", "key = \"2nd\"", 21, "a-z"),
        ("key = \"team\"", "key = \"team_\"", 21, "a-z"),
        ("key = \"team\"", "key = \"\"", 21, "a-z"),
        ("key = \"pass\"", "key = \"team\"", 40, "a plan `team` already"),
        ("name = \"Team\"", "name = \" \"", 22, "a name"),
        ("description = \"For teams\"", "description = \"\"", 23, "a description"),
        ("description = \"For teams\"\n", "", 20, "description"),
        ("kind = \"individual\"", "kind = \"guess\"", 43, "guess"),
        ("features = []\n", "features = []\ncolour = 1\n", 46, "colour"),
        ("features = []\n", "", 39, "features"),
        ("[\"sso\", \"webhooks\"]", "[\n  \"sso\",\n  \"Web hooks\",\n]", 28, "Web hooks"),
        ("[\"sso\", \"webhooks\"]", "[\"sso\", \"sso\"]", 26, "`sso` stands twice"),
        ("[[plan]]\nkey = \"team\"", "[[plan]\nkey = \"team\"", 20, ""),
    ] {
        assert_fault(&CATALOGUE.replacen(from, to, 1), line, word);
    }
    assert_fault("# ours\n[[plans]]\nkey = \"free\"\n", 2, "plans");
}

#[test]
fn a_faulty_price_names_its_line() {
    for (from, to, line, word) in [
        ("monthly_cents = 2_000", "monthly_cents = -1", 25, "`-1` is not a price"),
        ("monthly_cents = 2_000", "monthly_cents = 100_000_001", 25, "`100000001` is not a price"),
        ("monthly_cents = 2_000", "monthly_cents = 20.5", 25, "float"),
        ("monthly_cents = 2_000\n", "", 24, "a per_seat plan needs monthly_cents"),
        (
            "kind = \"contract\"\n",
            "kind = \"contract\"\nmonthly_cents = 0\n",
            52,
            "a contract says its own price",
        ),
        ("monthly_cents = 0", "monthly_cents = 1", 6, "`free` costs 0"),
        ("kind = \"flat\"", "kind = \"contract\"", 5, "`free` is flat"),
    ] {
        assert_fault(&CATALOGUE.replacen(from, to, 1), line, word);
    }
}

#[test]
fn a_faulty_limit_names_its_line() {
    for (from, to, line, word) in [
        ("agents = 10\n", "agents = -2\n", 29, "`-2` is no limit"),
        ("agents = 10\n", "agents = \"many\"\n", 29, "i64"),
        ("agents = 10\n", "agents = 10\ncolour = 1\n", 30, "colour"),
        ("messages = 25_000\n", "", 28, "messages"),
        ("members = 3\n", "members = -2\n", 11, "`-2` is no limit"),
        ("members = 3\n", "members = \"many\"\n", 11, "a whole number"),
        ("members = 3\n", "members = 3.5\n", 11, "a whole number"),
        ("members = 3\n", "members = \"seats\"\n", 11, "a flat plan sells no seats"),
        ("members = \"seats\"", "members = 5", 30, "as many members as `seats`"),
        ("kind = \"per_seat\"", "kind = \"individual\"", 28, "an individual plan has no limits"),
        ("kind = \"individual\"", "kind = \"flat\"", 43, "a flat plan needs limits"),
    ] {
        assert_fault(&CATALOGUE.replacen(from, to, 1), line, word);
    }
}

#[test]
fn there_is_always_a_free_plan() {
    for text in ["", "# nothing\n", &CATALOGUE.replacen("key = \"free\"", "key = \"gratis\"", 1)] {
        assert_fault(text, 1, "a plan `free`");
    }
}

#[test]
fn plans_are_active_unless_the_file_says_otherwise() {
    let catalogue = with("key = \"team\"\n", "key = \"team\"\nactive = false\n");
    for plan in catalogue.plans() {
        assert_eq!(plan.is_active, plan.key != "team", "{}", plan.key);
    }
    assert_eq!(catalogue.plan("teams"), None);
}

proptest! {
    #[test]
    fn whatever_is_written_over_a_catalogue_it_is_read_or_refused_by_a_line_of_it(
        start in 0..CATALOGUE.len(),
        length in 0..40_usize,
        text in "[-a-z0-9_=\\[\\]\"\n .é]{0,20}",
    ) {
        let end = (start + length).min(CATALOGUE.len());
        let edited = format!("{}{text}{}", &CATALOGUE[..start], &CATALOGUE[end..]);
        match Catalogue::parse(&edited) {
            Ok(catalogue) => prop_assert!(catalogue.plan("free").is_some()),
            Err(fault) => {
                let line: usize = fault.get("line").unwrap().parse().unwrap();
                prop_assert!((1..=edited.lines().count() + 1).contains(&line), "{fault}");
            }
        }
    }
}

fn limit(number: i64) -> Limit {
    u64::try_from(number).map_or(Limit::Unlimited, Limit::AtMost)
}

fn limits(of: [i64; 9], members: MemberLimit) -> Limits {
    let [agents, _, workspaces, rows_per_workspace, api_calls, webhook_deliveries, messages, logs, days] =
        of.map(limit);
    Limits {
        agents,
        members,
        workspaces,
        rows_per_workspace,
        api_calls,
        webhook_deliveries,
        messages,
        logs_per_month: logs,
        log_retention_days: days,
    }
}

#[test]
fn the_shipped_plans_are_those_of_the_price_list() {
    let list = [
        ("free", Some(0), [3, 3, 20, 500, 10_000, 1_000, 1_000, 1_000, 7]),
        ("pro", Some(2_900), [10, 5, 200, 5_000, 100_000, 10_000, 25_000, 50_000, 30]),
        ("scale", Some(4_900), [30, 20, 1_000, 50_000, 1_000_000, 100_000, 250_000, 250_000, 60]),
        ("business", Some(9_900), [50, 50, 5_000, 100_000, 5_000_000, 500_000, 1_000_000, 500_000, 90]),
        ("enterprise", None, [NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 365]),
        ("team", Some(2_000), [10, 0, 200, 5_000, 100_000, 10_000, 25_000, 50_000, 30]),
    ];
    let catalogue = Catalogue::parse(SHIPPED).unwrap();
    for ((key, monthly_cents, of), plan) in list.into_iter().zip(catalogue.plans()) {
        let (kind, members) = match (key, limit(of[1])) {
            ("team", _) => (PlanKind::PerSeat, MemberLimit::Seats),
            (_, Limit::AtMost(most)) => (PlanKind::Flat, MemberLimit::AtMost(most)),
            (_, Limit::Unlimited) => (PlanKind::Contract, MemberLimit::Unlimited),
        };
        assert_eq!((plan.key.as_str(), plan.kind, plan.monthly_cents), (key, kind, monthly_cents));
        assert_eq!(plan.limits, Some(limits(of, members)), "{key}");
    }
    let pass = catalogue.plan("pass").unwrap();
    assert_eq!((pass.kind, pass.monthly_cents, &pass.limits), (PlanKind::Individual, Some(999), &None));
    assert_eq!(pass.price_cents(Interval::Annual), Some(9_990));
    assert_eq!(catalogue.plans().len(), 7);
    assert!(catalogue.plans().iter().all(|plan| plan.is_active));
}

#[test]
fn requests_a_minute_go_by_the_plan_and_are_no_part_of_what_is_bought() {
    let catalogue = Catalogue::parse(SHIPPED).unwrap();
    let limits =
        ["free", "pro", "business", "enterprise", "gone"].map(|key| catalogue.requests_per_minute(key));
    assert_eq!(limits, [60, 300, 1000, NONE, 60].map(limit));
    let fault =
        Catalogue::parse(&SHIPPED.replacen("requests_per_minute = 60", "requests_per_minute = -2", 1));
    assert!(fault.unwrap_err().to_string().contains("`-2` is no limit"));
}

#[test]
fn each_shipped_plan_has_the_features_that_the_contract_says() {
    let catalogue = Catalogue::parse(SHIPPED).unwrap();
    let features = |key: &str| catalogue.plan(key).map(|plan: &PlanTerms| plan.features.join(" ")).unwrap();
    assert_eq!(features("free"), "basic_permissions audit_logs");
    assert_eq!(features("pro"), "advanced_permissions approval_workflows webhooks priority_support");
    assert_eq!(features("team"), features("pro"));
    assert_eq!(features("scale"), format!("{} sso", features("pro")));
    assert_eq!(features("business"), format!("{} custom_retention audit_export", features("scale")));
    assert_eq!(features("enterprise"), format!("{} dedicated_support sla self_hosted", features("business")));
    assert_eq!(features("pass"), "");
    assert_eq!(catalogue.plan("pro").unwrap().description, "For growing teams");
}
