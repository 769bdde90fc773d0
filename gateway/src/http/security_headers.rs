//! Headers that narrow what a browser does with our responses.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a response that is not a page may do: nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
/// What our pages may do: their one stylesheet, forms to ourselves. No script.
pub const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// What the documentation browser needs: its own scripts, styles that it writes, and our APIs.
pub const DOCS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// Two years, as the preload list asks.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

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
