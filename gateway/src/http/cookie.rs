//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use bursar_kernel::{DomainError, Result, Secret};

use super::codes;

/// Its name.
pub const NAME: &str = "bursar_session";

/// The session cookie of a request. Cookies of others stand in the same header, and browsers send
/// whatever bytes they hold: those are passed over one by one.
///
/// # Errors
/// `credentials_ambiguous` when there are two different ones: a sibling domain may have set one.
/// `credential_malformed` when its own bytes are no text.
pub fn session(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut found = None;
    let values = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    for pair in values.flat_map(|value| value.split(|byte| *byte == b';')) {
        let Some(rest) = pair.trim_ascii().strip_prefix(NAME.as_bytes()) else { continue };
        let Some(value) = rest.strip_prefix(b"=") else { continue };
        if found.is_some_and(|other| other != value) {
            return Err(DomainError::from(&codes::CREDENTIALS_AMBIGUOUS));
        }
        found = Some(value);
    }
    let malformed = |_| DomainError::from(&codes::CREDENTIAL_MALFORMED);
    found.map(|value| std::str::from_utf8(value).map_err(malformed)).transpose()
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
