//! Whether a browser's write comes from our own pages.

use axum::http::{HeaderMap, Method, header};
use bursar_kernel::{DomainError, Result};

use super::codes;

/// Refuses a write whose `Origin` is not `public_url` (an origin: scheme, host and port). Reads
/// need none: they change nothing, and another site cannot see the answer.
///
/// # Errors
/// `origin_refused`.
pub fn check(method: &Method, headers: &HeaderMap, public_url: &str) -> Result<()> {
    if method.is_safe() {
        return Ok(());
    }
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    if origin.is_some_and(|origin| origin.eq_ignore_ascii_case(public_url)) {
        Ok(())
    } else {
        Err(DomainError::from(&codes::ORIGIN_REFUSED))
    }
}

/// Refuses a request under a host name that is neither this machine nor `public_url`'s: a page
/// elsewhere whose name was made to point here (DNS rebinding) sends its own.
///
/// # Errors
/// `host_refused`.
pub fn check_host(headers: &HeaderMap, public_url: &str) -> Result<()> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = without_port(host);
    let ours = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    let is_this_machine =
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own));
    if is_this_machine || name.eq_ignore_ascii_case(without_port(ours)) {
        Ok(())
    } else {
        Err(DomainError::from(&codes::HOST_REFUSED))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_write_needs_our_own_origin_and_a_read_none() {
        let ours = "https://pay.example.com";
        assert!(check(&Method::GET, &HeaderMap::new(), ours).is_ok());
        assert!(check(&Method::POST, &headers(header::ORIGIN, ours), ours).is_ok());
        for other in ["null", "https://example.com", "http://pay.example.com", "https://pay.example.com.evil"]
        {
            assert!(check(&Method::POST, &headers(header::ORIGIN, other), ours).is_err(), "{other}");
        }
        assert!(check(&Method::DELETE, &HeaderMap::new(), ours).is_err());
    }

    #[test]
    fn a_rebound_host_name_is_refused() {
        let public_url = "http://dev.internal:8080";
        for good in ["localhost:8080", "127.0.0.1", "[::1]:8080", "dev.internal:8080", "LOCALHOST"] {
            assert!(check_host(&headers(header::HOST, good), public_url).is_ok(), "{good}");
        }
        for bad in ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil", ""] {
            assert!(check_host(&headers(header::HOST, bad), public_url).is_err(), "{bad}");
        }
    }
}
