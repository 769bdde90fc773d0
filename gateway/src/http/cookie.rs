//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use bursar_kernel::{DomainError, Result, Secret};

use super::codes;

/// Its name.
pub const NAME: &str = "bursar_session";

/// The session cookie of a request.
///
/// # Errors
/// `credentials_ambiguous` when there are two different ones: a sibling domain may have set one.
pub fn session(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut found = None;
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    for pair in pairs.flat_map(|value| value.split(';')) {
        let Some((NAME, value)) = pair.trim().split_once('=') else { continue };
        if found.is_some_and(|other| other != value) {
            return Err(DomainError::from(&codes::CREDENTIALS_AMBIGUOUS));
        }
        found = Some(value);
    }
    Ok(found)
}

/// The `Set-Cookie` value that opens a session. It lives as long as the browser does; the server
/// decides when it ends.
///
/// # Errors
/// `internal` when the secret is no cookie value, which ours always are.
pub fn open(secret: &Secret<String>, https_only: bool) -> Result<HeaderValue> {
    set(secret.expose(), "", https_only)
}

/// The `Set-Cookie` value that takes it away.
///
/// # Errors
/// Never in practice: the text is fixed.
pub fn close(https_only: bool) -> Result<HeaderValue> {
    set("", "; Max-Age=0", https_only)
}

fn set(value: &str, more: &str, https_only: bool) -> Result<HeaderValue> {
    let secure = if https_only { "; Secure" } else { "" };
    let text = format!("{NAME}={value}; HttpOnly; SameSite=Lax; Path=/{secure}{more}");
    let mut header = HeaderValue::try_from(text).map_err(DomainError::internal)?;
    header.set_sensitive(true);
    Ok(header)
}
