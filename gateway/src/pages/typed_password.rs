//! A password that is right, on its way through the page that asks for a code: sealed, so that a
//! person types it once and no page shows it.

use std::time::Duration;

use bursar_kernel::{Result, Sealer, Secret, UnixTimestamp};

use crate::state::AppState;

/// As long as it takes to find one's telephone.
const GOOD_FOR: Duration = Duration::from_mins(5);

/// The text of a hidden field. It is good for this address and for five minutes, and together with
/// a code only.
pub(super) fn seal(state: &AppState, email: &str, password: &Secret<String>) -> Result<String> {
    let until = state.db.reader().now().after(GOOD_FOR);
    let sealed =
        sealer(state).seal(state.db.entropy().as_ref(), &row(until, email), password.expose().as_bytes())?;
    Ok(format!("{}~{sealed}", until.micros()))
}

/// The password behind such a text; `None` for any other text, and for one that is too old.
pub(super) fn open(state: &AppState, email: &str, text: &str) -> Option<Secret<String>> {
    let (until, sealed) = text.split_once('~')?;
    let until = UnixTimestamp::from_micros(until.parse().ok()?);
    if until < state.db.reader().now() {
        return None;
    }
    let password = sealer(state).open(&row(until, email), sealed).ok()?;
    String::from_utf8(password.to_vec()).ok().map(Secret::new)
}

fn sealer(state: &AppState) -> Sealer {
    Sealer::new(&state.config.master_key, &state.config.older_master_keys)
}

/// What it is sealed to: with another address or another end it does not open.
fn row(until: UnixTimestamp, email: &str) -> String {
    format!("typed_password:{}:{}", until.micros(), email.to_lowercase())
}
