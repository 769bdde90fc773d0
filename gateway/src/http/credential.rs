//! Finds the one credential of a request. Whether it is good is asked elsewhere.

use axum::http::{HeaderMap, HeaderName, header};
use bursar_kernel::{DomainError, Result, Secret};

use super::{codes, cookie};

/// The header of an API key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Longer than any token that we make or take.
const MAX_LENGTH: usize = 8 * 1024;

/// What a request shows to say who calls.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `Authorization: Bearer`, without a provider's tag: a token or an API key.
    Bearer(Secret<String>),
    /// `X-API-Key`.
    ApiKey(Secret<String>),
    /// The session cookie: a person's browser.
    Cookie(Secret<String>),
    /// Nothing.
    None,
}

/// The credential of a request. The same secret as bearer and as `X-API-Key` is one credential;
/// two different ones are refused, whichever of them is good.
///
/// # Errors
/// `credentials_ambiguous`, `credential_malformed`.
pub fn find(headers: &HeaderMap, provider_tags: &[String]) -> Result<Credential> {
    let bearer = one(headers, &header::AUTHORIZATION)?.map(|text| bearer(text, provider_tags)).transpose()?;
    let api_key = one(headers, &API_KEY)?;
    let cookie = cookie::session(headers)?;
    match (bearer, api_key, cookie) {
        (None, None, None) => Ok(Credential::None),
        (Some(bearer), None, None) => secret(bearer).map(Credential::Bearer),
        (Some(bearer), Some(api_key), None) if bearer == api_key => secret(bearer).map(Credential::Bearer),
        (None, Some(api_key), None) => secret(api_key).map(Credential::ApiKey),
        (None, None, Some(cookie)) => secret(cookie).map(Credential::Cookie),
        _ => Err(DomainError::from(&codes::CREDENTIALS_AMBIGUOUS)),
    }
}

/// Whether a request shows anything at all, good or bad.
#[must_use]
pub fn is_shown(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
        || headers.contains_key(API_KEY)
        || !matches!(cookie::session(headers), Ok(None))
}

fn malformed() -> DomainError {
    DomainError::from(&codes::CREDENTIAL_MALFORMED)
}

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.any(|other| other != value) {
        return Err(DomainError::from(&codes::CREDENTIALS_AMBIGUOUS));
    }
    value.to_str().map(|text| Some(text.trim())).map_err(|_| malformed())
}

fn bearer<'a>(text: &'a str, provider_tags: &[String]) -> Result<&'a str> {
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed());
    }
    Ok(untagged(token.trim(), provider_tags))
}

/// A token without the provider's tag that clients write before it. The tag carries no trust.
#[must_use]
pub fn untagged<'a>(token: &'a str, provider_tags: &[String]) -> &'a str {
    let tagged = token.split_once(':').filter(|(tag, _)| provider_tags.iter().any(|known| known == tag));
    tagged.map_or(token, |(_, token)| token)
}

fn secret(text: &str) -> Result<Secret<String>> {
    let sane = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if sane { Ok(Secret::new(text.to_owned())) } else { Err(malformed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[(&'static str, &'static str)]) -> std::result::Result<String, &'static str> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect::<HeaderMap>();
        match find(&headers, &["workos".to_owned()]) {
            Ok(Credential::Bearer(secret)) => Ok(format!("bearer {}", secret.expose())),
            Ok(Credential::ApiKey(secret)) => Ok(format!("key {}", secret.expose())),
            Ok(Credential::Cookie(secret)) => Ok(format!("cookie {}", secret.expose())),
            Ok(Credential::None) => Ok("none".to_owned()),
            Err(error) => Err(error.code()),
        }
    }

    #[test]
    fn each_place_is_found_and_a_known_tag_is_stripped() {
        assert_eq!(found(&[]), Ok("none".into()));
        assert_eq!(found(&[("authorization", "Bearer abc")]), Ok("bearer abc".into()));
        assert_eq!(found(&[("authorization", "bearer workos:abc")]), Ok("bearer abc".into()));
        assert_eq!(found(&[("authorization", "Bearer other:abc")]), Ok("bearer other:abc".into()));
        assert_eq!(found(&[("x-api-key", "sk_1")]), Ok("key sk_1".into()));
        assert_eq!(found(&[("cookie", "a=b; bursar_session=s1; c=d")]), Ok("cookie s1".into()));
    }

    #[test]
    fn two_different_credentials_are_refused_and_the_same_twice_is_one() {
        let ambiguous = Err("credentials_ambiguous");
        assert_eq!(found(&[("authorization", "Bearer a"), ("x-api-key", "b")]), ambiguous);
        assert_eq!(found(&[("authorization", "Bearer a"), ("cookie", "bursar_session=s")]), ambiguous);
        assert_eq!(found(&[("x-api-key", "a"), ("cookie", "bursar_session=s")]), ambiguous);
        assert_eq!(found(&[("cookie", "bursar_session=s; bursar_session=t")]), ambiguous);
        assert_eq!(found(&[("authorization", "Bearer a"), ("x-api-key", "a")]), Ok("bearer a".into()));
    }

    #[test]
    fn a_session_is_found_beside_cookies_that_are_no_ascii() {
        let found = |value: &'static [u8]| {
            let value = axum::http::HeaderValue::from_bytes(value).unwrap();
            match find(&HeaderMap::from_iter([(header::COOKIE, value)]), &[]) {
                Ok(Credential::Cookie(secret)) => secret.expose().clone(),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(found("theme=blå; bursar_session=s1".as_bytes()), "s1");
        assert_eq!(found(b"bursar_session=s1; a=\xff"), "s1");
        assert!(found(b"bursar_session=s1; bursar_session=\xff").contains("credentials_ambiguous"));
        for malformed in [b"bursar_session=\xff".as_slice(), "bursar_session=å".as_bytes()] {
            assert!(found(malformed).contains("credential_malformed"), "{malformed:?}");
        }
    }

    #[test]
    fn what_is_no_credential_by_its_form_is_refused_and_not_ignored() {
        for text in ["Basic YTpi", "Bearer", "Bearer ", "abc", "Bearer a b", "Bearer workos:"] {
            assert_eq!(found(&[("authorization", text)]), Err("credential_malformed"), "{text}");
        }
        assert_eq!(found(&[("x-api-key", "")]), Err("credential_malformed"));
    }
}
