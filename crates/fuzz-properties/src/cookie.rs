//! Credentials in headers, the session cookie among them: one is found, or none, or the request is
//! refused; never one of two.

use bursar_gateway::http::{
    codes::{CREDENTIAL_MALFORMED, CREDENTIALS_AMBIGUOUS},
    cookie,
    credential::{self, Credential},
};
use bursar_kernel::Secret;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, COOKIE},
};

use crate::{choices::Choices, edit::edited};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const TAG: &str = "workos";
/// What a credential may be long: the limit that `docs/operations.md` names.
const MAX_LENGTH: usize = 8 * 1024;
const MAX_HEADERS: usize = 6;
const SECRETS: [&str; 3] = ["one-secret", "other_secret", "a.b.c"];

/// What is found stands in its header as it is, within its limits, and beside it there is nothing
/// else that could be meant; a good cookie is found whatever cookies stand beside it.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    match choices.below(4) {
        0 => a_good_cookie_is_found_among_others(&mut choices),
        1 => judged(&HeaderMap::from_iter(header(COOKIE, choices.rest()))),
        2 => judged(&HeaderMap::from_iter(header(AUTHORIZATION, choices.rest()))),
        _ => judged(&put_together(&mut choices)),
    }
}

/// None when these bytes are no header value: no server would hand them on.
fn header(name: HeaderName, value: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::from_bytes(value).ok().map(|value| (name, value))
}

fn put_together(choices: &mut Choices<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for _ in 0..choices.below(MAX_HEADERS + 1) {
        let name = choices.one_of(&[&AUTHORIZATION, &API_KEY, &COOKIE]).clone();
        let start = match (choices.below(8), &name) {
            (0, _) => "",
            (1, _) => "bursar_session=",
            (2, _) => "bearer  workos:",
            (_, name) if name == COOKIE => "a=b; bursar_session=",
            (_, name) if name == AUTHORIZATION => "Bearer ",
            _ => "",
        };
        let end = match choices.below(8) {
            0 => choices.slice().to_vec(),
            1 => vec![b'x'; MAX_LENGTH + choices.below(2)],
            _ => choices.one_of(&SECRETS).as_bytes().to_vec(),
        };
        let value = [start.as_bytes(), &end].concat();
        let value = if choices.one_in(4) { edited(&value, choices) } else { value };
        if let Some((name, value)) = header(name, &value) {
            headers.append(name, value);
        }
    }
    headers
}

fn a_good_cookie_is_found_among_others(choices: &mut Choices<'_>) {
    let graphic = |byte: &u8| byte.is_ascii_graphic() && *byte != b';';
    let secret: Vec<u8> = choices.slice().iter().copied().filter(graphic).chain(*b"s").collect();
    let ours = [b"bursar_session=", secret.as_slice()].concat();
    let mut pairs = vec![ours];
    while !choices.is_over() {
        let other = choices.slice();
        if !is_ours(other) && !other.contains(&b';') && HeaderValue::from_bytes(other).is_ok() {
            pairs.push(other.to_vec());
        }
    }
    let place = usize::from(secret[0]) % pairs.len();
    pairs.swap(0, place);
    let headers = HeaderMap::from_iter(header(COOKIE, &pairs.join(&b"; "[..])));
    let found = credential::find(&headers, &[]);
    let Ok(Credential::Cookie(found)) = found else { panic!("{found:?} in {headers:?}") };
    assert_eq!(found.expose().as_bytes(), secret, "{headers:?}");
}

fn judged(headers: &HeaderMap) {
    let credential = credential::find(headers, &[TAG.to_owned()]);
    let bearers = values(headers, &AUTHORIZATION);
    let keys = values(headers, &API_KEY);
    let sessions = sessions(headers);
    match &credential {
        Ok(Credential::None) => assert!(bearers.is_empty() && keys.is_empty() && sessions.is_empty()),
        Ok(Credential::Bearer(secret)) => {
            let secret = sane(secret);
            assert!(!bearers.is_empty() && sessions.is_empty());
            assert!(bearers.iter().all(|value| is_bearer(value, secret)), "{bearers:?}");
            assert!(keys.iter().all(|value| *value == secret), "{keys:?}");
        }
        Ok(Credential::ApiKey(secret)) => {
            let secret = sane(secret);
            assert!(!keys.is_empty() && bearers.is_empty() && sessions.is_empty());
            assert!(keys.iter().all(|value| *value == secret), "{keys:?}");
        }
        Ok(Credential::Cookie(secret)) => {
            let secret = sane(secret);
            assert!(!sessions.is_empty() && bearers.is_empty() && keys.is_empty());
            assert!(sessions.iter().all(|value| *value == secret), "{sessions:?}");
        }
        Err(refused) => {
            assert!(refused.is(&CREDENTIALS_AMBIGUOUS) || refused.is(&CREDENTIAL_MALFORMED), "{refused:?}");
        }
    }
}

fn sane(secret: &Secret<String>) -> &[u8] {
    let secret = secret.expose().as_bytes();
    assert!((1..=MAX_LENGTH).contains(&secret.len()), "{} bytes", secret.len());
    assert!(secret.iter().all(u8::is_ascii_graphic), "{secret:?}");
    secret
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a [u8]> {
    headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).collect()
}

/// Every session that any cookie header names.
fn sessions(headers: &HeaderMap) -> Vec<&[u8]> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(session).collect()
}

fn session(pair: &[u8]) -> Option<&[u8]> {
    pair.trim_ascii().strip_prefix(cookie::NAME.as_bytes())?.strip_prefix(b"=")
}

fn is_ours(pair: &[u8]) -> bool {
    session(pair).is_some()
}

/// The scheme, spaces, perhaps the provider's tag, and nothing but the secret.
fn is_bearer(value: &[u8], secret: &[u8]) -> bool {
    let Some((scheme, rest)) = value.split_at_checked(b"bearer ".len()) else { return false };
    let token = rest.trim_ascii();
    let untagged = token.strip_prefix(TAG.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
    scheme.eq_ignore_ascii_case(b"bearer ") && untagged.unwrap_or(token) == secret
}
