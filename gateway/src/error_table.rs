//! Every failure that there is, in every family's words: what `docs/errors.md` says.
//!
//! It is made by the code that answers requests, so it cannot say anything else.

use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use axum::{
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
};
use bursar_kernel::Code;
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;

use crate::http::{
    codes,
    failure::{self, Context, Failure},
    family::Family,
};

/// The codes, by the crate that declares them.
const DECLARED: &[(&str, &[&Code])] = &[
    ("bursar-kernel", bursar_kernel::codes::ALL),
    ("bursar-identity", bursar_identity::error::ALL),
    ("bursar-orgs-and-membership", bursar_orgs_and_membership::error::ALL),
    ("bursar-api-keys", bursar_api_keys::error::ALL),
    ("bursar-billing-ledger", bursar_billing_ledger::error::ALL),
    ("bursar-usage-metering", bursar_usage_metering::error::ALL),
    ("bursar-plans-and-contracts", bursar_plans_and_contracts::error::ALL),
    ("bursar-notifications", bursar_notifications::error::ALL),
    ("bursar-operations", bursar_operations::error::ALL),
    ("bursar-gateway", codes::ALL),
];

/// The families that word failures differently. Webhooks and pages speak as the platform does.
const FAMILIES: &[Family] = &[Family::Accounts, Family::Auth, Family::Organization, Family::Platform];

/// What clients are told beside the body.
const HEADERS: &[HeaderName] = &[header::RETRY_AFTER, header::WWW_AUTHENTICATE];

const CONTEXT: Context<'_> = Context { product_name: "Bursar", request_id: "req_0" };

const INTRODUCTION: &str = "\
# Errors

Written by `cargo xtask openapi` from the code that answers requests; `cargo xtask check` fails when it is out of date.

A code is stable for ever; a sentence may become clearer. Each family words a failure in its own shape: webhooks and pages in the platform's. The rules behind the shapes are in [api-design.md](api-design.md).

A sentence can say more than here: `invalid_field` names the field and its rule, `body_too_large` the limit. Where a number of seconds is known, `Retry-After` says it instead of the default shown here.
";

/// The whole document.
///
/// # Errors
/// When a failure cannot be worded.
pub fn document() -> anyhow::Result<String> {
    let mut text = INTRODUCTION.to_owned();
    for (package, codes) in DECLARED {
        write!(text, "\n## {package}\n")?;
        for code in *codes {
            write!(text, "\n### {}\n\n{:?}: {}\n", code.code, code.kind, code.sentence)?;
            text.push_str("\n| family | status | headers | body |\n|---|---|---|---|\n");
            for &family in FAMILIES {
                let worded = failure::render(Failure::from(*code).into_response(), family, CONTEXT);
                write_row(&mut text, family, worded).context(code.code)?;
            }
        }
    }
    Ok(text)
}

fn write_row(text: &mut String, family: Family, worded: Response) -> anyhow::Result<()> {
    let (parts, body) = worded.into_parts();
    let mut told = Vec::new();
    for name in HEADERS {
        if let Some(value) = parts.headers.get(name) {
            told.push(format!("`{name}: {}`", value.to_str()?));
        }
    }
    // Nothing in it waits: it is bytes in memory.
    let body = body.collect().now_or_never().context("a failure's body has to be waited for")??.to_bytes();
    let body = std::str::from_utf8(&body)?;
    ensure!(!body.contains(['|', '`', '\n']), "{body} would break the table");
    let (family, status) = (family.as_str(), parts.status.as_u16());
    writeln!(text, "| {family} | {status} | {} | `{body}` |", told.join(", "))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> impl Iterator<Item = &'static Code> {
        DECLARED.iter().flat_map(|(_, codes)| codes.iter().copied())
    }

    #[test]
    fn no_two_failures_have_one_code() {
        let mut seen = BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.code), "{} is declared twice", code.code);
        }
    }

    #[test]
    fn a_code_is_a_snake_case_word_and_its_sentence_stands_alone() {
        for Code { code, sentence, .. } in all() {
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
            assert!(!sentence.is_empty() && !sentence.ends_with(['.', ' ']), "{code}: {sentence}");
        }
    }

    #[test]
    fn every_failure_has_words_in_every_family() {
        let document = document().unwrap();
        for Code { code, .. } in all() {
            assert!(document.contains(&format!("\n### {code}\n")), "{code}");
        }
        let rows = document
            .lines()
            .filter(|line| ["| a", "| o", "| pl"].iter().any(|family| line.starts_with(family)));
        assert_eq!(rows.count(), all().count() * FAMILIES.len());
    }
}
