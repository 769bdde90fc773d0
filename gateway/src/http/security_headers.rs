//! Headers that narrow what a browser does with our responses.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a response that is not a page may do: nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
/// What our pages may do: their one stylesheet, forms to ourselves. No script.
pub const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// Our pages name themselves to us and to nobody else. With `no-referrer` browsers write
/// `Origin: null` above a form, and nobody could tell that it is ours.
pub const PAGE_REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
/// What the documentation may do besides: its one script, calls of our APIs. It sends no form.
pub const DOCS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
);
/// Two years, as the preload list asks.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// What a page may do whose form's answer leads elsewhere, in the policy's word for the place.
#[must_use]
pub fn page_leading_to(place: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {place}; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Adds them. A page has set its own policy already.
pub fn add(headers: &mut HeaderMap, is_https: bool) {
    let set = |headers: &mut HeaderMap, name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(headers, header::CONTENT_SECURITY_POLICY, NOTHING);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set(headers, header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    set(headers, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Balances and secrets stay out of every cache; assets say otherwise themselves.
    set(headers, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_https {
        set(headers, header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
